// One row of the table `attempts`.
import type { AttemptState } from "../../../src/contract/states.ts";

/** The POST of the batch that this batch is a part of delivered the lines. */
export const FOLLOWED_BY_PARENT = -1;

export type AttemptRow = {
  batch: number;
  attempt: number;
  state: AttemptState;
  cause: string;
  detail: string | null;
  /** The kind of answer when the cause is `unusual_answer`: `k1`, `k2` …, or `usual`. */
  answer_kind: string | null;
  lines: number;
  started_at: number | null;
  ended_at: number;
  /** The first later attempt that sent the batch again. 0: none. FOLLOWED_BY_PARENT: no attempt of this batch. */
  followed: number;
  /** The first later attempt that sent the batch again while the receiver remembered its token. 0: none. */
  deduped: number;
  /** The receiver cannot have got the lines earlier than this, in epoch milliseconds. Null: unknown. */
  arrived_after: number | null;
};
