// How many files may be enqueued or parsed at once. Does no I/O.
//
// No batch of a file is sent before the file was read to its end. Parsers that run at the same time may share one
// thread, and surely share R2. So a run begins with one file: its batches are the first that senders get. From the
// first batch on, the run keeps enough parsers busy for any receiver.
import { BATCH_STATES, FILE_STATES } from "../../../src/contract/states.ts";
import type { Totals } from "../ledger/totals.ts";

/** Six parsers are fast enough for any receiver. An abort wastes the work of at most six. */
export const PARSE_AHEAD_FILES = 6;

/** How long a run waits for its first batch. A first file that cannot be read must not delay the others for long. */
const FIRST_FILE_MS = 15_000;

/** `isDry`: a dry run has no senders that wait. `ageMs`: the time since the start of the run. */
export function mostAhead(totals: Totals, { isDry, ageMs }: { isDry: boolean; ageMs: number }): number {
  const hasBatches = BATCH_STATES.some((state) => totals[`batches_${state}`] > 0);
  if (isDry || hasBatches || ageMs < 0 || ageMs >= FIRST_FILE_MS) return PARSE_AHEAD_FILES;
  // A file at the edge of the window may have no line of the window. Each such file allows one parser more.
  const parsed = FILE_STATES.filter((state) => state !== "listed" && state !== "parsing").reduce(
    (sum, state) => sum + totals[`files_${state}`],
    0,
  );
  return Math.min(PARSE_AHEAD_FILES, 1 + parsed);
}
