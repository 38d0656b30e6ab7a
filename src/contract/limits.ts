// The limits of a run that PATCH may change. A continuation takes them over. Plain data.

export interface RunLimits {
  /** The hard cap: lines in any one second. */
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
] as const satisfies readonly LimitName[];

/** The most POSTs open at once: ten invocations with six sender loops each. */
export const MAX_IN_FLIGHT = 60;

export type LimitChange = { from: RunLimits[LimitName]; to: RunLimits[LimitName] };
