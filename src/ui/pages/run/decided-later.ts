// Finds out whether the run will decide about a file or batch by itself. If so, no person should decide. Does no I/O.
import type { RunStatusAnswer } from "../../../contract/api/api-types.ts";

/** The files that are read so far do not prove the size of the live worker's batches. More files may prove it. */
const UNPROVEN = "live_batch_size_unproven";

export function isDecidedLater(
  { files }: { files: Pick<RunStatusAnswer["files"], "listed" | "parsing"> },
  reason: string | null,
): boolean {
  return reason !== null && reason.includes(UNPROVEN) && files.listed + files.parsing > 0;
}
