// Runs a Worker on the embedded runtime through wrangler's unstable_startWorker (decision 0007).
// Owns: the settings that keep a local run quiet, offline and fast. Never reads .dev.vars or .env:
// what a run depends on is in wrangler.toml and in the flags.
import { setTimeout as wait } from "node:timers/promises";
import { exitText, onWorkerdExit, type WorkerdExit } from "./workerd-exits.ts";

// Read by wrangler when it is loaded, hence before the import below and never later.
Object.assign(process.env, {
  WRANGLER_SEND_METRICS: "false",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  X_LOCAL_OBSERVABILITY: "false",
  WRANGLER_HIDE_BANNER: "true",
  CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV: "false",
  WRANGLER_WRITE_LOGS: "false",
  // At "info" the queue emulator writes a line per batch.
  WRANGLER_LOG: process.env["WRANGLER_LOG"] ?? "warn",
});
const { unstable_startWorker } = await import("wrangler");

/** A Worker with a syntax error never becomes ready; neither does one whose runtime cannot start. */
const READY_LIMIT_MS = 60_000;

export interface RuntimeOptions {
  configPath: string;
  port: number;
  stateDir: string;
  vars: Record<string, string>;
  /** Reloads when the sources or the configuration change; then a failure after the start is only printed. */
  watch?: boolean;
  /** Called at most once, when the runtime reports an error that it does not recover from. */
  onCrash?: (error: Error) => unknown;
  /** Called at once when a workerd process ended that nobody ended here. */
  onWorkerdExit?: (exit: WorkerdExit) => void;
}

export interface Runtime {
  /** Without a trailing slash. */
  url: string;
  stop(): Promise<void>;
}

export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const worker = await unstable_startWorker({
    config: options.configPath,
    // A list that is not empty keeps .dev.vars out.
    envFiles: ["/dev/null"],
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
    // A stop that hangs must not keep the caller: whatever is left then is ended by its token.
    await Promise.race([worker.dispose().catch(() => {}), wait(5_000, undefined, { ref: false })]);
  };
  let ready = false;
  const failure = new Promise<never>((_, reject) => {
    const failed = (error: Error) => {
      // Under --watch the next change may mend it.
      if (options.watch && ready) process.stderr.write(`${error.message}; waiting for a change\n`);
      else reject(error);
    };
    worker.raw.on("error", (event: { reason?: string; message?: string; cause?: Error }) => {
      const reason = event.reason ?? event.message ?? "unknown reason";
      failed(new Error(`the Worker does not run: ${reason}`, { cause: event.cause }));
    });
    // The errors are printed already.
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
    // `ready` speaks of the proxy in front; only an answer shows that the Worker's own code runs.
    await Promise.race([fetch(`${url}/health`).then((answer) => answer.text()), failure, limit]);
    ready = true;
    onWorkerdExit((exit) => {
      // New code that throws at its start ends workerd with a code; a signal is from somewhere else.
      if (options.watch && exit.signal === null) process.stderr.write(`${exitText(exit)}\n`);
      else options.onWorkerdExit?.(exit);
    });
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The Worker's console: each of its lines is one line here, errors and warnings on stderr. */
function writeLogLine(log: { level: string; message: string }): void {
  const stream = log.level === "error" || log.level === "warn" ? process.stderr : process.stdout;
  stream.write(`${log.message}\n`);
}
