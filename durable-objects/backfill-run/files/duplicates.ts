// Handles two keys with the same name and size. The second is probably a copy of the first R2 object, and reading
// both would send its lines twice. The file that was listed first is parsed. The other file is `suspicious` and
// waits for an operator. When an operator accepts `duplicate_objects`, both files are read. `retry` reads the
// waiting file. `accept` leaves the waiting file out.
import type { RunContext } from "../context/context.ts";
import type { FileRow } from "../ledger/file-rows.ts";
import { NO_FILE_REASON, fileBecause } from "../ledger/reasons.ts";

/** Holds those of the files `numbers` that have the name and size of another file. */
export function holdDuplicates(context: RunContext, numbers: readonly number[]): void {
  const { files, duplicates, totals } = context.store;
  for (const { file, other, other_key } of duplicates.alike(numbers)) {
    const row = files.get(file);
    if (!row) continue;
    totals.add("files_duplicate", 1, file);
    files.move(row, "suspicious", {
      duplicate_of: other,
      ...fileBecause("duplicate_objects", `same name and size as file ${other}, ${other_key}`),
    });
  }
}

/** Handles a waiting file whose R2 object was replaced. The file still waits while its size equals the other file's
 * size. */
export function sameAgain(context: RunContext, row: FileRow, seen: { etag: string; size: number }): void {
  const { files } = context.store;
  const { etag, size } = seen;
  if (size === row.size) {
    files.update(row.file, { etag });
    return;
  }
  noDuplicate(context, row);
  files.move(row, "listed", { etag, size, enqueue_at: 0, ...NO_FILE_REASON, duplicate_of: null });
}

/** Subtracts a file that no longer waits because of its name and size. The caller's next write of the row clears
 * `duplicate_of`. */
export function noDuplicate(context: RunContext, row: FileRow): void {
  if (row.duplicate_of !== null) context.store.totals.add("files_duplicate", -1, row.file);
}
