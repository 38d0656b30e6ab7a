// Runs a Worker on the embedded runtime, miniflare with workerd (decision 0048). Never reads .dev.vars or .env, so a run
// depends only on the Worker's configuration and the flags.
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Log, LogLevel, Miniflare, convertV4MiniflareOptions, type V4WorkerOptions } from "miniflare";
import { quietEnvironment } from "./runtime-environment.ts";
import type { WorkerParts } from "./worker-parts.ts";
import { onWorkerdExit, type WorkerdExit } from "./workerd-exits.ts";

/** How long a start may take. A Worker whose runtime cannot start never becomes ready. */
const READY_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 5_000;

export interface RuntimeOptions {
  parts: Pick<WorkerParts, "options" | "code" | "vars">;
  port: number;
  stateDir: string;
  /** Vars that override those of the configuration, and secrets. */
  vars: Record<string, unknown>;
  /** Called at once when a workerd process ends unexpectedly. */
  onWorkerdExit?: (exit: WorkerdExit) => void;
}

export interface Runtime {
  /** The URL of the Worker, without a trailing slash. */
  url: string;
  stop(): Promise<void>;
}

/** @throws Error when the Worker throws at its start, or the runtime does not become ready. */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { code, options: workerOptions, vars } = options.parts;
  const worker = {
    ...workerOptions,
    bindings: { ...vars, ...options.vars },
    modules: [{ type: "ESModule", path: "worker.js", contents: code }],
    modulesRoot: "/",
  } as V4WorkerOptions;
  quietEnvironment();
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: "127.0.0.1",
      port: options.port,
      // `wrangler dev --persist-to` uses the same folder.
      resourcePersistencePath: join(options.stateDir, "v3"),
      logRequests: false,
      log: new Log(LogLevel.WARN),
      handleStructuredLogs: writeLogLine,
      telemetry: { enabled: false },
      workers: [worker],
    }),
  );
  const stop = async () => {
    onWorkerdExit(null);
    // A stop that hangs must not block the caller. The caller ends remaining processes by their token.
    await Promise.race([miniflare.dispose().catch(() => {}), wait(STOP_LIMIT_MS, undefined, { ref: false })]);
  };
  try {
    const url = await Promise.race([ready(miniflare), limit()]);
    onWorkerdExit(options.onWorkerdExit ?? null);
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Waits until the Worker answers a request. Only an HTTP response shows that the Worker's code runs. */
async function ready(miniflare: Miniflare): Promise<string> {
  const url = String(await miniflare.ready).replace(/\/$/, "");
  const answer = await fetch(`${url}/health`);
  await answer.text();
  return url;
}

async function limit(): Promise<never> {
  await wait(READY_LIMIT_MS, undefined, { ref: false });
  throw new Error(`the Worker was not ready after ${READY_LIMIT_MS / 1_000} s`);
}

/** Prints one line for each console call of the Worker. Errors and warnings go to stderr. */
export function writeLogLine(log: { level: string; message: string }): void {
  const stream = log.level === "error" || log.level === "warn" ? process.stderr : process.stdout;
  stream.write(`${log.message}\n`);
}
