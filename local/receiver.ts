// The command that runs the fake partner, receiver/server.ts. Tests and the demo import the receiver from
// here.
import { flagsOf, onOrphaned, portFlag, readFlags, UsageError } from "./command-line.ts";
import { BehaviourError, readBehaviour } from "./receiver/read-behaviour.ts";
import type { Behaviour } from "./receiver/behaviour.ts";
import { Receiver, type ReceiverOptions } from "./receiver/server.ts";

export { Receiver, type ReceiverOptions } from "./receiver/server.ts";
export type { Behaviour, Rule } from "./receiver/behaviour.ts";
export type { ReceiverStats, RequestLog } from "./receiver/tally.ts";

const USAGE = `usage: npm run receiver -- --uri /path --key KEY [--port P] [--control-port P] [--latency MS|MIN-MAX] [--behaviour JSON]
  --uri /path        the path of the endpoint, as in CTYUN_URI_EDGE
  --key KEY          the signing key, as in CTYUN_PRIVATE_KEY
  --port P           on 127.0.0.1 (default 8790; 0 = any free one)
  --control-port P   where /_control answers even while connections are refused (default: any free one)
  --latency          milliseconds before each answer, fixed or a range
  --behaviour JSON   e.g. '{"rules":[{"do":"status","status":503,"probability":0.1,"retry_after":"2"}]}'
  --help             shows this text
control: GET, POST, DELETE /_control; GET /_control/rays; GET /_control/requests`;

function readOptions(args: string[]): ReceiverOptions {
  const values = readFlags(args, {
    port: { type: "string", default: "8790" },
    "control-port": { type: "string", default: "0" },
    uri: { type: "string" },
    key: { type: "string" },
    latency: { type: "string" },
    behaviour: { type: "string", default: "{}" },
  });
  if (!values.uri?.startsWith("/")) throw new UsageError("--uri needs a path that begins with /");
  if (!values.key) throw new UsageError("--key is needed");
  const latency = values.latency === undefined ? {} : { latency_ms: latencyOf(values.latency) };
  return {
    port: portFlag("--port", values.port),
    controlPort: portFlag("--control-port", values["control-port"]),
    uri: values.uri,
    key: values.key,
    behaviour: { ...latency, ...behaviourOf(values.behaviour) },
  };
}

function latencyOf(text: string): NonNullable<Behaviour["latency_ms"]> {
  const [, min, max] = /^(\d{1,8})(?:-(\d{1,8}))?$/.exec(text) ?? [];
  if (min === undefined || Number(max ?? min) < Number(min)) {
    throw new UsageError(`--latency needs MS or MIN-MAX, not "${text}"`);
  }
  return max === undefined ? Number(min) : [Number(min), Number(max)];
}

function behaviourOf(text: string): Behaviour {
  try {
    return readBehaviour(JSON.parse(text));
  } catch (error) {
    if (error instanceof BehaviourError) throw new UsageError(`--behaviour: ${error.message}`);
    throw new UsageError("--behaviour needs JSON");
  }
}

function fail(error: unknown): never {
  console.error(`receiver: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}

async function main(): Promise<void> {
  const options = flagsOf({ name: "receiver", usage: USAGE }, readOptions);
  const receiver = await Receiver.start({ ...options, onLost: fail }).catch(fail);
  const end = () => void receiver.stop().then(() => process.exit(0));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, end);
  onOrphaned(end);
  // The process that reads this output may have ended. This is no failure.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  console.log(`ready on ${receiver.url}${options.uri}, control on ${receiver.controlUrl}`);
}

if (import.meta.main) await main();
