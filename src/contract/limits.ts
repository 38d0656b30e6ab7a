// The limits of a run that PATCH may change, and that a run continuing it takes over. Plain data.

export interface RunLimits {
  /** The hard cap, lines in any one second. */
  maxLinesPerSecond: number;
  /** Caps beside lines per second; null: none. */
  maxRequestsPerSecond: number | null;
  maxBytesPerSecond: number | null;
  /** POSTs open at once, all senders together. */
  maxInFlight: number;
  /** Files enqueued per minute. */
  rate: number | "auto";
  /** Starts at a tenth of the cap, and yields to latency earlier. */
  polite: boolean;
  /** What follows an attempt that may have been accepted. */
  onUncertain: "resend" | "hold";
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

/** Ten invocations of six lanes. */
export const MAX_IN_FLIGHT = 60;

export type LimitChange = { from: RunLimits[LimitName]; to: RunLimits[LimitName] };
