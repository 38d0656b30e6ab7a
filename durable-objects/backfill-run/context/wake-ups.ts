// Wake-up messages to senders and the names of the clock's steps, as memory and plan both know them.

/** Bells that one invocation answers at once: max_batch_size of the send queue. */
export const BELLS_PER_INVOCATION = 2;

/** An invocation that has not claimed for this long has ended, or all its lanes wait for answers. */
export const INVOCATION_SEEN_MS = 3_000;

export type StepName =
  | "take_back"
  | "enter_stage"
  | "begin_pass"
  | "list"
  | "offer"
  | "ring"
  | "inspect"
  | "cleanup_ready"
  | "delete"
  | "acquire_slot"
  | "release_slot"
  | "report"
  | "verify"
  | "inherit"
  | "archive"
  | "delete_report"
  | "bulk";
