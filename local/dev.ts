// The stack on one machine: runs the Worker of wrangler.toml on the embedded runtime, with its state on disk.
// Owns: the order of a start (flags, leftovers, logs, Worker, "ready") and of an end. Never reloads by itself,
// never listens beyond 127.0.0.1, never talks to any other machine.
import { mkdir } from "node:fs/promises";
import { createServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { DevFlagsError, DEV_USAGE, parseDevFlags, type DevFlags } from "./dev/flags.ts";
import { endLeftovers, forgetInstance, recordInstance, releaseChildren } from "./dev/instance.ts";
import type { Runtime } from "./dev/runtime.ts";
import { onlyOnSignal, onOrphaned } from "./dev/signals.ts";

function readFlags(): DevFlags | null {
  try {
    return parseDevFlags(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof DevFlagsError)) throw error;
    console.error(`dev: ${error.message}\n\n${DEV_USAGE}`);
    return null;
  }
}

/** A process killed a moment ago may hold its port a little longer. */
const PORT_LIMIT_MS = 3_000;

/** The runtime's own message for a taken port comes late and is long; this one is early and names the port. */
async function waitForFreePort(port: number): Promise<void> {
  const deadline = Date.now() + PORT_LIMIT_MS;
  while (!(await isFree(port))) {
    if (Date.now() > deadline) throw new Error(`port ${port} on 127.0.0.1 is in use`);
    await wait(50);
  }
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  return new Promise((resolve, reject) => {
    probe.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(false) : reject(error),
    );
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}

const flags = readFlags();
if (flags === null) process.exit(2);

let runtime: Runtime | null = null;
let ending = false;

/** Ends the children first, so that nothing can outlive this process; the state survives any of it. */
async function end(exitCode: number): Promise<never> {
  if (!ending) {
    ending = true;
    await runtime?.stop();
    await releaseChildren();
    await forgetInstance(flags!.stateDir);
    process.exit(exitCode);
  }
  return new Promise<never>(() => {});
}

onlyOnSignal(() => end(0));
if (process.env["npm_lifecycle_event"] !== undefined) onOrphaned(() => end(0));
if (flags.untilStdinEnds) process.stdin.on("end", () => void end(0)).resume();
// Whoever read our output may be gone (a closed terminal, a killed npm): that is no reason to fail.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

/** The runtime wraps what went wrong ("An error occurred when starting the server"): the causes are the message. */
function inFull(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}\n${inFull(error.cause)}`;
}

function fail(error: unknown): Promise<never> {
  if (!ending) console.error(`dev: ${inFull(error)}`);
  return end(1);
}
process.on("uncaughtException", (error) => void fail(error));
process.on("unhandledRejection", (error) => void fail(error));

try {
  await mkdir(flags.stateDir, { recursive: true });
  const ended = await endLeftovers(flags.stateDir);
  if (ended > 0) console.log(`ended ${ended} process(es) that an earlier instance had left on this state`);
  await waitForFreePort(flags.port);
  await recordInstance(flags.stateDir);
  // Only now: wrangler takes a second to load, and a wrong flag should not wait for it.
  const { loadLogs } = await import("./dev/load-logs.ts");
  const { startRuntime } = await import("./dev/runtime.ts");
  if (flags.logsDir !== null) {
    const loaded = await loadLogs(flags.logsDir, flags.stateDir, flags.configPath);
    console.log(
      `${loaded.files} log file(s) in the local bucket ${loaded.bucket}: ${loaded.put} put, ${loaded.unchanged} unchanged`,
    );
  }
  runtime = await startRuntime({ ...flags, onCrash: fail });
  console.log(`ready on ${runtime.url}`);
} catch (error) {
  await fail(error);
}
