// The registry, one object for each receiver. It decides which run may send now, and holds the list of runs, each
// with its last progress report. It holds no counter, cursor or ledger row of a run, and no log line. SQL and
// rules are in other files.
//
// A run is created in three steps: first its row, the slot and the alarm in one write, then start() on its
// object, then the first status as the answer. The alarm repairs a failure after the first step. It calls
// start() (idempotent by content) until the object answers. Then it pokes the run until the run has finished
// and released the slot. Only the run's own fenced release frees the slot, because a progress report may be
// outdated.
import { DurableObject } from "cloudflare:workers";
import { logLevelOf } from "../../src/platform/config.ts";
import type { Env } from "../../src/platform/env.ts";
import { createLog, errorText, type Log } from "../../src/platform/log.ts";
import { runObject } from "../../src/platform/objects.ts";
import type { Page, Refused } from "../../src/contract/states.ts";
import type {
  AdmitAnswer, CoveringRun, Idempotency, RecallAnswer, RunRegistryApi, RunReport, RunSummary, RunsQuery, SlotAnswer, WantedRun,
} from "../../src/contract/registry.ts"; // prettier-ignore
import { mismatch, no, overlapping, overlapsOf, refusalOf, statusOf, taken, writeAdmission } from "./admission.ts"; // prettier-ignore
import {
  IDEMPOTENCY_TTL_MS,
  POKE_EVERY_MS,
  START_AGAIN_MS,
  decideAcquire,
  decideRelease,
  isExpired,
  mustRearm,
  nextWakeAt,
  sendingRunOf,
} from "./rules.ts";
import { askNamedRuns, type NamedRuns } from "./named-runs.ts";
import { coveringRuns, listRuns } from "./run-list.ts";
import { RegistryStore, type DueRun } from "./store.ts";

/** The most runs started or poked in one alarm turn. For other due runs the next turn follows at once. */
const RUNS_PER_TURN = 20;
/** The longest time that an alarm turn waits for its runs. */
const TURN_MS = 5_000;

export class RunRegistry extends DurableObject<Env> implements RunRegistryApi {
  readonly #store: RegistryStore;
  readonly #log: Log;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#log = createLog(logLevelOf(env));
    this.#store = new RegistryStore(ctx.storage);
    void ctx.blockConcurrencyWhile(() => this.#arm());
  }

  async recall({ key, bodyHash }: Idempotency): Promise<RecallAnswer> {
    const remembered = this.#store.remembered(key);
    if (!remembered || isExpired(remembered, Date.now()))
      return no("unknown_key", "this key admitted no run");
    if (remembered.bodyHash !== bodyHash) return mismatch();
    if (remembered.answer === null) return no("unknown_key", "this key's run has not answered yet");
    return { ok: true, runId: remembered.runId, status: statusOf(remembered.answer) };
  }

  async admit(wanted: WantedRun, idempotency: Idempotency | null): Promise<AdmitAnswer> {
    let named: NamedRuns;
    try {
      named = await askNamedRuns(this.env, this.#store, wanted);
    } catch (error) {
      const run = wanted.plan?.run ?? wanted.continueOf;
      this.#log("error", "registry.run_did_not_answer", { run, error });
      const detail = `run ${run} has not answered; repeat the request`;
      const field = "from_plan";
      return wanted.plan ? { ...no("plan_not_usable", detail), field } : no("not_continuable", detail);
    }
    const now = Date.now();
    const decision = this.ctx.storage.transactionSync(() =>
      writeAdmission(this.#store, wanted, named, idempotency, now),
    );
    if (decision.kind !== "admit" && decision.kind !== "replay") return refusalOf(decision);
    if (decision.kind === "replay" && decision.answer !== null) {
      return { ok: true, replayed: true, runId: decision.runId, status: statusOf(decision.answer) };
    }
    // No await stands between the writing of the row and this call. So both are written, or neither.
    if (decision.kind === "admit") await this.ctx.storage.setAlarm(now + START_AGAIN_MS);
    return this.#confirm(decision.runId, idempotency);
  }

  async list(query: RunsQuery): Promise<{ ok: true; page: Page<RunSummary> } | Refused<"bad_cursor">> {
    return listRuns(this.#store, query, Date.now());
  }

  async knows(runId: string): Promise<boolean> {
    return this.#store.hasRun(runId);
  }

  async covering(startMs: number, endMs: number): Promise<CoveringRun[]> {
    return coveringRuns(this.#store, startMs, endMs);
  }

  async report(report: RunReport): Promise<void> {
    const known = this.#store.saveReport(report);
    if (!known) this.#log("error", "registry.report_of_unknown_run", { run: report.runId });
    await this.#arm();
  }

  async acquire(runId: string, replay = false): Promise<SlotAnswer> {
    const decision = this.ctx.storage.transactionSync(() => {
      const run = this.#store.earlier(runId);
      if (!run) throw new Error(`run ${runId} was never admitted`);
      if (run.spec.dryRun) throw new Error(`run ${runId} is a dry run: it takes no slot`);
      const decided = decideAcquire(this.#store.slot(), runId);
      if (decided.kind === "slot_taken") return decided;
      const overlaps = decided.kind === "grant" && !replay ? overlapsOf(this.#store, runId) : [];
      if (overlaps.length > 0) return { kind: "overlap" as const, overlaps };
      this.#store.saveSlot(decided.slot);
      this.#store.markUnfinished(runId);
      return decided;
    });
    if (decision.kind === "slot_taken") return taken(decision.holder);
    if (decision.kind === "overlap") return overlapping(decision.overlaps);
    await this.#arm();
    return { ok: true, fence: decision.slot.fence, notBefore: decision.slot.notBefore };
  }

  async release(runId: string, fence: number, lastPermitEnd: number, sentSomething: boolean): Promise<void> {
    this.ctx.storage.transactionSync(() => {
      if (sentSomething) this.#store.markSent(runId);
      const freed = decideRelease(this.#store.slot(), runId, fence, lastPermitEnd);
      if (freed) this.#store.saveSlot(freed);
    });
  }

  async slotHolder(): Promise<string | null> {
    return this.#store.slot().holder;
  }

  async sendingRun(): Promise<string | null> {
    const slot = this.#store.slot();
    return sendingRunOf(slot, slot.holder === null ? undefined : this.#store.earlier(slot.holder)?.stage);
  }

  async poke(): Promise<void> {
    await this.#arm();
  }

  override async alarm(): Promise<void> {
    try {
      const now = Date.now();
      this.#store.prune(now - IDEMPOTENCY_TTL_MS);
      const next = { started: now + POKE_EVERY_MS, notStarted: now + START_AGAIN_MS };
      this.#store.setBackPokes(now, POKE_EVERY_MS);
      const due = this.#store.takeDue(now, next, RUNS_PER_TURN);
      await Promise.race([Promise.all(due.map((run) => this.#nudge(run))), scheduler.wait(TURN_MS)]);
    } catch (error) {
      this.#log("error", "registry.alarm_failed", { error });
    } finally {
      await this.#arm();
    }
  }

  async #confirm(runId: string, idempotency: Idempotency | null): Promise<AdmitAnswer> {
    try {
      const run = this.#store.startable(runId);
      if (!run) throw new Error("its row is missing");
      if (!run.started) await this.#start(run);
      const answer = await runObject(this.env, runId).status();
      if (!answer.ok) throw new Error(answer.detail);
      const { status } = answer;
      const kept = idempotency && this.#store.rememberAnswer(idempotency.key, runId, JSON.stringify(status));
      return { ok: true, replayed: false, runId, status: kept ? statusOf(kept) : status };
    } catch (error) {
      this.#log("error", "registry.run_did_not_answer", { run: runId, error });
      const detail = `run ${runId} is admitted and will start, but has not answered yet`;
      return { ok: false, code: "unconfirmed", detail, runId };
    }
  }

  async #start(run: DueRun): Promise<void> {
    const answer = await runObject(this.env, run.runId).start(run.spec, run.slot);
    // The object was started with another specification and keeps it. A repeated call would change nothing.
    if (!answer.ok) this.#log("error", "registry.start_refused", { run: run.runId, code: answer.code });
    this.#store.markStarted(run.runId, Date.now() + POKE_EVERY_MS);
  }

  async #nudge(run: DueRun): Promise<void> {
    try {
      if (run.started) await runObject(this.env, run.runId).poke();
      else await this.#start(run);
    } catch (error) {
      this.#log("warn", "registry.run_did_not_answer", { run: run.runId, error: errorText(error) });
    }
  }

  /** Sets the alarm when the present alarm is wrong. Reads the rows after the only await before the write. */
  async #arm(): Promise<void> {
    const set = await this.ctx.storage.getAlarm();
    const now = Date.now();
    const wakeAt = nextWakeAt(this.#store.earliestPokeAt(), now);
    if (wakeAt !== null && mustRearm(set, wakeAt, now)) await this.ctx.storage.setAlarm(wakeAt);
  }
}
