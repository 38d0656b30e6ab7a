// Two keys of one name and size are probably one object copied: read twice, its lines would be sent twice. The file that
// was listed first goes its way. The other one is not parsed: it is `suspicious` and waits for an operator's word.
// Accepting `duplicate_objects` means that both are read; `retry` reads this file, `accept` leaves it out.
import type { RunContext } from "../context/context.ts";
import type { FileRow } from "../ledger/file-rows.ts";
import { NO_FILE_REASON, fileBecause } from "../ledger/reasons.ts";

/** Of the files that were listed just now, by number, those that another file is like. */
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

/** The object of a file that waits was replaced. It still waits while it is like the other one. */
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

/** It does not wait because of its name any more; the caller's next write of the row clears `duplicate_of`. */
export function noDuplicate(context: RunContext, row: FileRow): void {
  if (row.duplicate_of !== null) context.store.totals.add("files_duplicate", -1, row.file);
}
