// The registry, one Durable Object for each receiver. It decides which run may send now. It stores the list of runs
// with their last progress reports, and the window queue. It stores no ledger row of a run, and no log line. SQL
// and rules are in other files.
//
// A run is created in three steps. First, one write stores its row, the slot and the alarm. Second, the registry
// calls start() of the run. Third, the first status is the answer. The alarm repairs a failure after the first
// step. The alarm calls start() until the run answers. After the answer, the alarm pokes the run until the run has
// finished and released the slot. Only the run's own fenced release frees the slot, because a progress report may
// be outdated.
import { DurableObject } from "cloudflare:workers";
import type { RegistryMetrics } from "../../src/contract/registry-metrics.ts";
import { logLevelOf } from "../../src/platform/config.ts";
import type { Env } from "../../src/platform/env.ts";
import { createLog, type Log } from "../../src/platform/log.ts";
import type { Page, Refused } from "../../src/contract/states.ts";
import type {
  AdmitAnswer, CoveringRun, Idempotency, RecallAnswer, RunReport, RunSummary, RunsQuery, SlotAnswer,
  StatsQuery, StatsView, WantedRun,
} from "../../src/contract/registry.ts"; // prettier-ignore
import type {
  CancelAnswer, ChangedBy, MovedTo, QueueAnswer, QueueRequest, QueueView, RecallWindowsAnswer, RegistryApi, WindowAnswer, WindowsAnswer, WindowsQuery,
} from "../../src/contract/windows.ts"; // prettier-ignore
import { mismatch, no, refusalOf, statusOf, unanswered, writeAdmission } from "./admission.ts";
import { IDEMPOTENCY_TTL_MS, START_AGAIN_MS, isExpired, mustRearm, nextWakeAt, sendingRunOf } from "./rules.ts"; // prettier-ignore
import { askNamedRuns, type NamedRuns } from "./named-runs.ts";
import { queueDeps } from "./queue/queue-deps.ts";
import { listWindows } from "./queue/window-list.ts";
import { WindowQueue } from "./queue/window-queue.ts";
import { coveringRuns, listRuns, registryMetrics, runStats } from "./read-verbs.ts";
import { acquireSlot, releaseSlot } from "./slot-verbs.ts";
import { RunStarter } from "./starting.ts";
import { withReceiver } from "./receiver-log.ts";
import { RegistryStore } from "./store.ts";

export class RunRegistry extends DurableObject<Env> implements RegistryApi {
  readonly #store: RegistryStore;
  readonly #log: Log;
  readonly #starter: RunStarter;
  readonly #queue: WindowQueue;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new RegistryStore(ctx.storage);
    this.#log = withReceiver(createLog(logLevelOf(env)), this.#store.receivers);
    this.#starter = new RunStarter(env, this.#store, this.#log);
    this.#queue = new WindowQueue(queueDeps(env, this.#store, this.#log));
    void ctx.blockConcurrencyWhile(() => this.#arm());
  }

  async recall({ key, bodyHash }: Idempotency): Promise<RecallAnswer> {
    const remembered = this.#store.remembered(key);
    if (!remembered || isExpired(remembered, Date.now()))
      return no("unknown_key", "this key admitted no run");
    if (remembered.bodyHash !== bodyHash) return mismatch();
    const { runId, answer } = remembered;
    if (answer === null) return this.#starter.startAdmitted(runId, { key, bodyHash });
    return { ok: true, replayed: true, runId, status: statusOf(answer) };
  }

  async admit(wanted: WantedRun, idempotency: Idempotency | null): Promise<AdmitAnswer> {
    let named: NamedRuns;
    try {
      named = await askNamedRuns(this.env, this.#store, wanted);
    } catch (error) {
      this.#log("error", "registry.run_did_not_answer", {
        run: wanted.plan?.run ?? wanted.continueOf,
        error,
      });
      return unanswered(wanted);
    }
    const now = Date.now();
    const decision = this.ctx.storage.transactionSync(() =>
      writeAdmission(this.#store, wanted, named, idempotency, now),
    );
    if (decision.kind !== "admit" && decision.kind !== "replay") return refusalOf(decision);
    if (decision.kind === "replay" && decision.answer !== null) {
      return { ok: true, replayed: true, runId: decision.runId, status: statusOf(decision.answer) };
    }
    // There is no await between the write of the row and this call. So both are written, or neither.
    if (decision.kind === "admit") await this.ctx.storage.setAlarm(now + START_AGAIN_MS);
    return this.#starter.startAdmitted(decision.runId, idempotency);
  }

  async admitNamed(wanted: WantedRun, idempotency: Idempotency | null): Promise<AdmitAnswer> {
    return this.admit(wanted, idempotency);
  }

  async list(query: RunsQuery): Promise<{ ok: true; page: Page<RunSummary> } | Refused<"bad_cursor">> {
    return listRuns(this.#store, query, Date.now());
  }
  async knows(runId: string): Promise<boolean> {
    return this.#store.hasRun(runId);
  }
  async useReceiver(name: string): Promise<void> {
    this.#store.receivers.use(name, Date.now());
  }
  async usedReceivers(): Promise<string[]> {
    return this.#store.receivers.used();
  }
  async covering(startMs: number, endMs: number): Promise<CoveringRun[]> {
    return coveringRuns(this.#store, startMs, endMs);
  }
  async report(report: RunReport): Promise<void> {
    const known = this.#store.transaction(() => {
      const isKnown = this.#store.saveReport(report);
      if (isKnown) this.#queue.reported(report);
      return isKnown;
    });
    if (!known) this.#log("error", "registry.report_of_unknown_run", { run: report.runId });
    await this.#arm();
  }

  async acquire(runId: string, replay = false): Promise<SlotAnswer> {
    const answer = acquireSlot(this.#store, this.#queue, runId, replay);
    await this.#arm();
    return answer;
  }

  async release(runId: string, fence: number, lastPermitEnd: number, sentSomething: boolean): Promise<void> {
    releaseSlot(this.#store, this.#queue, { runId, fence, lastPermitEnd, sentSomething });
    await this.#arm();
  }

  async slotHolder(): Promise<string | null> {
    return this.#store.slot().holder;
  }
  async sendingRun(): Promise<string | null> {
    const slot = this.#store.slot();
    return sendingRunOf(slot, slot.holder === null ? undefined : this.#store.earlier(slot.holder)?.stage);
  }

  async metrics(): Promise<RegistryMetrics> {
    return registryMetrics(this.#store, Date.now());
  }
  async stats(query: StatsQuery): Promise<StatsView> {
    return runStats(this.#store, query);
  }
  async recallWindows(idempotency: Idempotency): Promise<RecallWindowsAnswer> {
    return this.#queue.recall(idempotency);
  }
  async queueWindows(request: QueueRequest, idempotency: Idempotency | null): Promise<QueueAnswer> {
    return this.#armed(this.#queue.queue(request, idempotency));
  }
  async queueNamedWindows(request: QueueRequest, idempotency: Idempotency | null): Promise<QueueAnswer> {
    return this.queueWindows(request, idempotency);
  }
  async listWindows(query: WindowsQuery): Promise<WindowsAnswer> {
    return listWindows(this.#store, this.#queue, query);
  }
  async showWindow(id: number): Promise<WindowAnswer> {
    return this.#queue.show(id);
  }
  async cancelWindow(id: number, by: ChangedBy): Promise<CancelAnswer> {
    return this.#armed(this.#queue.cancel(id, by));
  }
  async moveWindow(id: number, to: MovedTo, by: ChangedBy): Promise<WindowAnswer> {
    return this.#armed(this.#queue.move(id, to, by));
  }

  async pauseQueue(by: ChangedBy): Promise<QueueView> {
    return this.#queue.pause(by);
  }
  async resumeQueue(by: ChangedBy): Promise<QueueView> {
    return this.#armed(this.#queue.resume(by));
  }

  async poke(): Promise<void> {
    await this.#arm();
  }

  override async alarm(): Promise<void> {
    try {
      await this.#queue
        .turn()
        .catch((error: unknown) => this.#log("error", "registry.queue_failed", { error }));
      const now = Date.now();
      this.#store.prune(now - IDEMPOTENCY_TTL_MS);
      await this.#starter.nudgeDue(now);
    } catch (error) {
      this.#log("error", "registry.alarm_failed", { error });
    } finally {
      await this.#arm();
    }
  }

  async #armed<Answer>(answer: Answer): Promise<Answer> {
    await this.#arm();
    return answer;
  }

  /** Sets the alarm when the present alarm is wrong. Reads the rows after the only await before the write. */
  async #arm(): Promise<void> {
    const set = await this.ctx.storage.getAlarm();
    const now = Date.now();
    const queueAt = this.#queue.wakeAt(now);
    const pokeAt = nextWakeAt(this.#store.earliestPokeAt(), now);
    const wakeAt = queueAt === null || pokeAt === null ? (queueAt ?? pokeAt) : Math.min(queueAt, pokeAt);
    if (wakeAt !== null && mustRearm(set, wakeAt, now)) await this.ctx.storage.setAlarm(wakeAt);
  }
}
