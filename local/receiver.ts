// The fake partner from the command line. Flags in, a running receiver/server.ts out; tests and the demo import it here.
import { parseArgs } from "node:util";
import { Receiver, type ReceiverOptions } from "./receiver/server.ts";

export { Receiver, type ReceiverOptions } from "./receiver/server.ts";
export type { Behaviour, Rule } from "./receiver/behaviour.ts";
export type { ReceiverStats, RequestLog } from "./receiver/tally.ts";

const USAGE = `usage: node local/receiver.ts --uri /path --key KEY [--port P] [--control-port P] [--latency MS|MIN-MAX] [--behaviour JSON]
  --port P           on 127.0.0.1 (default 8790; 0 = any free one)
  --control-port P   where /_control answers even while connections are refused (default: any free one)
  --latency          milliseconds before each answer, fixed or a range
  --behaviour JSON   e.g. '{"rules":[{"do":"status","status":503,"probability":0.1,"retry_after":"2"}]}'
control: GET, POST, DELETE /_control; GET /_control/rays; GET /_control/requests`;

function readOptions(args: string[]): ReceiverOptions {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: "string", default: "8790" },
      "control-port": { type: "string", default: "0" },
      uri: { type: "string" },
      key: { type: "string" },
      latency: { type: "string", default: "0" },
      behaviour: { type: "string", default: "{}" },
    },
  });
  if (!values.uri?.startsWith("/")) throw new Error("--uri needs a path that begins with /");
  if (!values.key) throw new Error("--key is needed");
  const [, min, max] = /^(\d+)(?:-(\d+))?$/.exec(values.latency) ?? [];
  if (min === undefined) throw new Error("--latency needs MS or MIN-MAX");
  const latency = max === undefined ? Number(min) : ([Number(min), Number(max)] satisfies [number, number]);
  return {
    port: Number(values.port),
    controlPort: Number(values["control-port"]),
    uri: values.uri,
    key: values.key,
    behaviour: { latency_ms: latency, ...JSON.parse(values.behaviour) },
  };
}

async function main(): Promise<void> {
  let options: ReceiverOptions;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`receiver: ${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    process.exitCode = 2;
    return;
  }
  const receiver = await Receiver.start(options);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void receiver.stop());
  console.log(`ready on ${receiver.url}${options.uri}, control on ${receiver.controlUrl}`);
}

if (import.meta.main) await main();
