// Lists what a send report or a decision about answers may change, as values. decide-*.ts choose the effects, and
// apply-effects.ts writes them. An effect contains the row that the decision read, because the write checks that
// the row is unchanged.
import type { AttemptEnd } from "../batches/attempt-records.ts";
import type { Piece } from "../batches/divide.ts";
import type { Slice } from "../batches/split.ts";
import type { AttemptState } from "../../../src/contract/states.ts";
import type { AttemptRow } from "../ledger/attempt-row.ts";
import type { AttemptNote } from "../ledger/attempt-rows.ts";
import type { BatchRow } from "../ledger/batch-row.ts";
import type { FileRow } from "../ledger/file-rows.ts";
import type { Reason } from "../ledger/reasons.ts";

/** What the batch row remembers of the attempt. An absent member leaves its column unchanged. */
export interface Remembered {
  reason?: Reason;
  /** How many attempts count against the batch. */
  counted?: number;
  /** How many 2xx answers the whole run had at this attempt. */
  successes?: number;
}

export type Effect =
  /** The batch becomes `done`. `attempt` 0: the batch is a part, and its parent was delivered. `status` null: an
   * operator settled the batch. */
  | { do: "deliver"; batch: BatchRow; attempt: number; status: number | null }
  /** An operator settled the batch earlier. The row now contains the attempt that delivered it. */
  | { do: "name_delivery"; batch: BatchRow; attempt: number; status: number | null }
  /** The batch becomes `pending` and may be claimed again at `at` (epoch milliseconds). */
  | { do: "retry"; batch: BatchRow; at: number; remember: Remembered }
  /** The batch becomes `held` or `refused`. Only an operator sends it again. */
  | { do: "set_aside"; batch: BatchRow; as: "held" | "refused"; remember: Remembered }
  /** The batch becomes `split`, with two new parts. `root` is the batch that was split first. The row of `root`
   * counts the POSTs of all parts. */
  | { do: "split"; batch: BatchRow; cause: string; root: number; posts: number; parts: [Slice, Slice] }
  /** The batch becomes `split`, with a part for each piece of the answer. Parts to send wait until `at` (epoch
   * milliseconds). */
  | {
      do: "divide";
      batch: BatchRow;
      cause: string;
      root: number;
      posts: number;
      status: number;
      at: number;
      pieces: Piece[];
    }
  | { do: "record_attempt"; batch: BatchRow; attempt: number; end: AttemptEnd }
  | { do: "move_attempt"; row: AttemptRow; to: AttemptState; cause: string; note?: AttemptNote }
  /** Attempt `next` sent the lines again. Uncertain attempts of the batch are possible duplicates from then on. */
  | { do: "follow"; batch: number; next: number; by: "delivery" | "parts" }
  /** Attempt `next` began no POST, so it sent nothing again. */
  | { do: "unfollow"; batch: number; next: number }
  | { do: "reparse_file"; file: FileRow; cause: string }
  | { do: "count_duplicate_lines"; lines: number }
  | { do: "count_assumed"; batch: BatchRow; status: number }
  /** Binds the run to the receiver of its first delivery. From then on, the run sends to this receiver only. */
  | { do: "freeze_receiver"; print: string }
  /** The batch changes from `done` to `refused`, because an operator decided that the answer was no success. */
  | { do: "undo_delivery"; batch: BatchRow; reason: Reason }
  /** An operator decided something by hand. */
  | { do: "count_exception" }
  /** Another sender may have an open POST until the time `until`. */
  | { do: "stay_quiet"; until: number };
