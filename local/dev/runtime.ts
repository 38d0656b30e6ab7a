// Runs a Worker on the embedded runtime through wrangler's unstable_startWorker (decision 0007). Owns the
// settings that keep a local run quiet, offline and fast. Never reads .dev.vars or .env, so a run depends only
// on wrangler.toml and the flags.
import { setTimeout as wait } from "node:timers/promises";
import { exitText, onWorkerdExit, type WorkerdExit } from "./workerd-exits.ts";

// wrangler reads these variables when it is loaded, so they are set before the import below.
Object.assign(process.env, {
  WRANGLER_SEND_METRICS: "false",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  X_LOCAL_OBSERVABILITY: "false",
  WRANGLER_HIDE_BANNER: "true",
  CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV: "false",
  WRANGLER_WRITE_LOGS: "false",
  // At the level "info" the queue emulator would write a line for each batch.
  WRANGLER_LOG: process.env["WRANGLER_LOG"] ?? "warn",
});
const { unstable_startWorker } = await import("wrangler");

/** How long a start may take. A Worker with a syntax error, or whose runtime cannot start, never becomes ready. */
const READY_LIMIT_MS = 60_000;

export interface RuntimeOptions {
  configPath: string;
  port: number;
  stateDir: string;
  vars: Record<string, string>;
  /** True: the Worker is reloaded when the sources or the configuration change. A failure after the start is then
   * only printed. */
  watch?: boolean;
  /** Called at most once, when the runtime reports a permanent error. */
  onCrash?: (error: Error) => unknown;
  /** Called at once when a workerd process ends unexpectedly. */
  onWorkerdExit?: (exit: WorkerdExit) => void;
}

export interface Runtime {
  /** The URL of the Worker, without a trailing slash. */
  url: string;
  stop(): Promise<void>;
}

export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const worker = await unstable_startWorker({
    config: options.configPath,
    // wrangler does not read .dev.vars when this list is not empty.
    envFiles: ["/dev/null"],
    // The caller has built the page. Under --watch, wrangler builds it again after each change.
    ...(options.watch ? {} : { build: { custom: { command: "" } } }),
    bindings: Object.fromEntries(
      Object.entries(options.vars).map(([name, value]) => [name, { type: "plain_text", value }]),
    ),
    dev: {
      server: { hostname: "127.0.0.1", port: options.port },
      persist: options.stateDir,
      watch: options.watch ?? false,
      remote: false,
      inspector: false,
      structuredLogsHandler: writeLogLine,
    },
  });
  const stop = async () => {
    onWorkerdExit(null);
    // A stop that hangs must not block the caller. The caller ends remaining processes by their token.
    await Promise.race([worker.dispose().catch(() => {}), wait(5_000, undefined, { ref: false })]);
  };
  let ready = false;
  const failure = new Promise<never>((_, reject) => {
    const failed = (error: Error) => {
      // Under --watch the next change of the sources may mend the error.
      if (options.watch && ready) process.stderr.write(`${error.message}; waiting for a change\n`);
      else reject(error);
    };
    worker.raw.on("error", (event: { reason?: string; message?: string; cause?: Error }) => {
      const reason = event.reason ?? event.message ?? "unknown reason";
      failed(new Error(`the Worker does not run: ${reason}`, { cause: event.cause }));
    });
    // The errors are already printed.
    worker.raw.on("buildFailed", () => failed(new Error("the Worker could not be built")));
  });
  worker.raw.on("reloadComplete", () => ready && process.stdout.write("reloaded\n"));
  failure.catch((error: Error) => ready && options.onCrash?.(error));
  try {
    const limit = wait(READY_LIMIT_MS, undefined, { ref: false }).then(() => {
      throw new Error(`the Worker was not ready after ${READY_LIMIT_MS / 1_000} s`);
    });
    await Promise.race([worker.ready, failure, limit]);
    const url = String(await worker.url).replace(/\/$/, "");
    // `worker.ready` only means that wrangler's proxy is up. Only an HTTP response shows that the Worker's code runs.
    await Promise.race([fetch(`${url}/health`).then((answer) => answer.text()), failure, limit]);
    ready = true;
    onWorkerdExit((exit) => {
      // New code that throws on start ends workerd with an exit code. A signal comes from another process.
      if (options.watch && exit.signal === null) process.stderr.write(`${exitText(exit)}\n`);
      else options.onWorkerdExit?.(exit);
    });
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Prints one line for each console call of the Worker. Errors and warnings go to stderr. */
function writeLogLine(log: { level: string; message: string }): void {
  const stream = log.level === "error" || log.level === "warn" ? process.stderr : process.stdout;
  stream.write(`${log.message}\n`);
}
