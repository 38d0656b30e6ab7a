// The plain data that the driver and the Worker of the reference run exchange. Times are milliseconds.
import type { RunSpec } from "../../src/contract/run.ts";
import type { Blocked } from "../scale/blocking.ts";
import type { Counts } from "../worker/counters.ts";

export interface Outside {
  /** How much longer than locally a call of a consumer to the run's Durable Object takes. */
  addedMs: number;
  /** The receiver's time for an answer. */
  answerMs: number;
  /** The time of one R2 operation. */
  bucketMs: number;
  /** The time from the claim of a file to its manifest. */
  parseMs: number;
}

export interface Start {
  action: "start";
  spec: RunSpec;
  files: number;
  batches: number;
  outside: Outside;
  /** How many real seconds one second of the Worker takes (slow-motion.ts). */
  slow: number;
}

/** What the consumers have counted. */
export interface Tally {
  /** When the run started, epoch ms of the Worker's clock. All times here are times of this clock. */
  startedAt: number;
  /** When each POST began, epoch ms. */
  begins: number[];
  lastReportAt: number;
  /** Calls of senders that carried reports, and the number of these reports. */
  reportingCalls: number;
  reports: number;
  /** The sum over all batches of the time from the receipt of the permit to the answer of its report. */
  leasedMs: number;
  /** The sum over all batches of the time by which the POST began after the start of its permit. */
  lateMs: number;
  /** How often senders got fewer permits than wanted, by reason. */
  answers: Record<string, number>;
}

export interface CountedSoFar {
  tally: Tally;
  counts: Counts;
  blocked: Record<string, Blocked>;
}

/** The batches of the file with this number, counted from 1. Together the files have `batches` batches. */
export function batchesOf(file: number, files: number, batches: number): number {
  return Math.floor((file * batches) / files) - Math.floor(((file - 1) * batches) / files);
}
