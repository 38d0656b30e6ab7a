// The window queue: its methods, the effect of a run's progress report, and when the alarm must work on the queue.
// Each method is one synchronous transaction. Only the alarm starts windows (start.ts).
import { createHash } from "node:crypto";
import type { Idempotency, RunReport } from "../../../src/contract/registry.ts";
import type {
  CancelAnswer, ChangedBy, MovedTo, QueueAnswer, QueueRequest, QueueView, RecallWindowsAnswer, WindowAnswer,
  WindowDetail,
} from "../../../src/contract/windows.ts"; // prettier-ignore
import { MAX_WINDOW_MS } from "../../../src/contract/windows.ts";
import type { Refused } from "../../../src/contract/states.ts";
import { mismatch, no } from "../admission.ts";
import { IDEMPOTENCY_TTL_MS, POKE_EVERY_MS, isExpired } from "../rules.ts";
import { behindRun, notYet, type Hindrance } from "./hindrance.ts";
import { ActiveWindowIndex } from "./decide-window.ts";
import { placeNextTo } from "./move-window.ts";
import { receive, textOf, type Received } from "./receive.ts";
import { MAX_WAITING, TURN_KEPT_MS, afterReport, expiresAt } from "./rules.ts";
import { settleSeries, startNext, type StartDeps } from "./start.ts";
import { queueView, windowDetail } from "./views.ts";

export interface QueueDeps extends Omit<StartDeps, "hindrance"> {
  /** Why the deployment starts no run now. Null: it starts runs. */
  whyNoWindowStarts(): Hindrance | null;
}

/** How long after a failed turn the next turn follows. */
const AFTER_FAILURE_MS = 5_000;

export class WindowQueue {
  readonly #deps: QueueDeps;
  #notStartedBefore = 0;

  constructor(deps: QueueDeps) {
    this.#deps = deps;
  }

  recall({ key, bodyHash }: Idempotency): RecallWindowsAnswer {
    const known = this.#deps.store.queue.remembered(key);
    if (!known || isExpired(known, this.#deps.now())) return no("unknown_key", "this key queued no window");
    if (known.bodyHash !== bodyHash) return mismatch();
    const { outcomes, queue } = JSON.parse(known.answer) as Pick<
      QueueAnswer & { ok: true },
      "outcomes" | "queue"
    >;
    // A stored answer of an earlier version has no `hindrance`.
    return { ok: true, outcomes, queue: { ...queue, hindrance: queue.hindrance ?? null } };
  }

  queue(request: QueueRequest, idempotency: Idempotency | null): QueueAnswer {
    const { store } = this.#deps;
    const now = this.#deps.now();
    return store.transaction((): QueueAnswer => {
      const known = idempotency && this.recall(idempotency);
      if (known?.ok) return { ...known, replayed: true };
      if (known?.code === "idempotency_mismatch") return mismatch();
      if (store.windows.countWaiting() + request.windows.length > MAX_WAITING)
        return no("queue_full", `the queue holds at most ${MAX_WAITING} waiting windows`);
      const received = this.#receive(request, now);
      const answer = { outcomes: received.outcomes, queue: this.view() };
      if (idempotency)
        store.queue.remember(idempotency.key, idempotency.bodyHash, JSON.stringify(answer), now);
      store.queue.prune(now - IDEMPOTENCY_TTL_MS);
      return { ok: true, replayed: false, ...answer };
    });
  }

  show(id: number): WindowAnswer {
    const row = this.#deps.store.windows.byId(id);
    return row ? { ok: true, window: windowDetail(this.#deps.store, row) } : unknown(id);
  }

  cancel(id: number, { actor, note }: ChangedBy): CancelAnswer {
    const { store } = this.#deps;
    const now = this.#deps.now();
    return store.transaction((): CancelAnswer => {
      const row = store.windows.byId(id);
      if (!row) return unknown(id);
      const sends = row.state === "running" || row.state === "needs_attention";
      if (!sends && row.state !== "queued" && row.state !== "blocked")
        return no("wrong_state", `window ${id} is ${row.state}`);
      const abort = sends && !row.isSeries ? row.runId : null;
      // A window whose run ends by an abort is cancelled when the run reports the end.
      if (abort !== null) store.windows.change(id, { isCancelled: true });
      else
        store.windows.change(id, {
          state: "cancelled",
          waits: false,
          expiresAt: null,
          left: null,
          reason: null,
        });
      store.queue.addEvent(id, actor, "cancel", { note, ...(abort !== null && { aborts: abort }) }, now);
      if (row.isSeries) store.windows.cancelQueuedOf(id);
      settleSeries(this.#deps, row.series, now);
      return { ok: true, window: this.#detail(id), abort };
    });
  }

  move(id: number, to: MovedTo, { actor, note }: ChangedBy): WindowAnswer {
    const { store } = this.#deps;
    const now = this.#deps.now();
    const otherId = "before" in to ? to.before : to.after;
    return store.transaction((): WindowAnswer => {
      const [row, other] = [store.windows.byId(id), store.windows.byId(otherId)];
      if (!row) return unknown(id);
      if (!other) return unknown(otherId);
      const idle = [row, other].find((one) => !one.waits);
      if (idle)
        return no("wrong_state", `window ${idle.id} is ${idle.state}; only waiting windows have an order`);
      if (id !== otherId) store.windows.change(id, placeNextTo(store.windows, other, "after" in to));
      store.queue.addEvent(id, actor, "move", { ...to, note }, now);
      return { ok: true, window: this.#detail(id) };
    });
  }

  pause({ actor, note }: ChangedBy): QueueView {
    const { store, log } = this.#deps;
    if (store.queue.pause() === null) {
      store.queue.setPause({ at: this.#deps.now(), by: actor, note });
      log("info", "registry.queue_paused", { actor, note });
    }
    return this.view();
  }

  resume({ actor, note }: ChangedBy): QueueView {
    const { store, log } = this.#deps;
    if (store.queue.pause() !== null) log("info", "registry.queue_resumed", { actor, note });
    store.queue.setPause(null);
    return this.view();
  }

  view(): QueueView {
    const { store } = this.#deps;
    const earliest = store.windows.earliest();
    const now = this.#deps.now();
    return queueView(store, earliest && (this.hindrance(now) ?? notYet(earliest.startsAt, now)));
  }

  /** Why no window can start now, independent of the next window. Null: a window can start. */
  hindrance(now: number): Hindrance | null {
    const { store } = this.#deps;
    if (store.queue.pause() !== null) return { code: "paused", detail: "paused" };
    const closed = this.#deps.whyNoWindowStarts();
    if (closed !== null) return closed;
    const { holder } = store.slot();
    if (holder !== null) return behindRun("slot_taken", holder, "owns the slot");
    const turn = store.queue.turns().find(({ until }) => until === null || until > now);
    if (turn) return behindRun("reserved", turn.runId, "asked for the slot");
    const resting = store.windows.runAtWork();
    return resting === null ? null : behindRun("run_at_work", resting, "rests without the slot");
  }

  /** Changes the window of a run that reported. Call in the transaction that saves the report. */
  reported(report: RunReport): void {
    const { store, log } = this.#deps;
    if (report.finished || report.stage === "aborted") store.queue.dropTurn(report.runId);
    const row = store.windows.byRun(report.runId);
    if (!row || !["running", "needs_attention", "delivered"].includes(row.state)) return;
    const now = this.#deps.now();
    const after = afterReport({ ...row, maxAttempts: row.asked.maxAttempts }, report, now);
    if (after.state === row.state) return;
    if (after.state === "queued") {
      const { notBefore } = after;
      const expires = expiresAt(now, notBefore, row.asked.maxAgeMs);
      store.windows.change(row.id, { state: "queued", waits: true, notBefore, expiresAt: expires });
    } else store.windows.change(row.id, { state: after.state });
    store.queue.addEvent(row.id, "system", after.state, { run: report.runId, summary: report.summary }, now);
    const seen = { window: row.id, state: after.state, run: report.runId };
    if (after.state === "needs_attention" || after.state === "failed")
      log("warn", "registry.window_needs_operator", seen);
    else log("info", "registry.window_ended", seen);
    settleSeries(this.#deps, row.series, now);
  }

  /** Call when a run was refused the slot. If a run of the queue owns the slot, reserves the slot for the refused
   * run. */
  refused(runId: string, holder: string): boolean {
    const { store } = this.#deps;
    const isQueued = store.earlier(holder)?.spec.queueWindow !== undefined;
    if (isQueued) store.queue.askTurn(runId, this.#deps.now());
    return isQueued;
  }

  /** The run got the slot, or may not have it. So no window waits for this run any more. */
  turnEnded(runId: string): void {
    this.#deps.store.queue.dropTurn(runId);
  }

  freed(): void {
    this.#deps.store.queue.keepTurns(this.#deps.now() + TURN_KEPT_MS);
  }

  /** Called by the alarm: expires windows that waited too long, and starts the next window. Returns the run of
   * this window. */
  async turn(): Promise<string | null> {
    const { store, log } = this.#deps;
    const now = this.#deps.now();
    store.transaction(() => {
      for (const id of store.windows.expire(now)) {
        store.queue.addEvent(id, "system", "expired", {}, now);
        log("warn", "registry.window_expired", { window: id });
        settleSeries(this.#deps, store.windows.byId(id)?.series ?? null, now);
      }
      if (store.slot().holder === null) store.queue.dropTurnsUntil(now);
    });
    if (now < this.#notStartedBefore) return null;
    this.#notStartedBefore = now + AFTER_FAILURE_MS;
    const runId = await startNext({ ...this.#deps, hindrance: (at) => this.hindrance(at) });
    this.#notStartedBefore = 0;
    return runId;
  }

  /** When the alarm must call `turn`. Null: no window waits. */
  wakeAt(now: number): number | null {
    const { store } = this.#deps;
    const earliest = store.windows.earliest();
    if (earliest === null) return null;
    const { holder } = store.slot();
    const turns = holder === null ? store.queue.turns().flatMap(({ until }) => until ?? []) : [];
    const hindered = this.hindrance(now) !== null;
    const startsAt = hindered ? now + POKE_EVERY_MS : Math.max(earliest.startsAt, this.#notStartedBefore);
    const at = Math.min(startsAt, earliest.expiresAt, now + POKE_EVERY_MS, ...turns);
    return Math.max(at, now + 1);
  }

  #receive(request: QueueRequest, now: number): Received {
    const { store } = this.#deps;
    const { source, windows } = request;
    const asked = windows.flatMap((one) => (one.kind === "invalid" ? [] : [one]));
    // A window may grow by windows that touch it, and by windows behind a gap of `coalesceMs`.
    const reach = MAX_WINDOW_MS + request.coalesceMs;
    const from = asked.reduce((least, { startMs }) => Math.min(least, startMs), Infinity) - reach;
    const to = asked.reduce((most, { endMs }) => Math.max(most, endMs), -Infinity) + reach;
    const none = asked.length === 0;
    const key = keyOf(request);
    const state = {
      book: new ActiveWindowIndex(none ? [] : store.windows.active(from, to)),
      runs: none ? [] : store.windows.knownRuns(from, to),
      taken: source === null ? [] : store.queue.takenBy(source, now),
      nextId: store.windows.nextId(),
    };
    const received = receive(windows, state, { ...request, key, replay: request.wanted.replay }, now);
    if (source !== null && received.counted > 0) store.queue.addTaken(source, received.counted, now);
    if (received.added.length > 0) {
      const { priority, notBefore, maxAgeMs } = request;
      const place = { rank: 0 - priority, notBefore, expiresAt: expiresAt(now, notBefore, maxAgeMs) };
      store.windows.insert(
        received.added,
        { request: store.windows.insertRequest(request, key, now), ...place },
        now,
      );
    }
    this.#join(request, received, now);
    return received;
  }

  #join({ actor, reason, source }: QueueRequest, { grown, joined }: Received, now: number): void {
    const { windows, queue } = this.#deps.store;
    for (const { id, tookIn, ...window } of grown) {
      windows.change(id, { window });
      const detail = { took_in: tookIn.map((one) => ({ ...textOf(one) })), reason, source };
      queue.addEvent(id, actor, "grown", detail, now);
    }
    for (const { id, into } of joined) {
      windows.change(id, { state: "coalesced", waits: false, expiresAt: null, into });
      queue.addEvent(id, actor, "coalesced", { into }, now);
    }
  }

  #detail(id: number): WindowDetail {
    const shown = this.show(id);
    if (!shown.ok) throw new Error(shown.detail);
    return shown.window;
  }
}

/** A hash of everything that decides when and how a window's run works. Only windows with equal hashes may
 * coalesce. */
function keyOf({ wanted, priority, notBefore, maxAgeMs, maxAttempts, skipSent }: QueueRequest): string {
  const { actor: _actor, note: _note, ...options } = wanted;
  const all = JSON.stringify([options, priority, notBefore, maxAgeMs, maxAttempts, skipSent]);
  return createHash("sha256").update(all).digest("hex");
}

function unknown(id: number): Refused<"unknown_window"> {
  return no("unknown_window", `no window ${id}`);
}
