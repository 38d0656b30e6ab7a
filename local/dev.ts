// Runs the stack on one machine: the Worker of wrangler.toml on the embedded runtime, with its state on disk. This
// file defines the order of a start (flags, lock, leftover processes, logs, Worker, "ready") and of an end. Reloads
// only with --watch. Listens only on 127.0.0.1 and contacts no other machine. Ends processes that a killed instance
// left, but never an instance that still runs.
import { mkdir } from "node:fs/promises";
import { createServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { flagsOf, onOrphaned, UsageError } from "./command-line.ts";
import { DEV_USAGE, parseDevFlags } from "./dev/flags.ts";
import {
  amendInstance, endLeftovers, forgetInstance, guardChildren, recordInstance, releaseChildren,
} from "./dev/instance.ts"; // prettier-ignore
import { lockState, unlockState } from "./dev/lock.ts";
import type { Runtime } from "./dev/runtime.ts";
import { nextSteps, settingsOf, warningsOf } from "./dev/settings.ts";
import { logsBucketOf, workerParts, type WorkerParts } from "./dev/worker-parts.ts";
import { onlyOnSignal } from "./dev/signals.ts";
import { exitText, killRuntimes, type WorkerdExit } from "./dev/workerd-exits.ts";

/** How long to wait for a free port. A process that was just killed may hold its port a little longer. */
const PORT_LIMIT_MS = 3_000;
/** The runtime fires no alarm while the machine's clock is set back. A request makes every run read the clock. */
const POKE_EVERY_MS = 20_000;

/** Waits until the port is free, and fails with a short text that contains the port. The runtime would report a
 * port in use late and with a long text. */
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

const flags = flagsOf({ name: "dev", usage: DEV_USAGE }, parseDevFlags);

let runtime: Runtime | null = null;
let guard: ReturnType<typeof guardChildren> | null = null;
let ending = false;

/** Ends this process. Ends the children first, so that no child outlives this process. The state survives any
 * end. */
async function end(exitCode: number): Promise<never> {
  if (!ending) {
    ending = true;
    await amendInstance(flags.stateDir, { isEnding: true });
    await runtime?.stop();
    await releaseChildren();
    await forgetInstance(flags.stateDir);
    guard?.stdin?.write("done\n");
    unlockState();
    process.exit(exitCode);
  }
  return new Promise<never>(() => {});
}

/** The runtime would start another workerd during an orderly end. So this process ends at once, and the guard ends
 * the children. */
function endWithoutRuntime(exit: WorkerdExit): void {
  if (ending) return;
  console.error(`dev: ${exitText(exit)}; this instance ends. The state is kept: npm run dev goes on with it`);
  killRuntimes();
  process.exit(1);
}

onlyOnSignal(() => end(0));
onOrphaned(() => end(0));
if (flags.untilStdinEnds) process.stdin.on("end", () => void end(0)).resume();
// The process that reads this output may have ended (a closed terminal, a killed npm). This is no failure.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

/** The runtime wraps errors ("An error occurred when starting the server"). The causes contain the real message, so
 * this text includes them. */
function inFull(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}\n${inFull(error.cause)}`;
}

/** Makes a request. Any request pokes the registry, and the registry pokes the runs. A failed request is ignored,
 * because workerd-exits.ts notices a dead runtime. */
async function pokeRuns(): Promise<void> {
  if (runtime === null || ending) return;
  await fetch(`${runtime.url}/health`).catch(() => undefined);
}

/** Under --watch wrangler bundles the Worker itself, after each change. */
async function start(parts: WorkerParts): Promise<Runtime> {
  const options = { ...flags, onWorkerdExit: endWithoutRuntime };
  if (flags.watch) return (await import("./dev/watched-runtime.ts")).startWatched(options);
  return (await import("./dev/runtime.ts")).startRuntime({ ...options, parts });
}

function fail(error: unknown): Promise<never> {
  if (!ending) console.error(`dev: ${inFull(error)}`);
  return end(error instanceof UsageError ? 2 : 1);
}
process.on("uncaughtException", (error) => void fail(error));
process.on("unhandledRejection", (error) => void fail(error));

try {
  const parts = await workerParts(flags.configPath);
  const settings = settingsOf(parts, flags.vars);
  await mkdir(flags.stateDir, { recursive: true });
  await lockState(flags.stateDir);
  // Another project's Worker has no page.
  if (settings.vars !== null && !flags.isBuilt) await (await import("./build/build-dist.ts")).buildDist();
  const ended = await endLeftovers(flags.stateDir);
  if (ended > 0) console.log(`ended ${ended} process(es) that an earlier instance had left behind`);
  await waitForFreePort(flags.port);
  await recordInstance(flags.stateDir);
  guard = guardChildren();
  let keys: string[] = [];
  if (flags.logsDir !== null) {
    const { loadLogs } = await import("./dev/load-logs.ts");
    const loaded = await loadLogs(flags.logsDir, flags.stateDir, logsBucketOf(parts, flags.configPath));
    keys = loaded.keys;
    console.log(
      `${keys.length} log file(s) in the local bucket ${loaded.bucket}: ${loaded.put} put, ${loaded.unchanged} unchanged`,
    );
  }
  runtime = await start(parts);
  await amendInstance(flags.stateDir, { url: runtime.url });
  for (const warning of warningsOf(settings)) console.error(`warning: ${warning}`);
  console.log(`ready on ${runtime.url}`);
  setInterval(() => void pokeRuns(), POKE_EVERY_MS).unref();
  for (const line of nextSteps(runtime.url, settings, keys)) console.log(line);
} catch (error) {
  await fail(error);
}
