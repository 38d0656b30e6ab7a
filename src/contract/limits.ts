// The limits of a run that PATCH may change. A continuation takes them over. Plain data.
import type { SendRange } from "./send-hours.ts";

export interface RunLimits {
  /** The cap: how many lines may be sent in any one second. */
  maxLinesPerSecond: number;
  /** Further caps per second. Null: no cap. */
  maxRequestsPerSecond: number | null;
  maxBytesPerSecond: number | null;
  /** POSTs open at once, over all senders. */
  maxInFlight: number;
  /** Files enqueued per minute. */
  rate: number | "auto";
  /** The run starts at a tenth of the cap, and slows down at a smaller rise in latency. */
  polite: boolean;
  /** What the run does after an attempt that the receiver may have accepted. */
  onUncertain: "resend" | "hold";
  /** The run sends only within these ranges. Null: at any time. */
  sendBetween: SendRange[] | null;
  /** The most lines of send permits in one calendar day. Null: no cap. */
  dailyLines: number | null;
}

/** The members of `RunLimits` under their API names. */
export interface LimitsView {
  max_lines_per_second: number;
  max_requests_per_second: number | null;
  max_bytes_per_second: number | null;
  max_in_flight: number;
  rate: number | "auto";
  polite: boolean;
  on_uncertain: "resend" | "hold";
  send_between: SendRange[] | null;
  daily_lines: number | null;
}

export type LimitName = keyof RunLimits;

export const LIMIT_NAMES = [
  "maxLinesPerSecond",
  "maxRequestsPerSecond",
  "maxBytesPerSecond",
  "maxInFlight",
  "rate",
  "polite",
  "onUncertain",
  "sendBetween",
  "dailyLines",
] as const satisfies readonly LimitName[];

/** The most POSTs open at once: ten invocations with six sender loops each. */
export const MAX_IN_FLIGHT = 60;

export type LimitChange = { from: RunLimits[LimitName]; to: RunLimits[LimitName] };
