// Names why a batch or a file is in its state: a code that statements and decisions may read, and words for people.
// Does no I/O. Any other code is the cause of a send report (`timeout`, `http_502`) or the reason of a parser
// (`io`, `crc_mismatch`). views/reason-text.ts makes the text that the API shows.

/** The file of the batch is `failed`, `missing` or `changed`. The detail is this state. */
export const STRANDED = "stranded";
/** The row refers to an older batch with the same lines: `same_as_batch`. */
export const SAME_AS = "same_as";
/** The R2 object changed, and the new R2 object does not contain the batch. */
export const SUPERSEDED = "superseded";
/** The earlier run delivered the batch. The detail is that run's id. */
export const INHERITED_DELIVERED = "inherited_delivered";
/** The earlier run may have delivered the batch. The detail is that run's id. */
export const INHERITED_UNCERTAIN = "inherited_uncertain";
/** An operator settled the batch. The detail is the operator's note. */
export const RESOLVED_DELIVERED = "resolved_delivered";
export const RESOLVED_DISCARDED = "resolved_discarded";
/** An operator accepted the file of the batch as it was. */
export const FILE_ACCEPTED = "file_accepted";
/** A dry run made the batch. It is never sent. */
export const COUNTED_ONLY = "counted_only";
/** The file has a batch of the live worker that has no answer yet. */
export const LIVE_WAITING = "live_waiting";
/** The file is so young that the live worker may still be sending it. */
export const WAITING_FOR_LIVE = "waiting_for_live";
/** The files of the run do not prove how many records a batch of the live worker has (LIVE_BATCH_SIZE). So the
 * batches of this file are held. */
export const SIZE_UNPROVEN = "live_batch_size_unproven";
/** The live worker delivered more of the file after the dry run that planned it. */
export const LIVE_DELIVERED_SINCE = "live_delivered_since";
/** The parser of the file stopped because R2 or the network failed. */
export const READ_FAILED = "io";
/** A call of the parser to the run's Durable Object failed. */
export const RUN_FAILED = "run_failed";

/** The columns of a reason, for batches and files. When `reason_detail` is null, the code has no text. */
export type Reason = { reason_code: string | null; reason_detail: string | null };

/** The columns of a file's reason. A new reason has no decision yet. */
export type FileReason = Reason & { decision: string | null };

export const NO_REASON: Reason = { reason_code: null, reason_detail: null };
export const NO_FILE_REASON: FileReason = { ...NO_REASON, decision: null };

export function because(code: string, detail: string | null = null): Reason {
  return { reason_code: code, reason_detail: detail };
}

export function fileBecause(code: string, detail: string | null = null): FileReason {
  return { ...because(code, detail), decision: null };
}

/** Whether the continued run delivered the batch or may have delivered it. */
export function isInherited({ reason_code }: Pick<Reason, "reason_code">): boolean {
  return reason_code === INHERITED_DELIVERED || reason_code === INHERITED_UNCERTAIN;
}
