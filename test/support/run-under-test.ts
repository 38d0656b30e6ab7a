// Gives each test the Durable Object of one run. A test file calls `setUp` before each test and `tearDown` after
// it. The clock is set to 2030, so that no alarm fires by itself.
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, vi } from "vitest";
import type { BackfillRunApi, RunSpec } from "../../src/contract/run.ts";
import type { RunMetrics } from "../../src/contract/run-metrics.ts";
import { BATCH_STATES } from "../../src/contract/states.ts";
import type { RunStatus } from "../../src/contract/views.ts";
import type { Notice } from "../../src/contract/notices.ts";
import type { RunReport } from "../../src/contract/registry.ts";
import { Notifier } from "../../durable-objects/notifier/notifier.ts";
import { RunRegistry } from "../../durable-objects/run-registry/run-registry.ts";
import { runObject } from "../../src/platform/objects.ts";
import type { Hook } from "./run-faults.ts";
import { wantedRun } from "./registry-fixtures.ts";
import { recount } from "./run-recount.ts";

export const NOW = Date.parse("2030-04-22T18:00:00.250Z");
export const WINDOW_START = Date.parse("2030-04-22T14:00:00Z");
export const HOUR = 3_600_000;

export type Row = Record<string, SqlStorageValue>;

export class RunUnderTest {
  id = "";
  api!: BackfillRunApi;
  stub!: DurableObjectStub;
  /** The file numbers of the messages to parsers, and the number of wake-ups, since the test last reset them. */
  enqueued: number[] = [];
  wakeUps = 0;
  reports: RunReport[] = [];
  released: { fence: number; lastPermitEnd: number }[] = [];
  /** What the run handed to the replaced Notifier. A repeated notice is in the list twice. */
  notices: Notice[] = [];
  /** The run that the replaced registry reports to a dry run as sending now. */
  sendingRun: string | null = null;
  /** Decides whether a message is lost on its way to a queue. */
  hook: Hook = (_port, call) => call();
  /** Timers are this many times as fast, for tests that must wait for a timer. */
  timersFaster = 1;
  #isTicking = false;

  /** Stops the clock at NOW and gives the test a new run. `receiver`: the run's receiver in RECEIVERS. */
  setUp(receiver?: string): void {
    vi.useFakeTimers({ toFake: ["Date"], now: NOW });
    this.fresh(receiver);
  }

  /** Restores the clock and everything that `fresh` replaced. */
  tearDown(): void {
    vi.restoreAllMocks();
    vi.useRealTimers();
  }

  /** Gives the test another new run. For tests that try many sequences. */
  fresh(receiver?: string): void {
    vi.restoreAllMocks();
    vi.setSystemTime(NOW);
    // The receiver is the fourth part of an id.
    this.id = `run-${crypto.randomUUID()}${receiver === undefined ? "" : `_0_0_${receiver}`}`;
    const namespace: DurableObjectNamespace = env.BACKFILL_RUN;
    this.stub = namespace.getByName(this.id);
    this.api = runObject(env, this.id);
    this.enqueued = [];
    this.wakeUps = 0;
    this.reports = [];
    this.released = [];
    this.notices = [];
    this.sendingRun = null;
    this.hook = (_port, call) => call();
    this.timersFaster = 1;
    this.#replaceQueues();
    this.#replaceRegistry();
    this.#replaceNotifier();
    this.#replaceJitterAndWaits();
  }

  /** Puts messages into `enqueued` and `wakeUps` instead of a queue. */
  #replaceQueues(): void {
    vi.spyOn(env.PARSE_QUEUE, "send").mockImplementation((message) =>
      this.#through("queue.parse", message.run, () => this.enqueued.push(message.file)),
    );
    vi.spyOn(env.SEND_QUEUE, "sendBatch").mockImplementation((messages) => {
      const sent = [...messages];
      return this.#through("queue.send", sent[0]?.body.run ?? "", () => (this.wakeUps += sent.length));
    });
  }

  /** Replaces the registry. It records progress reports and releases, and always gives the slot. */
  #replaceRegistry(): void {
    vi.spyOn(RunRegistry.prototype, "report").mockImplementation(async (report) => {
      if (report.runId === this.id) this.reports.push(report);
    });
    vi.spyOn(RunRegistry.prototype, "release").mockImplementation(async (runId, fence, lastPermitEnd) => {
      if (runId === this.id) this.released.push({ fence, lastPermitEnd });
    });
    vi.spyOn(RunRegistry.prototype, "sendingRun").mockImplementation(async () => this.sendingRun);
    vi.spyOn(RunRegistry.prototype, "acquire").mockImplementation(async () => ({
      ok: true,
      fence: 2,
      notBefore: 0,
    }));
  }

  #replaceNotifier(): void {
    vi.spyOn(Notifier.prototype, "accept").mockImplementation((notice) => {
      const runId = "run" in notice.data ? notice.data.run : "";
      return this.#through("notifier.accept", runId, () => this.notices.push(notice));
    });
  }

  /** Makes `Math.random` return 0.5, so each retry comes after half of its longest wait. Makes `scheduler.wait`
   * move the clock, and timers fire at once within a tick. Otherwise the rate limit and the retries of a listing
   * would wait in real time. */
  #replaceJitterAndWaits(): void {
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    const later = globalThis.setTimeout;
    const soon = (work: () => void, ms = 0) => later(work, this.#isTicking ? 0 : ms / this.timersFaster);
    vi.spyOn(globalThis, "setTimeout").mockImplementation(soon);
    vi.spyOn(scheduler, "wait").mockImplementation(async (ms) => {
      this.pass(Math.max(1, ms));
    });
  }

  /** Drops the messages of runs that earlier tests left behind. */
  async #through(port: string, runId: string, take: () => unknown): Promise<never> {
    if (runId === this.id) await this.hook(port, async () => take());
    return undefined as never;
  }

  pass(ms: number): void {
    vi.setSystemTime(Date.now() + ms);
  }

  async start(over: Partial<RunSpec> = {}, notBefore = 0): Promise<void> {
    const answer = await this.api.start(aSpec(this.id, over), { fence: 1, notBefore });
    expect(answer).toEqual({ ok: true, already: false });
  }

  alarmAt(): Promise<number | null> {
    return runInDurableObject(this.stub, (_object, state) => state.storage.getAlarm());
  }

  /** Lets the clock tick until its next tick lies in the future. */
  settle(): Promise<void> {
    return this.#tickUntil(() => Date.now() + 1);
  }

  /** Moves time on. Meanwhile the run's clock ticks as often as the run asks for. */
  async wait(ms: number): Promise<void> {
    const until = Date.now() + ms;
    await this.#tickUntil(() => Math.max(until, Date.now() + 1));
    vi.setSystemTime(Math.max(Date.now(), until));
  }

  /** Runs the alarm as `runDurableObjectAlarm` does, until it is set to a later time. One call to the Durable
   * Object runs all ticks, because a call costs more than a tick. */
  #tickUntil(until: () => number): Promise<void> {
    const ticking = runInDurableObject(this.stub, async (object, { storage }) => {
      let hasRested = false;
      for (let ticks = 0; ticks < 10_000; ticks += 1) {
        const at = await storage.getAlarm();
        hasRested ||= at === null || at > Date.now() + 1;
        if (at === null || at > until()) return;
        if (!hasRested && ticks > 100) throw new Error("the clock does not come to rest");
        vi.setSystemTime(Math.max(Date.now(), at));
        await storage.deleteAlarm();
        this.#isTicking = true;
        await object.alarm?.();
        this.#isTicking = false;
      }
    });
    return ticking.finally(() => (this.#isTicking = false));
  }

  evict(): Promise<void> {
    return evictDurableObject(this.stub);
  }

  rows<R extends Row = Row>(statement: string): Promise<R[]> {
    return runInDurableObject(this.stub, (_object, state) => state.storage.sql.exec<R>(statement).toArray());
  }

  async row<R extends Row = Row>(statement: string): Promise<R> {
    const [row] = await this.rows<R>(statement);
    if (!row) throw new Error(`no row: ${statement}`);
    return row;
  }

  async status(): Promise<RunStatus> {
    const answer = await this.api.status();
    if (!answer.ok) throw new Error(answer.detail);
    return answer.status;
  }

  async stage(): Promise<string> {
    const { stage } = await this.row<{ stage: string }>("SELECT stage FROM run");
    return stage;
  }

  /** The ends of the present send leases, by batch. */
  async leases(): Promise<Record<string, number>> {
    const { leases_json } = await this.row<{ leases_json: string }>("SELECT leases_json FROM totals");
    return JSON.parse(leases_json) as Record<string, number>;
  }

  async metrics(): Promise<RunMetrics> {
    const answer = await this.api.metrics();
    if (!answer.ok) throw new Error(answer.detail);
    return answer.metrics;
  }

  /** Checks that the sums equal a recount, that the rows agree with each other, and that the metrics show these sums.
   * The lines of all states add up to the kept lines, also while a file is parsed again. */
  async expectBalanced(): Promise<void> {
    const { totals, counted, faults } = await runInDurableObject(this.stub, (_object, state) =>
      recount(state.storage.sql),
    );
    expect(totals).toEqual(counted);
    expect(faults).toEqual([]);
    const answer = await this.api.metrics();
    // A test of the store alone starts no run.
    if (!answer.ok) return;
    const { lines, kept, batches } = answer.metrics;
    const sum = (counts: Record<string, number>) => Object.values(counts).reduce((a, b) => a + b, 0);
    const countedBy = (what: string) =>
      BATCH_STATES.reduce((count, state) => count + (counted[`${what}_${state}`] ?? 0), 0);
    expect([kept, sum(lines), sum(lines), sum(batches)]).toEqual([
      totals["kept"],
      kept,
      // The lines of a split batch are those of its parts.
      countedBy("lines") - (counted["lines_split"] ?? 0),
      countedBy("batches"),
    ]);
  }
}

/** The specification of a small run as admission makes it, with batches of 100 lines and a log prefix of its
 * own. */
export function aSpec(runId: string, over: Partial<RunSpec> = {}): RunSpec {
  const wanted = wantedRun({ startMs: WINDOW_START });
  return {
    ...wanted,
    runId,
    createdAt: NOW,
    parse: { ...wanted.parse, batchLines: 100 },
    logPrefix: `logs-${runId}/`,
    ...over,
  };
}
