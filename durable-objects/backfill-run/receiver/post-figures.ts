// Measurements of POSTs that the status shows: acknowledgement times, and failures by cause. Does no I/O.
import { AckHistogram } from "./latency.ts";

/** The figures that survive an eviction. The optional members are absent in rows of older versions. */
export interface KeptFigures {
  ack: number[];
  ackSumMs?: number;
  failures: Record<string, number>;
  connectionErrors?: Record<string, number>;
}

export class PostFigures {
  readonly ack: AckHistogram;
  readonly failures: Record<string, number>;
  /** POSTs without an answer, by the cause that the runtime gave. */
  readonly connectionErrors: Record<string, number>;

  constructor(kept: KeptFigures | null) {
    this.ack = new AckHistogram(kept?.ack ?? [], kept?.ackSumMs);
    this.failures = kept?.failures ?? {};
    this.connectionErrors = kept?.connectionErrors ?? {};
  }

  failed(cause: string): void {
    this.failures[cause] = (this.failures[cause] ?? 0) + 1;
  }

  connectionFailed(cause: string): void {
    this.connectionErrors[cause] = (this.connectionErrors[cause] ?? 0) + 1;
  }

  keep(): KeptFigures {
    const { ack, failures, connectionErrors } = this;
    return { ack: ack.buckets, ackSumMs: ack.sumMs, failures, connectionErrors };
  }
}
