// Runs `local/dev.ts` as a child process. Starts the child, waits for "ready", and reads its output. Ends it
// normally, by `kill -9`, or with its whole group. Never touches a process that this file did not start.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";

const PROJECT_DIR = resolve(import.meta.dirname, "../..");
/** How long a start may take. This includes loading a few hundred MB of logs. */
const READY_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 15_000;
/** How many lines of output are kept. They are enough to see what went wrong. A run may log far more. */
const OUTPUT_LINES_KEPT = 500;

export interface DevProcessOptions {
  stateDir: string;
  logsDir?: string;
  port?: number;
  vars?: Record<string, string>;
  configPath?: string;
  watch?: boolean;
  /** True: dist/ is up to date, so the child builds nothing. */
  isBuilt?: boolean;
  /** True: the child gets its own process group, which can be killed as a whole. False: the child stays in the
   * caller's group, which gets the terminal's Ctrl-C. */
  ownGroup?: boolean;
}

export class DevProcess {
  url = "";
  /** The last lines of stdout and stderr. */
  readonly output: string[] = [];
  /** Resolves with the exit code, or null after a kill. */
  readonly exited: Promise<number | null>;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.exited = once(child, "exit").then(([code]: (number | null)[]) => code ?? null);
  }

  static async start(options: DevProcessOptions): Promise<DevProcess> {
    const child = spawn(process.execPath, [resolve(PROJECT_DIR, "local/dev.ts"), ...argumentsOf(options)], {
      cwd: PROJECT_DIR,
      stdio: ["pipe", "pipe", "pipe"],
      detached: options.ownGroup ?? false,
    });
    const dev = new DevProcess(child);
    const ready = dev.#readOutput();
    const outcome = await Promise.race([
      ready,
      dev.exited.then((code) => `it exited with ${code}`),
      wait(READY_LIMIT_MS, `it was not ready after ${READY_LIMIT_MS / 1_000} s`, { ref: false }),
    ]);
    if (outcome !== null) {
      await dev.stop();
      throw new Error(`the stack did not start: ${outcome}\n${dev.output.slice(-30).join("\n")}`);
    }
    return dev;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Stops the child in an orderly way, and kills it when it does not end. Safe to call twice. */
  async stop(): Promise<void> {
    if (this.#ended()) return;
    this.#child.kill("SIGTERM");
    const inTime = await Promise.race([
      this.exited.then(() => true),
      wait(STOP_LIMIT_MS, false, { ref: false }),
    ]);
    if (!inTime) this.#child.kill("SIGKILL");
    await this.exited;
  }

  /** Does `kill -9` on the child's whole process group. Only for a child in its own group. */
  async killGroup(): Promise<void> {
    process.kill(-this.pid, "SIGKILL");
    await this.exited;
  }

  /** Does `kill -9` on the top process alone. Its workerd children continue. */
  async killTop(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.exited;
  }

  #ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Resolves with null at the `ready` line. */
  #readOutput(): Promise<null> {
    return new Promise((resolveReady) => {
      for (const stream of [this.#child.stdout, this.#child.stderr]) {
        if (stream === null) continue;
        createInterface({ input: stream }).on("line", (line) => {
          this.output.push(line);
          if (this.output.length > OUTPUT_LINES_KEPT) this.output.shift();
          const url = /^ready on (http:\S+)$/.exec(line)?.[1];
          if (url === undefined) return;
          this.url = url;
          resolveReady(null);
        });
      }
    });
  }
}

function argumentsOf(options: DevProcessOptions): string[] {
  const args = ["--until-stdin-ends", "--port", String(options.port ?? 0), "--state", options.stateDir];
  if (options.logsDir !== undefined) args.push("--logs", options.logsDir);
  if (options.configPath !== undefined) args.push("--config", options.configPath);
  if (options.watch) args.push("--watch");
  if (options.isBuilt) args.push("--built");
  for (const [key, value] of Object.entries(options.vars ?? {})) args.push("--var", `${key}:${value}`);
  return args;
}
