// A row of the table batches, as every statement of batch-rows.ts returns it.
import type { BatchState } from "../../../src/contract/states.ts";

export type BatchRow = {
  batch: number;
  file: number;
  ordinal: number;
  parent: number | null;
  slice_from: number;
  is_part: number;
  split_posts: number;
  state: BatchState;
  lines: number;
  digest: string;
  raw_bytes: number;
  offset: number;
  length: number;
  first_ray: string;
  last_ray: string;
  queued_at: number;
  /** When a `pending` batch may be claimed again. Null: the batch was never claimed, or is in another state. */
  retry_at: number | null;
  attempt: number;
  counted: number;
  last_success_seen: number;
  done_attempt: number | null;
  done_at: number | null;
  answer_status: number | null;
  member_digest: string | null;
  /** Since when the batch is `refused` or `held`. Null in every other state. */
  set_aside_at: number | null;
  reason_code: string | null;
  reason_detail: string | null;
  same_as_batch: number | null;
};
export type BatchPatch = Partial<Omit<BatchRow, "batch" | "file" | "ordinal" | "state" | "lines" | "digest">>;
