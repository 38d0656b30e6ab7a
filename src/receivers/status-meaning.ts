// Decides what the HTTP status of a receiver's answer means for the batch. Does no I/O. The run turns the meaning
// into a verdict. docs/internals/sending.md ("What a POST's outcome means") has the same table.

/** `accepted`: a 2xx, which the run may still check. `not_delivered`: the batch did not reach the application.
 * `wrong_for_every_batch`: endpoint, signature or method is wrong. `uncertain`: the batch may have been accepted.
 * `refused`: the answer is about this batch. */
export type StatusMeaning = "accepted" | "not_delivered" | "wrong_for_every_batch" | "uncertain" | "refused";

/** The receiver is overloaded, or Cloudflare could not connect to it. */
const NOT_DELIVERED = new Set([429, 503, 521, 523, 525, 526, 530]);
/** The HTTP statuses that every batch would get, because the fault is not in the batch. */
const WRONG_FOR_EVERY_BATCH = new Set([401, 403, 404, 405, 410]);

export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

export function meaningOf(status: number): StatusMeaning {
  if (isSuccess(status)) return "accepted";
  if (NOT_DELIVERED.has(status)) return "not_delivered";
  if (WRONG_FOR_EVERY_BATCH.has(status) || (status >= 300 && status < 400)) return "wrong_for_every_batch";
  if (status === 408 || status >= 500 || status < 200) return "uncertain";
  return "refused";
}
