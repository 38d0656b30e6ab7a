// Runs a Worker for --watch through wrangler's unstable_startWorker, which bundles and reloads it after a change
// (decision 0007). Never reads .dev.vars or .env, so a run depends only on wrangler.toml and the flags.
import { setTimeout as wait } from "node:timers/promises";
import { writeLogLine, type Runtime } from "./runtime.ts";
import { quietEnvironment } from "./runtime-environment.ts";
import { exitText, onWorkerdExit, type WorkerdExit } from "./workerd-exits.ts";

/** How long a start may take. A Worker with a syntax error, or whose runtime cannot start, never becomes ready. */
const READY_LIMIT_MS = 60_000;

export interface WatchedOptions {
  configPath: string;
  port: number;
  stateDir: string;
  vars: Record<string, string>;
  /** Called at once when a workerd process ends unexpectedly. */
  onWorkerdExit?: (exit: WorkerdExit) => void;
}

/** A failure after the start is only printed, because the next change of the sources may mend it. */
export async function startWatched(options: WatchedOptions): Promise<Runtime> {
  quietEnvironment();
  const { unstable_startWorker } = await import("wrangler");
  const worker = await unstable_startWorker({
    config: options.configPath,
    // wrangler does not read .dev.vars when this list is not empty.
    envFiles: ["/dev/null"],
    bindings: Object.fromEntries(
      Object.entries(options.vars).map(([name, value]) => [name, { type: "plain_text", value }]),
    ),
    dev: {
      server: { hostname: "127.0.0.1", port: options.port },
      persist: options.stateDir,
      watch: true,
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
      if (ready) process.stderr.write(`${error.message}; waiting for a change\n`);
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
  // A failure of the start is reported by the race below.
  failure.catch(() => undefined);
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
      if (exit.signal === null) process.stderr.write(`${exitText(exit)}\n`);
      else options.onWorkerdExit?.(exit);
    });
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
