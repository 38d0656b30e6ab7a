// Applies POST /runs/:id/retry: parses failed and missing files again, and sends refused and held batches again.
// This is a bulk command. Files come first, because retrying a file may make its held batches pending again.
import type { FileState, Json } from "../../../src/contract/states.ts";
import { BULK_ROWS, beginBulk, type BulkPart } from "./bulk-commands.ts";
import type { RunContext } from "../context/context.ts";
import { enqueueAnew } from "../files/parse-again.ts";
import { BATCH_PROBLEMS } from "../ledger/states.ts";
import type { Done } from "./outcome.ts";
import { beginWalk, type SetAsideWalk, walkOn } from "./set-aside-walk.ts";
import { sendAgain } from "./batch-decisions.ts";

type RetryCursor = {
  files: { state: FileState; after: number; until: number }[];
  batches: SetAsideWalk;
};
const FILES: readonly FileState[] = ["failed", "missing"];

export function retryAll(context: RunContext, command: { actor: string; note: string | null }): Done {
  return beginBulk(context, command, "retry_all", {}, retryPart);
}

export function retryPart(context: RunContext, _args: Json, cursor: Json | null): BulkPart {
  const at = (cursor as RetryCursor | null) ?? begin(context);
  const [leg, ...rest] = at.files;
  // A leased batch may still be delivered. So its file is skipped, as in the retry of one file.
  const busy = context.store.batches.leasedFiles();
  const skipped = cursor === null ? countBusy(context, busy) : 0;
  if (!leg) return batchesPart(context, at, skipped);
  const files = context.store.files.between(leg, busy, BULK_ROWS);
  for (const file of files) enqueueAnew(context, file, false);
  const last = files.at(-1);
  const isOver = last === undefined || files.length < BULK_ROWS;
  const left: RetryCursor = { ...at, files: isOver ? rest : [{ ...leg, after: last.file }, ...rest] };
  return { changed: files.length, skipped, cursor: isEmpty(left) ? null : left };
}

function batchesPart(context: RunContext, at: RetryCursor, skipped: number): BulkPart {
  // Batches of a `failed`, `missing` or `changed` file wait for their file.
  const { rows, left } = walkOn(context, at.batches, "file_goes_on", BULK_ROWS);
  for (const batch of rows) sendAgain(context, batch);
  const next: RetryCursor = { files: [], batches: left };
  return { changed: rows.length, skipped, cursor: isEmpty(next) ? null : next };
}

function begin(context: RunContext): RetryCursor {
  const until = (context.store.run.read()?.next_file ?? 1) - 1;
  const totals = context.store.totals.read();
  const files = FILES.filter((state) => totals[`files_${state}`] > 0);
  return {
    files: files.map((state) => ({ state, after: 0, until })),
    batches: beginWalk(context, BATCH_PROBLEMS),
  };
}

function countBusy(context: RunContext, busy: number[]): number {
  return busy.filter((file) => FILES.includes(context.store.files.get(file)?.state ?? "listed")).length;
}

function isEmpty({ files, batches }: RetryCursor): boolean {
  return files.length === 0 && batches.length === 0;
}
