// Defines what a run's work was: bytes, operations, time, and their cost. Plain data that crosses RPC.
import { MILLION, OBJECT_GB, OPERATIONS_PER_MESSAGE, PRICE } from "./prices.ts";

/** Operations of R2 by price class. */
export interface R2Operations {
  classA: number;
  classB: number;
}

/** Everything that a run counts about its work. Each number is a lower bound. If a parser or sender ends before its
 * report, its work is missing. An eviction loses what the run's Durable Object counted after its last write. */
export interface Work {
  /** Compressed bytes of the raw log objects, and their bytes after decompression. */
  bytesRead: number;
  bytesInflated: number;
  /** Bytes of the bodies of POSTs, as compressed. */
  bytesSent: number;
  classA: number;
  classB: number;
  /** Calls of parsers, senders and operators, and alarms. */
  objectRequests: number;
  rowsWritten: number;
  rowsRead: number;
  queueMessages: number;
  /** For how many milliseconds at least one batch was leased to a sender. */
  sendingMs: number;
}

export const NO_WORK: Work = {
  bytesRead: 0,
  bytesInflated: 0,
  bytesSent: 0,
  classA: 0,
  classB: 0,
  objectRequests: 0,
  rowsWritten: 0,
  rowsRead: 0,
  queueMessages: 0,
  sendingMs: 0,
};

/** What the work of a run cost, in US dollars. */
export interface WorkCost {
  r2: number;
  durable_objects: number;
  queues: number;
  /** The sum of the three members above. These costs come from counts, not from estimates. */
  counted: number;
  /** An estimate, not in `counted`. The estimate assumes that the run's Durable Object stays in memory from the
   * start of the run to its end. */
  object_duration_estimate: number;
}

/** The part of the status about the work of the run. Nullable members are null for runs that older code started. */
export interface WorkView {
  /** From the run's start to its delivery, abort or count, or until now. */
  duration_seconds: number;
  /** Delivered lines divided by the duration. */
  lines_per_second_avg: number;
  /** The rate in the busiest interval of ten seconds. It is never below the average while the run sent. Also null before the first
   * report. */
  lines_per_second_peak: number | null;
  /** For how many seconds at least one batch was leased to a sender. */
  sending_seconds: number | null;
  bytes: { read: number; inflated: number; sent: number } | null;
  operations: {
    r2_class_a: number;
    r2_class_b: number;
    object_requests: number;
    object_rows_written: number;
    object_rows_read: number;
    queue_messages: number;
  } | null;
  cost_usd: WorkCost | null;
}

/** `durationSeconds`: from the start of the run to its end. */
export function costOf(work: Work, durationSeconds: number): WorkCost {
  const r2 = dollarsOf([
    [work.classA, PRICE.classA],
    [work.classB, PRICE.classB],
  ]);
  const objects = dollarsOf([
    [work.objectRequests, PRICE.objectRequests],
    [work.rowsWritten, PRICE.rowsWritten],
    [work.rowsRead, PRICE.rowsRead],
  ]);
  const queues = dollarsOf([[work.queueMessages * OPERATIONS_PER_MESSAGE, PRICE.queueOperations]]);
  const duration = dollarsOf([[durationSeconds * OBJECT_GB, PRICE.objectGbSeconds]]);
  return {
    r2: rounded(r2),
    durable_objects: rounded(objects),
    queues: rounded(queues),
    counted: rounded(r2 + objects + queues),
    object_duration_estimate: rounded(duration),
  };
}

function dollarsOf(items: [count: number, price: number][]): number {
  return items.reduce((sum, [count, price]) => sum + (count * price) / MILLION, 0);
}

/** Rounds an amount to a millionth of a dollar. */
function rounded(dollars: number): number {
  return Math.round(dollars * 1e6) / 1e6;
}
