// Shared by the tests of the rate limiter: caps of lines only, a sender that asks until it has a permit, and the busiest
// second that POSTs can make.
import {
  issuePermit,
  type Caps,
  type PaceState,
  type PermitRequest,
} from "../../durable-objects/backfill-run/receiver/pace.ts";

const SECOND = 1_000;

/** Asks again, as a sender does, until a permit is issued. Returns when the batch may be sent, and when the permit
 * was issued. */
export function issued(pace: PaceState, request: PermitRequest): { at: number; now: number } {
  let { now } = request;
  for (;;) {
    const answer = issuePermit(pace, { ...request, now });
    if (answer.kind === "issued") return { at: now + answer.waitMs, now };
    now += answer.waitMs;
  }
}

/** A cap of lines only, without caps of POSTs and bytes. */
export function onlyLines(lines: number): Caps {
  return { lines, requests: null, bytes: null };
}

/** A POST on a clock that cannot be set. In real milliseconds. `hasBegun`: the sender has reported when. */
export interface BegunPost {
  key: string;
  from: number;
  until: number;
  lines: number;
  hasBegun?: boolean;
}

/** The most lines that can fall into one second, if each POST may begin at any time inside its interval. */
export function worstSecond(permits: readonly BegunPost[]): number {
  let worst = 0;
  for (const newest of permits) {
    const seen = permits.filter((one) => one.from <= newest.from && one.until > newest.from - SECOND);
    worst = Math.max(
      worst,
      seen.reduce((lines, one) => lines + one.lines, 0),
    );
  }
  return worst;
}
