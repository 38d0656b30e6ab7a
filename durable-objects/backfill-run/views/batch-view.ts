// Shows what the API and the evidence show about a batch. Reads, never writes.
import { iso, isoOrNull } from "../../../src/contract/instants.ts";
import type { AttemptView, BatchView } from "../../../src/contract/views.ts";
import type { RunContext } from "../context/context.ts";
import { FOLLOWED_BY_PARENT, type AttemptRow } from "../ledger/attempt-row.ts";
import type { BatchRow } from "../ledger/batch-row.ts";
import { attemptDetail, batchReason } from "./reason-text.ts";

/** Reads the attempts of all batches together. A page of 1,000 batches would otherwise take 2,000 statements. */
export function batchViews({ store }: RunContext, rows: readonly BatchRow[]): BatchView[] {
  const numbers = rows.map((row) => row.batch);
  const attempts = store.attempts.ofMany(numbers);
  const assumed = store.assumed.ofMany(numbers);
  return rows.map((row) => batchView(row, attempts.get(row.batch) ?? [], assumed.get(row.batch) ?? []));
}

function batchView(
  row: BatchRow,
  attempts: readonly AttemptRow[],
  assumed: BatchView["assumed_not_delivered"],
): BatchView {
  return {
    batch: row.batch,
    file: row.file,
    ordinal: row.ordinal,
    parent: row.parent,
    state: row.state,
    reason: batchReason(row),
    lines: row.lines,
    digest: row.digest,
    bytes: { raw: row.raw_bytes, gzip: row.length, offset: row.offset },
    attempts: row.attempt,
    counted_attempts: row.counted,
    done_attempt: row.done_attempt,
    done_at: isoOrNull(row.done_at),
    answer_status: row.answer_status,
    assumed_not_delivered: assumed,
    first_ray_id: row.first_ray,
    last_ray_id: row.last_ray,
    exceptional_attempts: attempts.map(attemptView),
  };
}

/** Attempt 0 is the POST of the parent, as in `done_attempt`. */
function followedBy({ followed }: AttemptRow): number | null {
  if (followed === FOLLOWED_BY_PARENT) return 0;
  return followed === 0 ? null : followed;
}

function attemptView(row: AttemptRow): AttemptView {
  return {
    attempt: row.attempt,
    state: row.state,
    cause: row.cause,
    detail: attemptDetail(row),
    started_at: isoOrNull(row.started_at),
    ended_at: iso(row.ended_at),
    followed_by: followedBy(row),
    ...(row.deduped !== 0 && { deduped_by: row.deduped }),
  };
}
