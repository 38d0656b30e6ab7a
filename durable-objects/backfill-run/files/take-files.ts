// Turns the files of a listing into rows. A key becomes a file of the run once. A known key with another etag is a
// changed file. An R2 object with the name and size of another file waits for an operator.
import { started, type RunContext, type StartedRun } from "../context/context.ts";
import { ANY_ETAG, decideChangedObject, parseCurrent } from "./parse-again.ts";
import { strand } from "../batches/stranding.ts";
import { coveredBy } from "../stage/uncovered.ts";
import { holdAlike, safeKeyFor } from "./live-waiting.ts";
import { holdDuplicates, sameAgain } from "./duplicates.ts";
import { fileBecause } from "../ledger/reasons.ts";
import type { ListingState } from "../../../src/listing/listing.ts";
import type { FoundFile } from "../../../src/listing/list-tasks.ts";

export function takeFiles(context: RunContext, run: StartedRun, found: FoundFile[]): void {
  if (found.length === 0) return;
  const { files } = context.store;
  const known = new Map(files.byKeys(found.map((file) => file.key)).map((row) => [row.key, row]));
  const fresh = found.filter((file) => !known.has(file.key));
  for (const file of found) {
    const row = known.get(file.key);
    // An operator asked to parse the present R2 object, whatever its etag is.
    if (row && row.etag !== ANY_ETAG && row.etag !== file.etag)
      objectChanged(context, run.listing.mode, row.file, file);
  }
  if (fresh.length === 0) return;
  if (run.listing.mode === "inspect") {
    context.store.named.add(
      "late_file",
      fresh.map((file) => file.key),
    );
    return;
  }
  const before = started(context) ?? run;
  const first = before.row.next_file;
  const covered_minutes = coveredBy(before, fresh);
  if (covered_minutes !== null) context.store.run.update({ covered_minutes });
  const rows = fresh.map((file, n) => ({
    file: first + n,
    key: file.key,
    size: file.size,
    etag: file.etag,
    uploaded_at: file.uploadedAt,
    range_start: file.rangeStart,
    range_end: file.rangeEnd,
  }));
  files.insertListed(rows, run.spec.parse, safeKeyFor(run));
  context.store.run.update({ next_file: first + fresh.length });
  const numbers = rows.map(({ file }) => file);
  holdDuplicates(context, numbers);
  holdAlike(context, run, numbers);
}

/** The file was listed again with another etag. While a parser has the file, the parser reports the change
 * itself. */
function objectChanged(
  context: RunContext,
  mode: ListingState["mode"],
  number: number,
  seen: { etag: string; size: number },
): void {
  const row = context.store.files.get(number);
  if (!row || row.state === "parsing") return;
  if (row.duplicate_of !== null) return sameAgain(context, row, seen);
  switch (decideChangedObject(row.state, row.posted === 1)) {
    case "ignore":
      return;
    case "changed":
      context.store.files.move(row, "changed", {
        fresh: null,
        ...fileBecause("etag", "the object changed after lines of it were sent"),
      });
      strand(context, row, "changed");
      return;
    case "parse_current":
      // After delivery the file counts as a late file.
      if (mode === "inspect") context.store.named.add("late_file", [row.key]);
      else parseCurrent(context, row, seen);
  }
}
