// The parts of the status about the rate and about the POSTs. Does no I/O.
import type { RunLimits } from "../../../src/contract/limits.ts";
import type { PostFiguresView, RateView } from "../../../src/contract/rate.ts";
import type { PostFigures } from "./post-figures.ts";
import type { RateLimiter } from "./rate-limiter.ts";
import { rateOf } from "./rate.ts";

/** `linesPerSecond`: the lines delivered per second in the last ten seconds. `linesToday`: the lines of today's
 * permits. */
export function rateView(
  limits: RunLimits,
  { rate, pace }: Pick<RateLimiter, "rate" | "pace">,
  { linesPerSecond, linesToday }: { linesPerSecond: number; linesToday: number },
  now: number,
): RateView {
  return {
    files_per_minute: limits.rate,
    max_lines_per_second: limits.maxLinesPerSecond,
    max_requests_per_second: limits.maxRequestsPerSecond,
    max_bytes_per_second: limits.maxBytesPerSecond,
    max_in_flight: limits.maxInFlight,
    target_lines_per_second: Math.round(rateOf(rate, limits.maxLinesPerSecond, now)),
    lines_per_second: Math.round(linesPerSecond),
    granted_peak_lines_per_second: pace.peak,
    lines_today: linesToday,
  };
}

export function figuresView({ ack, failures, connectionErrors }: PostFigures): PostFiguresView {
  return {
    ack_ms: { p50: ack.quantile(0.5), p95: ack.quantile(0.95), p99: ack.quantile(0.99) },
    failures,
    connection_errors: connectionErrors,
  };
}
