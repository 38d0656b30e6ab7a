// The rules of the window queue: the age of a window, the cap of a source, the end of a run, the end of a series. A
// source is the caller that queues windows, as the member `source` of its requests names it. A series is a long
// range that the queue cuts into windows. Does no I/O. `now` is passed in.
import type { RunReport } from "../../../src/contract/registry.ts";
import type { WindowState } from "../../../src/contract/windows.ts";

/** The cap of a source counts the windows that it queued within this time, in ms. */
export const CAP_MS = 60_000;
/** How long a window waits after its run was aborted, so that an operator can cancel it. */
export const NEXT_ATTEMPT_MS = 60_000;
/** How long the receiver's slot stays reserved after it became free, for a run whose command got `slot_taken`. */
export const TURN_KEPT_MS = 600_000;
/** The most windows that may wait. With more windows, one request would take too long, and every other call of the
 * registry waits for it. */
export const MAX_WAITING = 20_000;

/** How many ms the source of a request must wait before it may queue another window. Null: it may queue one now.
 * `taken` are the windows that this source queued in the last minute, oldest first. `most` is the cap. */
export function capWait(
  taken: readonly { at: number; count: number }[],
  most: number,
  now: number,
): number | null {
  const counted = taken.filter(({ at }) => at > now - CAP_MS);
  let over = counted.reduce((sum, { count }) => sum + count, 0) - most;
  if (over < 0) return null;
  for (const { at, count } of counted) {
    over -= count;
    if (over < 0) return Math.max(1, at + CAP_MS - now);
  }
  return CAP_MS;
}

export function isTooOld(endMs: number, oldestEnd: number | null): boolean {
  return oldestEnd !== null && endMs < oldestEnd;
}

/** When a window that has waited since `since` expires. */
export function expiresAt(since: number, notBefore: number | null, maxAgeMs: number): number {
  return Math.max(since, notBefore ?? 0) + maxAgeMs;
}

export type AfterReport =
  | { state: Extract<WindowState, "running" | "delivered" | "needs_attention" | "failed" | "cancelled"> }
  /** The run was aborted. The window waits for another attempt, which continues this run. */
  | { state: "queued"; notBefore: number };

/** What a progress report of the run means for its window. */
export function afterReport(
  window: { attempts: number; maxAttempts: number; isCancelled: boolean },
  report: Pick<RunReport, "stage" | "deliveredAt">,
  now: number,
): AfterReport {
  if (report.stage === "aborted") {
    if (window.isCancelled) return { state: "cancelled" };
    if (window.attempts >= window.maxAttempts) return { state: "failed" };
    return { state: "queued", notBefore: now + NEXT_ATTEMPT_MS };
  }
  if (report.stage === "sent_waiting_cleanup" || report.stage === "cleaned") return { state: "delivered" };
  // A delivered run may need attention again. Its lines were delivered anyway.
  if (report.deliveredAt !== null && report.deliveredAt !== undefined) return { state: "delivered" };
  return { state: report.stage === "needs_attention" ? "needs_attention" : "running" };
}

export type WindowCounts = { [State in WindowState]?: number };

/** The state of a series of windows. `isCut`: the whole range of the series is cut into windows. */
export function seriesState(counts: WindowCounts, isCut: boolean): WindowState {
  const count = (state: WindowState): number => counts[state] ?? 0;
  if (!isCut || count("queued") + count("running") > 0) return "running";
  const needsOperator = count("needs_attention") + count("blocked") + count("failed") + count("expired");
  return needsOperator > 0 ? "needs_attention" : "delivered";
}
