// Handles a system clock that was set back. Every stored time has a longest wait. After the clock was set back, a
// stored time may be later than its longest wait allows. The run would then stop until this stored time. So all
// stored times are moved back by the same amount as the clock.
//
// Leases and the quiet period of an abort are never shortened. A sender may still act until they end.
import { MAX_HOLD_MS, SLOW_PROBE_MS, type BreakerState } from "../receiver/breaker.ts";
import { SEND_LEASE_MS } from "../sending/claim.ts";
import { started, type RunContext } from "../context/context.ts";
import { LOOK_AGAIN_MS } from "../files/live-waiting.ts";
import { NOTICE_INTERVAL_MS } from "../../../src/contract/notices.ts";
import { limitsOf } from "../context/limits.ts";
import { zoneOf } from "../context/rest.ts";
import { PARSE_LEASE_MS } from "../files/parse-verbs.ts";
import { seriesOf } from "../context/series-state.ts";
import { seriesSetBack } from "../receiver/series.ts";
import { setBack } from "../ledger/set-back.ts";

/** The largest clock change that is ignored, in ms. Such small changes are ordinary adjustments. */
const TOLERATED_MS = 1_000;
/** The longest waits of a batch's retry, of a file's next enqueueing, and between two files at a fixed rate of one
 * file a minute. */
const RETRY_MS = 60_000;
const LONGEST_ENQUEUE_WAIT_MS = 300_000;
const ENQUEUE_MS = 60_000;

function breakerSetBack(state: BreakerState, now: number, backMs: number): BreakerState {
  const moved = (at: number, longestMs: number): number =>
    setBack(at, { now, backMs, longestMs, otherwise: now });
  const holdUntil = moved(state.holdUntil, MAX_HOLD_MS);
  const { open } = state;
  if (open === null) return { ...state, holdUntil };
  const since = Math.min(now, open.since - backMs);
  return {
    ...state,
    holdUntil,
    open: { ...open, since, nextProbeAt: moved(open.nextProbeAt, SLOW_PROBE_MS) },
  };
}

/** Compares the clock with its last reading, also across a restart of the Durable Object. If the clock was set
 * back, moves all stored times. Returns whether the clock was set back. */
export function followClock(context: RunContext): boolean {
  const { memory, now } = context;
  const backMs = memory.clockWentBack(now, TOLERATED_MS);
  if (backMs === 0) return false;
  moveTimes(context, backMs);
  context.log("warn", "clock_set_back", { back_ms: backMs });
  return true;
}

/** Moves all stored times back by `backMs`. `backMs` may be 0, because the clock may go back by an unknown amount
 * during a restart. */
export function moveTimes(context: RunContext, backMs: number): void {
  const run = started(context);
  if (!run) return;
  const { store, memory, now } = context;
  const { row, hot } = run;
  memory.setBack(backMs, now);
  // Reading the count of daily lines makes it count for today.
  memory.daily.lines(zoneOf(limitsOf(row)), now);
  store.transaction(() => {
    const wait = { now, backMs };
    store.waiting.setBackRetries({ ...wait, longestMs: RETRY_MS, otherwise: now });
    store.waiting.setBackFiles("enqueue_at", { ...wait, longestMs: LONGEST_ENQUEUE_WAIT_MS, otherwise: now });
    store.waiting.setBackFiles("parse_lease_ends_at", {
      ...wait,
      longestMs: PARSE_LEASE_MS,
      otherwise: now + PARSE_LEASE_MS,
    });
    const liveMs = Math.max(LOOK_AGAIN_MS, run.spec.live?.settleMs ?? 0);
    store.waiting.setBackFiles("live_check_at", { ...wait, longestMs: liveMs, otherwise: now });
    store.leases.setBack({ ...wait, longestMs: SEND_LEASE_MS, otherwise: now + SEND_LEASE_MS });
    store.outbox.setBack(now, backMs, NOTICE_INTERVAL_MS);
    const graceMs = run.spec.cleanupGraceMs;
    const grace = { ...wait, longestMs: graceMs, otherwise: now + graceMs };
    const cleanup_ends_at = row.cleanup_ends_at === null ? null : setBack(row.cleanup_ends_at, grace);
    const enqueue = { ...wait, longestMs: ENQUEUE_MS, otherwise: now };
    const next_enqueue_at = setBack(row.next_enqueue_at, enqueue);
    const reported_at = Math.min(row.reported_at, now);
    if (
      cleanup_ends_at !== row.cleanup_ends_at ||
      next_enqueue_at !== row.next_enqueue_at ||
      reported_at !== row.reported_at
    ) {
      store.run.update({ cleanup_ends_at, next_enqueue_at, reported_at });
    }
    const breaker_json = JSON.stringify(breakerSetBack(run.breaker, now, backMs));
    const pace_json = JSON.stringify(memory.keep());
    const series = seriesSetBack(seriesOf(hot), backMs, now);
    if (series.shiftMs > 0) {
      store.series.setBack(series.shiftMs);
      store.totals.set({ series_json: JSON.stringify(series.state) });
    }
    if (breaker_json !== hot.breaker_json) store.totals.set({ breaker_json });
    if (backMs > 0) store.totals.set({ pace_json });
  });
}
