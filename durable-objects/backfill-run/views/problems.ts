// The first files and batches of a run that need a person or are uncertain. Each kind has its own statement,
// so that other rows cannot hide it. Reads, never writes.
import type { Problem } from "../../../src/contract/states.ts";
import type { RunContext } from "../context/context.ts";
import { BATCH_PROBLEMS, FILE_PROBLEMS } from "../ledger/states.ts";
import type { UncertainBatch } from "../ledger/attempt-rows.ts";
import type { BatchRow } from "../ledger/batch-row.ts";
import type { FileRow } from "../ledger/file-rows.ts";
import type { Totals } from "../ledger/totals.ts";
import { batchReason, fileReason } from "./reason-text.ts";

const MAX_PROBLEMS = 100;

/** `totals` shows which kinds have no row, so these kinds need no statement. A run without problems needs none. */
export function problemsOf(context: RunContext, totals: Totals): Problem[] {
  const { files, batches, attempts } = context.store;
  const found: Problem[] = [];
  /** Adds the first problems of one kind, as far as the list has room. `count` is the number of rows that may be
   * problems. */
  const add = <Row>(count: number, rows: (limit: number) => Row[], problem: (row: Row) => Problem): void => {
    const left = MAX_PROBLEMS - found.length;
    if (count > 0 && left > 0) found.push(...rows(left).map(problem));
  };
  for (const state of [...FILE_PROBLEMS, "waiting"] as const)
    add(
      totals[`files_${state}`],
      (limit) => files.page([state], 0, limit),
      (file) => ofFile(context, file),
    );
  add(
    totals.files_listed,
    (limit) => files.failing(limit),
    (file) => ofFile(context, file),
  );
  for (const state of BATCH_PROBLEMS)
    add(
      totals[`batches_${state}`],
      (limit) => batches.setAside(state, limit),
      (batch) => ofBatch(context, batch),
    );
  add(
    totals.uncertain_attempts,
    (limit) => attempts.uncertainBatches(limit),
    (batch) => ofUncertain(context, batch),
  );
  return found;
}

function ofFile(context: RunContext, row: FileRow): Problem {
  const { key, file, state } = row;
  return {
    kind: "file",
    key,
    file,
    batch: null,
    state,
    batch_state: null,
    reason: fileReason(row) ?? "",
    next_attempt_at: nextAt(context, row.enqueue_at ?? row.live_check_at),
    attempts: 0,
    uncertain_attempts: 0,
  };
}

/** A batch that was set aside. Only an operator's decision sends it again. */
function ofBatch(context: RunContext, row: BatchRow): Problem {
  const { batch, file, state } = row;
  const attempts = context.store.attempts.of(batch);
  return {
    kind: "batch",
    key: context.store.files.get(file)?.key ?? null,
    file,
    batch,
    state,
    batch_state: state,
    reason: batchReason(row) ?? "",
    next_attempt_at: null,
    attempts: row.attempt,
    uncertain_attempts: attempts.filter((attempt) => attempt.state === "uncertain").length,
  };
}

/** A batch of any state with an attempt that the receiver may have accepted. */
function ofUncertain(context: RunContext, row: UncertainBatch): Problem {
  return {
    kind: "batch",
    key: context.store.files.get(row.file)?.key ?? null,
    file: row.file,
    batch: row.batch,
    state: "uncertain",
    batch_state: row.state,
    reason: `attempt ${row.attempt}: ${row.cause}`,
    next_attempt_at: nextAt(context, row.retry_at),
    attempts: row.posts,
    uncertain_attempts: row.attempts,
  };
}

/** The time of the next attempt. A time in the past is shown as the present time. */
function nextAt({ now }: RunContext, at: number | null): string | null {
  return at === null ? null : new Date(Math.max(at, now)).toISOString();
}
