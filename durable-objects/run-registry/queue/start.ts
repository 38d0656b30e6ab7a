// Starts the next window of the queue. Only the alarm calls it, so only one start is under way at a time. Each
// step is one transaction. A window is admitted as POST /runs would admit it, and its row changes in the same
// transaction, so no window starts twice.
import type { Overlap, WantedRun } from "../../../src/contract/registry.ts";
import { TAKEN_OVER_UNLESS_GIVEN } from "../../../src/contract/registry.ts";
import { errorText, type Log } from "../../../src/platform/log.ts";
import { chainOf, writeAdmission } from "../admission.ts";
import type { NamedRuns } from "../named-runs.ts";
import { overlapsWith } from "../rules.ts";
import type { RegistryStore } from "../store.ts";
import type { Hindrance } from "./hindrance.ts";
import { cut, remainderOf } from "./intervals.ts";
import { deliveredBy, openCover, sentIn, type KnownRun } from "./decide-window.ts";
import { expiresAt, seriesState } from "./rules.ts";
import { textOf } from "./receive.ts";
import type { WindowRow } from "./window-row.ts";

const OTHER_KIND = {
  code: "receiver_changed",
  detail:
    "it was queued for a receiver of another kind, before RECEIVER was set or removed; cancel it, and queue it again",
};
/** The most rows that one turn handles. Further rows wait for the next turn, which follows at once. */
const STEPS_PER_TURN = 50;
/** How long a window waits when the run of its earlier attempt did not answer. */
const UNANSWERED_MS = 5_000;
/** How long a window with `skip_sent` waits until it looks again at a run that covers a part of it. */
const COVER_AGAIN_MS = 60_000;

export interface StartDeps {
  store: RegistryStore;
  log: Log;
  now(): number;
  /** Why the queue may start no run now. Null: the queue may start a run. */
  hindrance(now: number): Hindrance | null;
  /** The present cap of the deployment. If it is lower than the cap at the time of the request, the present cap
   * applies. */
  maxLinesPerSecond(): number;
  /** True: new runs send to a receiver of the kind `http`. Null: the configuration cannot be used. */
  sendsToHttp(): boolean | null;
  askNamedRuns(wanted: WantedRun): Promise<NamedRuns>;
}

type Step = { runId: string } | "next" | "stop";

/** The run that was admitted. Null: no run was admitted now. */
export async function startNext(deps: StartDeps): Promise<string | null> {
  for (let step = 0; step < STEPS_PER_TURN; step += 1) {
    const now = deps.now();
    if (deps.hindrance(now) !== null) return null;
    const head = deps.store.windows.next(now);
    if (!head) return null;
    const done = head.isSeries ? cutNext(deps, head, now) : await startWindow(deps, head);
    if (done === "stop") return null;
    if (done !== "next") return done.runId;
  }
  return null;
}

async function startWindow(deps: StartDeps, head: WindowRow): Promise<Step> {
  const { store, log } = deps;
  const wanted = wantedOf(head, deps.maxLinesPerSecond());
  let named: NamedRuns = { limits: null, plan: null };
  if (wanted.continueOf !== null) {
    try {
      named = await deps.askNamedRuns(wanted);
    } catch (error) {
      log("warn", "registry.run_did_not_answer", { run: wanted.continueOf, error: errorText(error) });
      store.windows.change(head.id, { notBefore: deps.now() + UNANSWERED_MS });
      return "next";
    }
  }
  const now = deps.now();
  return store.transaction(() => {
    // The row may have changed during the await.
    const row = store.windows.byId(head.id);
    if (!row?.waits || row.endMs !== head.endMs || row.startMs !== head.startMs) return "next";
    if (deps.hindrance(now) !== null) return "stop";
    if (row.attempts === 0 && hasOtherKind(deps, wanted)) return block(deps, row, OTHER_KIND, [], now);
    return row.asked.skipSent && row.attempts === 0
      ? leaveOut(deps, row, wanted, now)
      : admit(deps, row, wanted, named, now);
  });
}

/** The run as POST /runs would request it. A further attempt continues the aborted run with its present limits. */
function wantedOf(row: WindowRow, cap: number): WantedRun {
  const { wanted, actor, reason } = row.asked;
  const { startMs, endMs, endExclusive } = row;
  const maxLinesPerSecond = Math.min(wanted.maxLinesPerSecond, cap);
  const batchLines = Math.min(wanted.parse.batchLines, maxLinesPerSecond);
  return {
    ...wanted,
    actor,
    note: wanted.note ?? reason,
    parse: { ...wanted.parse, batchLines, startMs, endMs, endExclusive },
    maxLinesPerSecond,
    queueWindow: row.id,
    continueOf: row.attempts > 0 ? row.runId : null,
    ...(row.attempts > 0 && { takeOver: [...TAKEN_OVER_UNLESS_GIVEN] }),
  };
}

/** Leaves out what earlier runs cover. If several parts remain, each becomes a window of its own. */
function leaveOut(deps: StartDeps, row: WindowRow, wanted: WantedRun, now: number): Step {
  const { store } = deps;
  const runs = store.windows.knownRuns(row.startMs, row.endMs);
  const open = openCover(row, runs);
  if (open !== undefined) return waitFor(deps, row, open, now);
  const parts = remainderOf(row, deliveredBy(runs));
  const [part, ...others] = isNewestFirst(store, row) ? parts.toReversed() : parts;
  if (!part) {
    const reason = { code: "sent_before", detail: "earlier runs cover all of it" };
    store.windows.change(row.id, { state: "delivered", waits: false, expiresAt: null, reason });
    store.queue.addEvent(row.id, "system", "sent_before", {}, now);
    settleSeries(deps, row.series, now);
    return "next";
  }
  const window = { startMs: part.startMs, endMs: part.endMs, endExclusive: part.endExclusive };
  if (others.length > 0 || part !== row) {
    store.windows.change(row.id, { window });
    const firstId = store.windows.nextId();
    const added = others.map((other, n) => newWindow(firstId + n, other));
    const { request, rank, notBefore, position } = row;
    const series = row.series === null ? {} : { series: row.series };
    const place = { request, rank, notBefore, position, expiresAt: row.expiresAt ?? now, ...series };
    store.windows.insert(added, place, now);
    const detail = {
      asked: { ...textOf(row) },
      left: { ...textOf(window) },
      others: added.map(({ id }) => id),
    };
    store.queue.addEvent(row.id, "system", "left_out_sent", detail, now);
  }
  const named = { limits: null, plan: null };
  return admit(deps, { ...row, ...window }, { ...wanted, parse: { ...wanted.parse, ...window } }, named, now);
}

function admit(deps: StartDeps, row: WindowRow, wanted: WantedRun, named: NamedRuns, now: number): Step {
  const { store, log } = deps;
  // A remaining part of the window begins at the inclusive end of an earlier run (intervals.ts). Only the lines of
  // this instant are sent again.
  const shared = row.asked.skipSent && !wanted.replay ? sharedInstants(deps, row, wanted) : [];
  const sharedWith = shared.map(({ run }) => run);
  const asked = shared.length > 0 ? { ...wanted, sharedWith } : wanted;
  const admission = writeAdmission(store, asked, named, null, now);
  switch (admission.kind) {
    case "admit": {
      const { runId } = admission;
      const attempts = row.attempts + 1;
      store.windows.change(row.id, {
        state: "running", waits: false, expiresAt: null, notBefore: null, attempts, runId, reason: null,
      }); // prettier-ignore
      store.makeDue(runId, now);
      store.queue.addRun(row.id, attempts, runId);
      const more = shared.length > 0 ? { shared_instants: shared.map(({ start }) => start) } : {};
      store.queue.addEvent(row.id, "system", "started", { run: runId, attempt: attempts, ...more }, now);
      log("info", "registry.window_started", { window: row.id, run: runId, attempt: attempts });
      return { runId };
    }
    case "slot_taken":
      return "stop";
    case "overlap": {
      const reason = { code: "overlap", detail: "a part of it was sent before" };
      return block(deps, row, reason, admission.overlaps, now);
    }
    case "idempotency_mismatch":
    case "replay":
    case "dry_run_under_way":
    case "not_continuable":
    case "plan_not_usable":
    case "plan_outdated": {
      const detail = "detail" in admission ? admission.detail : admission.kind;
      const reason = { code: admission.kind, detail };
      store.windows.change(row.id, { state: "failed", waits: false, expiresAt: null, reason });
      store.queue.addEvent(row.id, "system", "failed", reason, now);
      log("warn", "registry.window_needs_operator", {
        window: row.id,
        state: "failed",
        code: admission.kind,
      });
      break;
    }
  }
  settleSeries(deps, row.series, now);
  return "next";
}

/** The window waits for an operator. */
function block(
  deps: StartDeps,
  row: WindowRow,
  reason: { code: string; detail: string },
  overlaps: Overlap[],
  now: number,
): Step {
  const { store, log } = deps;
  store.windows.change(row.id, { state: "blocked", waits: false, expiresAt: null, reason, overlaps });
  store.queue.addEvent(row.id, "system", "blocked", { runs: overlaps.map(({ run }) => run) }, now);
  log("warn", "registry.window_needs_operator", { window: row.id, state: "blocked", code: reason.code });
  settleSeries(deps, row.series, now);
  return "next";
}

/** The overlaps with runs that sent lines, when each overlap is a single instant. Empty: there is no overlap, or
 * one is longer. */
function sharedInstants({ store }: StartDeps, row: WindowRow, { continueOf }: WantedRun): Overlap[] {
  const overlaps = overlapsWith(
    row,
    chainOf(store, continueOf),
    sentIn(row, store.windows.knownRuns(row.startMs, row.endMs)),
  );
  return overlaps.every(({ start, end }) => start === end) ? overlaps : [];
}

/** Cuts the next window of a series. This window starts before all later windows of the series. */
function cutNext(deps: StartDeps, head: WindowRow, now: number): Step {
  const { store } = deps;
  return store.transaction(() => {
    if (hasOtherKind(deps, head.asked.wanted)) return block(deps, head, OTHER_KIND, [], now);
    const { left, chunkMs, newestFirst } = head;
    if (!left || chunkMs === null) throw new Error(`series ${head.id} has nothing left to cut`);
    const { window, left: rest } = cut({ ...left, chunkMs, newestFirst });
    const runs = head.asked.skipSent ? store.windows.knownRuns(window.startMs, window.endMs) : [];
    if (remainderOf(window, deliveredBy(runs)).length > 0) {
      const open = openCover(window, runs);
      // The series waits, because a window that is cut begins to age.
      if (open !== undefined) return waitFor(deps, head, open, now);
      const { request, rank, position, id: series } = head;
      const expires = expiresAt(now, null, head.asked.maxAgeMs);
      const place = { request, rank, position, series, notBefore: null, expiresAt: expires };
      store.windows.insert([newWindow(store.windows.nextId(), window)], place, now);
    }
    const state = seriesState(store.windows.countsOf(head.id), rest === null);
    const waits = rest !== null;
    store.windows.change(head.id, {
      left: rest,
      waits,
      state,
      expiresAt: null,
      notBefore: null,
      reason: null,
    });
    return "next";
  });
}

/** The window or series waits until a run that covers a part of it is delivered or aborted. */
function waitFor({ store }: StartDeps, row: WindowRow, { runId }: KnownRun, now: number): Step {
  const reason = { code: "waits_for_run", detail: `run ${runId} covers a part of it, and is not delivered` };
  store.windows.change(row.id, { notBefore: now + COVER_AGAIN_MS, reason });
  return "next";
}

/** Whether new runs send to a receiver of another kind than this run, which was frozen when the window was queued. */
function hasOtherKind(deps: StartDeps, wanted: WantedRun): boolean {
  const sendsToHttp = deps.sendsToHttp();
  return sendsToHttp !== null && sendsToHttp !== (wanted.http !== undefined);
}

/** Updates the state of a series after one of its windows has changed. */
export function settleSeries({ store }: Pick<StartDeps, "store">, series: number | null, now: number): void {
  const row = series === null ? undefined : store.windows.byId(series);
  if (!row || row.state === "cancelled") return;
  const state = seriesState(store.windows.countsOf(row.id), row.left === null);
  if (state === row.state) return;
  store.windows.change(row.id, { state });
  store.queue.addEvent(row.id, "system", state, {}, now);
}

function isNewestFirst(store: RegistryStore, row: WindowRow): boolean {
  return row.series !== null && (store.windows.byId(row.series)?.newestFirst ?? false);
}

function newWindow(
  id: number,
  { startMs, endMs, endExclusive }: { startMs: number; endMs: number; endExclusive: boolean },
) {
  const window = { startMs, endMs, endExclusive };
  return { id, ...window, kind: "window" as const, overlaps: [], chunkMs: null, newestFirst: false };
}
