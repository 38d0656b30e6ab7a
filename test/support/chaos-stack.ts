// Owns the receiver, the logs and the Worker of one chaos run, and causes their faults: kills, restarts, timed
// misbehaviour. Owns processes and directories. Judges nothing. Ends only processes that it started.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { DevProcess } from "../../local/demo/dev-process.ts";
import { generateLogs } from "../../local/generate/sample-logs.ts";
import { readTruth, type FileTruth } from "../../local/generate/truth.ts";
import { Receiver } from "../../local/receiver/server.ts";
import type { Rule } from "../../local/receiver/behaviour.ts";
import { ChaosApi } from "./chaos-api.ts";
import type { Fault, Scenario } from "./chaos-scenario.ts";

export const WINDOW = { start: "2026-04-22T14:00:00Z", end: "2026-04-22T15:00:00Z" };
const TOKEN = "chaos-token";
const URI = "/log/edge";
const KEY = "chaos-key";
/** How often this process checks whether it runs late. A delay of at least this time is recorded. */
const TICK_MS = 20;
const LATE_MS = 100;

export class ChaosStack {
  api = new ChaosApi("", "");
  readonly dir: string;
  readonly receiver: Receiver;
  readonly files: FileTruth[];
  /** The last lines of output of every process of the Worker. */
  readonly outputs: string[][] = [];
  /** The times of kills, restarts and freezes. */
  readonly disturbedAt: number[] = [];
  /** How many raw logs a restart had to put again, because the product had changed or deleted them. */
  rawLogsChanged = 0;
  /** Whether an operator had a batch sent again although the receiver had a part of it. */
  hasResentInPart = false;
  readonly #scenario: Scenario;
  /** Intervals in which this process, and so the receiver's clock, stood still. Arrivals during such an interval
   * are recorded at its end. */
  readonly late: { from: number; to: number }[] = [];
  #ticker: NodeJS.Timeout | null = null;
  readonly #faults = new Map<Fault, Rule[]>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #refusing: Promise<void> = Promise.resolve();
  #dev: DevProcess | null = null;

  private constructor(scenario: Scenario, dir: string, receiver: Receiver, files: FileTruth[]) {
    this.#scenario = scenario;
    this.dir = dir;
    this.receiver = receiver;
    this.files = files;
  }

  static async start(scenario: Scenario): Promise<ChaosStack> {
    const dir = await mkdtemp(join(tmpdir(), `backfill-chaos-${scenario.seed}-${scenario.index}-`));
    const { truthPath } = await generateLogs({
      outDir: join(dir, "logs-in"),
      startMs: Date.parse(WINDOW.start),
      endMs: Date.parse(WINDOW.end),
      gzipLevel: 1,
      ...scenario.logs,
    });
    const files: FileTruth[] = [];
    for await (const file of readTruth(truthPath)) files.push(file);
    const receiver = await Receiver.start({
      uri: URI,
      key: KEY,
      behaviour: { latency_ms: scenario.latencyMs },
    });
    const stack = new ChaosStack(scenario, dir, receiver, files);
    await stack.startWorker();
    stack.#watchClock();
    return stack;
  }

  /** Starts the Worker on the same state. `vars` replace some of the scenario's vars. */
  async startWorker(vars: Record<string, string> = {}): Promise<void> {
    this.#dev = await DevProcess.start({
      ownGroup: true,
      stateDir: join(this.dir, "state"),
      logsDir: join(this.dir, "logs-in"),
      vars: {
        API_TOKEN: TOKEN,
        CTYUN_ENDPOINT: this.receiver.url,
        CTYUN_URI_EDGE: URI,
        CTYUN_PRIVATE_KEY: KEY,
        CLEANUP_GRACE_MS: this.#scenario.isCleanedUp ? "1000" : "600000",
        ...this.#scenario.vars,
        ...vars,
      },
    });
    const { output } = this.#dev;
    const put = Number(
      /(\d+) put/.exec(output.find((line) => line.includes("in the local bucket")) ?? "")?.[1],
    );
    if (this.outputs.length > 0) this.rawLogsChanged += put;
    this.outputs.push(output);
    this.api = new ChaosApi(this.#dev.url, TOKEN);
  }

  /** Sends SIGKILL to the whole process group, or only to its top process. The children of the top process then
   * work until the next start. */
  async kill(isTopOnly: boolean): Promise<void> {
    this.disturbedAt.push(Date.now());
    await (isTopOnly ? this.#dev?.killTop() : this.#dev?.killGroup());
  }

  /** Stops all processes of the Worker for this time. Afterwards the processes continue. To them the clock has
   * jumped. */
  async freeze(ms: number): Promise<void> {
    const pid = this.#dev?.pid;
    if (pid === undefined) return;
    this.disturbedAt.push(Date.now());
    process.kill(-pid, "SIGSTOP");
    await wait(ms);
    process.kill(-pid, "SIGCONT");
    this.disturbedAt.push(Date.now());
  }

  /** Ends the Worker in an orderly way. The runs get no notice of this. */
  async stopWorker(): Promise<void> {
    this.disturbedAt.push(Date.now());
    await this.#dev?.stop();
  }

  /** Whether the Worker ended by itself. */
  async hasEnded(): Promise<boolean> {
    const pending = Symbol();
    return (await Promise.race([this.#dev?.exited, Promise.resolve(pending)])) !== pending;
  }

  misbehave(fault: Fault): void {
    const kept = this.files.flatMap((file) => file.kept_ray_ids);
    const ray = fault.rayAt === undefined ? undefined : kept[Math.floor(fault.rayAt * kept.length)];
    this.#faults.set(
      fault,
      fault.rules.map((rule) => (ray === undefined ? rule : { ...rule, ray_id: ray })),
    );
    this.#apply();
    if (fault.forMs === null) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#faults.delete(fault);
      this.#apply();
    }, fault.forMs);
    this.#timers.add(timer);
  }

  refuse(ms: number): void {
    this.#refusing = this.#refusing.then(() => this.receiver.refuseFor(ms));
  }

  /** Mends the receiver: removes all faults for good. */
  async mend(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#faults.clear();
    this.#apply();
    await this.#refusing;
  }

  #watchClock(): void {
    let before = Date.now();
    this.#ticker = setInterval(() => {
      const now = Date.now();
      if (now - before > TICK_MS + LATE_MS) this.late.push({ from: before, to: now });
      before = now;
    }, TICK_MS);
  }

  /** Ends all processes. With `keep`, files that may explain a failure stay in the directory. */
  async end(keep: Record<string, string> | null): Promise<void> {
    await this.mend();
    if (this.#ticker) clearInterval(this.#ticker);
    await this.#dev?.stop();
    if (keep === null) {
      await this.receiver.stop();
      await rm(this.dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
      return;
    }
    const requests = this.receiver.tally.requests.map((log) => JSON.stringify(log)).join("\n");
    await this.receiver.stop();
    const logs = Object.fromEntries(this.outputs.map((lines, n) => [`dev-${n + 1}.log`, lines.join("\n")]));
    await mkdir(this.dir, { recursive: true });
    for (const [name, text] of Object.entries({ ...logs, ...keep, "requests.ndjson": requests })) {
      await writeFile(join(this.dir, name), text);
    }
  }

  #apply(): void {
    const slow = [...this.#faults.keys()].findLast((fault) => fault.latencyMs !== undefined);
    this.receiver.behave({
      latency_ms: slow?.latencyMs ?? this.#scenario.latencyMs,
      rules: [...this.#faults.values()].flat(),
    });
  }
}
