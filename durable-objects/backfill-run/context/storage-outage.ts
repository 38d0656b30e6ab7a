// R2 that fails: pauses of 1 s, 2 s, 4 s … 30 s, and one trial after each, until a trial works. Pure. Senders, parsers and
// the clock's own listing each have an outage of their own: one may work while another does not.

export interface StorageOutage {
  since: number;
  failures: number;
  /** Before this nothing is tried. */
  nextAt: number;
  /** The one attempt that tries now; null: none. */
  trial: string | null;
  detail: string;
}
export type StorageSide = "send" | "parse" | "clock";

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** Shorter outages pass without a word. */
export const SHOWN_AFTER_MS = 60_000;

function pauseMs(failures: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 5));
}

/** `key` failed. What was under way when the outage began says nothing new. */
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

/** The clock was set back: the outage goes back with it, and no pause exceeds the longest one. */
export function outageSetBack(outage: StorageOutage, backMs: number, now: number): StorageOutage {
  const nextAt = Math.min(outage.nextAt - backMs, now + LONGEST_PAUSE_MS);
  return { ...outage, since: Math.min(now, outage.since - backMs), nextAt };
}

/** A trial that vanishes is followed by another one after the same pause. */
export function trialBegun(state: StorageOutage, key: string, now: number): StorageOutage {
  return { ...state, trial: key, nextAt: now + pauseMs(state.failures) };
}

/** When the next trial may begin: null when nothing hinders it now. */
export function storageOpensAt(state: StorageOutage | null, now: number): number | null {
  return state !== null && now < state.nextAt ? state.nextAt : null;
}

/** What an operator is shown: the outage that lasts longest, once it has lasted a minute. */
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
