// Records what the receiver got: requests, lines, RayIDs with their counts, and the busiest second.

export interface RequestLog {
  id: number;
  /** Epoch ms with a fraction: when the headers arrived, and when the last byte of the body arrived. */
  headers_at: number;
  body_at: number | null;
  answered_at: number | null;
  /** The status of the answer. Null for a hang, for a reset, or if the sender closed the connection. */
  status: number | null;
  /** How many lines the body has. 0 while this is unknown. */
  lines: number;
  accepted: boolean;
  /** The behaviour rule that applied, or the rule of the partner that the request broke. */
  why: string | null;
}

export interface ReceiverStats {
  requests: number;
  /** How many requests had their lines accepted, whatever was answered. */
  accepted_requests: number;
  lines_received: number;
  lines_accepted: number;
  distinct_ray_ids: number;
  /** How many accepted lines had a RayID that was accepted before. */
  duplicate_lines: number;
  violations: Record<string, number>;
  first_violations: string[];
  /** How many requests used a signature again. This breaks no rule: two fresh signatures within one second may be
   * equal, because their random part is small. */
  reused_signatures: number;
  statuses: Record<string, number>;
  open_requests: number;
  most_open_requests: number;
  /** The most lines in any window of one second, including refused lines. Measured by the arrival of headers, and
   * by the end of bodies. */
  peak_lines_per_second: { by_headers: number; by_body: number };
  last_request_at: number | null;
}

const WINDOW_MS = 1_000;
const VIOLATIONS_SHOWN = 20;

export class Tally {
  readonly requests: RequestLog[] = [];
  /** Accepted RayIDs, and how often each arrived. */
  readonly rayIds = new Map<string, number>();
  reusedSignatures = 0;
  readonly #violations: Record<string, number> = {};
  readonly #firstViolations: string[] = [];
  #linesAccepted = 0;
  #open = 0;
  #mostOpen = 0;

  began(headersAt: number): RequestLog {
    const log: RequestLog = {
      id: this.requests.length + 1,
      headers_at: headersAt,
      body_at: null,
      answered_at: null,
      status: null,
      lines: 0,
      accepted: false,
      why: null,
    };
    this.requests.push(log);
    this.#open += 1;
    this.#mostOpen = Math.max(this.#mostOpen, this.#open);
    return log;
  }

  violated(log: RequestLog, code: string, detail: string): void {
    log.why = code;
    this.#violations[code] = (this.#violations[code] ?? 0) + 1;
    if (this.#firstViolations.length < VIOLATIONS_SHOWN) {
      this.#firstViolations.push(`request ${log.id}: ${code} ${detail}`.trimEnd());
    }
  }

  accepted(log: RequestLog, rayIds: readonly string[]): void {
    log.accepted = true;
    this.#linesAccepted += rayIds.length;
    for (const rayId of rayIds) this.rayIds.set(rayId, (this.rayIds.get(rayId) ?? 0) + 1);
  }

  /** Counts a request that has ended, with or without an answer. */
  closed(): void {
    this.#open -= 1;
  }

  stats(): ReceiverStats {
    const statuses: Record<string, number> = {};
    for (const { status } of this.requests) {
      const name = status === null ? "none" : String(status);
      statuses[name] = (statuses[name] ?? 0) + 1;
    }
    return {
      requests: this.requests.length,
      accepted_requests: this.requests.filter((log) => log.accepted).length,
      lines_received: this.requests.reduce((sum, log) => sum + log.lines, 0),
      lines_accepted: this.#linesAccepted,
      distinct_ray_ids: this.rayIds.size,
      duplicate_lines: this.#linesAccepted - this.rayIds.size,
      violations: { ...this.#violations },
      first_violations: [...this.#firstViolations],
      reused_signatures: this.reusedSignatures,
      statuses,
      open_requests: this.#open,
      most_open_requests: this.#mostOpen,
      peak_lines_per_second: {
        by_headers: busiestSecond(this.requests, (log) => log.headers_at),
        by_body: busiestSecond(this.requests, (log) => log.body_at),
      },
      last_request_at: this.requests.at(-1)?.headers_at ?? null,
    };
  }
}

/** The most lines in any half-open window of one second. */
export function busiestSecond(
  requests: readonly RequestLog[],
  at: (log: RequestLog) => number | null,
): number {
  const arrivals = requests
    .map((log) => ({ at: at(log), lines: log.lines }))
    .filter((arrival): arrival is { at: number; lines: number } => arrival.at !== null)
    .sort((a, b) => a.at - b.at);
  let oldest = 0;
  let inWindow = 0;
  let most = 0;
  for (const arrival of arrivals) {
    inWindow += arrival.lines;
    for (
      let first = arrivals[oldest];
      first && first.at <= arrival.at - WINDOW_MS;
      first = arrivals[oldest]
    ) {
      inWindow -= first.lines;
      oldest += 1;
    }
    most = Math.max(most, inWindow);
  }
  return most;
}
