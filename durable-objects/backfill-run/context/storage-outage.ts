// Handles an R2 outage. After a failure, R2 is not used for 1 s, 2 s, 4 s … 30 s. Then one attempt tries R2. The outage
// ends when such an attempt succeeds. Does no I/O. Senders, parsers and the clock have separate outages, because R2 may
// fail for only one of them.

export interface StorageOutage {
  since: number;
  failures: number;
  /** The end of the pause: R2 is not used before this time. */
  nextAt: number;
  /** The attempt that tries R2 now. Null: no attempt tries R2. */
  trial: string | null;
  detail: string;
}
export type StorageSide = "send" | "parse" | "clock";

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** The status shows an outage only when it lasts this long. */
const SHOWN_AFTER_MS = 60_000;

function pauseMs(failures: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 5));
}

/** Returns the state after R2 failed for the work `key`. Only a failed trial makes the pause longer. If the failed
 * work began before the outage, the pause stays as it is. */
export function storageFailed(
  state: StorageOutage | null,
  key: string,
  detail: string,
  now: number,
): StorageOutage {
  if (state === null) return { since: now, failures: 1, nextAt: now + pauseMs(1), trial: null, detail };
  if (state.trial !== key) return { ...state, detail };
  const failures = state.failures + 1;
  return { ...state, failures, nextAt: now + pauseMs(failures), trial: null, detail };
}

/** Handles a clock that was set back: moves the outage's times back. No pause exceeds the longest pause. */
export function outageSetBack(outage: StorageOutage, backMs: number, now: number): StorageOutage {
  const nextAt = Math.min(outage.nextAt - backMs, now + LONGEST_PAUSE_MS);
  return { ...outage, since: Math.min(now, outage.since - backMs), nextAt };
}

/** Returns the state while the work `key` tries R2. If this trial never reports, the next trial begins after the
 * same pause. */
export function trialBegun(state: StorageOutage, key: string, now: number): StorageOutage {
  return { ...state, trial: key, nextAt: now + pauseMs(state.failures) };
}

/** The time at which the next test of R2 may begin. Null: R2 may be used now. */
export function storageOpensAt(state: StorageOutage | null, now: number): number | null {
  return state !== null && now < state.nextAt ? state.nextAt : null;
}

/** The outage that the status shows: the longest outage, if it lasts a minute. */
export function storageReason(
  outages: readonly (StorageOutage | null)[],
  now: number,
): { code: string; detail: string } | null {
  const known = outages.filter((one) => one !== null).toSorted((a, b) => a.since - b.since);
  const [longest] = known;
  if (!longest || now - longest.since < SHOWN_AFTER_MS) return null;
  const since = new Date(longest.since).toISOString();
  return {
    code: "storage_unavailable",
    detail: `R2 has failed since ${since}: ${longest.detail}; it is tried again by itself`,
  };
}
