// What parsers ask and report: claimFile, renewFile, uploadStarted, queued, fileFailed. One synchronous turn each:
// read, decide (ledger.ts), write. A superseded attempt is refused; a repeated report is answered as the first time.
import type {
  FileClaim, FileClaimRefusal, FileFailedAnswer, FileFailure, LeaseAnswer, ManifestPage,
  QueuedAnswer, Refused,
} from "./api.ts"; // prettier-ignore
import { started, suspension, type RunContext } from "./context.ts";
import { parseSpecOf } from "./file-choices.ts";
import { changedObject, MAX_PARSER_CRASHES, offerAgainMs } from "./ledger.ts";
import type { FileRow } from "./store/file-rows.ts";
import { parseCurrent, strand } from "./file-verbs.ts";
import { openFile } from "./manifest.ts";
import { stopsParsing } from "./stages.ts";

/** Renewed every 10 s by the parser; three renewals may fail. */
export const PARSE_LEASE_MS = 30_000;

/** A file that R2 failed waits no longer: the pauses of the whole run bound the load already. */
const LONGEST_READ_WAIT_MS = 60_000;

export function packKey(runId: string, file: number, attempt: number): string {
  return `${packPrefix(runId)}f${String(file).padStart(6, "0")}-a${attempt}.log.gz`;
}
export function packPrefix(runId: string): string {
  return `processed-backfill/${runId}/`;
}

export function claimFile(context: RunContext, file: number): FileClaim | FileClaimRefusal {
  const run = started(context);
  if (!run) return refuse("unknown_run", "this run was never started");
  const { row, spec } = run;
  const stopped = row.abort_asked_at !== null || row.pause_json !== null || row.ended_at !== null;
  const suspended = suspension(run, context.settings);
  if (stopped || stopsParsing(suspended?.code ?? null) || row.slot !== "held") {
    return refuse("not_running", `nothing is parsed while the run is ${row.stage}`);
  }
  const found = context.store.files.get(file);
  if (!found) return refuse("unknown_file", `no file ${file}`);
  if (found.state !== "listed") return refuse("not_waiting", `file ${file} is ${found.state}`);
  const attempt = found.attempt + 1;
  context.store.transaction(() => {
    context.store.files.move(found, "parsing", {
      attempt,
      due_at: context.now + PARSE_LEASE_MS,
      staged_pages: 0,
    });
    if (found.staged_pages > 0) context.store.staged.drop(file);
  });
  return {
    ok: true,
    attempt,
    leaseMs: PARSE_LEASE_MS,
    key: found.key,
    etag: found.etag,
    size: found.size,
    packKey: packKey(row.run_id, file, attempt),
    parse: parseSpecOf(context, found, spec.parse),
  };
}

/** The file as its parser holds it, or why that parser's word counts no more. */
function held(
  context: RunContext,
  file: number,
  attempt: number,
): FileRow | Refused<"superseded" | "unknown_file"> {
  const found = context.store.files.get(file);
  if (!found) return refuse("unknown_file", `no file ${file}`);
  if (found.state !== "parsing" || found.attempt !== attempt) {
    return refuse("superseded", `file ${file} is ${found.state} at attempt ${found.attempt}`);
  }
  return found;
}

export function renewFile(context: RunContext, file: number, attempt: number): LeaseAnswer {
  const run = started(context);
  if (!run || run.row.abort_asked_at !== null) return refuse("not_running", "the run is being aborted");
  const found = held(context, file, attempt);
  if (isRefusal(found)) return found;
  context.store.files.update(file, { due_at: context.now + PARSE_LEASE_MS });
  return { ok: true, leaseMs: PARSE_LEASE_MS };
}

/** The upload is known before its first part, whatever becomes of its parser: cleanup can abort it. */
export function uploadStarted(
  context: RunContext,
  file: number,
  attempt: number,
  uploadId: string,
): LeaseAnswer {
  const run = started(context);
  if (run) context.store.addUpload(uploadId, packKey(run.row.run_id, file, attempt));
  return renewFile(context, file, attempt);
}

export function queued(context: RunContext, page: ManifestPage): QueuedAnswer {
  const run = started(context);
  const found = context.store.files.get(page.file);
  if (!run || !found) return refuse("unknown_file", `no file ${page.file}`);
  const repeated = answeredBefore(found, page);
  if (repeated) return repeated;
  const mine = held(context, page.file, page.attempt);
  if (isRefusal(mine)) return mine;
  if (run.row.abort_asked_at !== null) {
    context.store.transaction(() => context.store.files.move(mine, "listed", { due_at: null }));
    return refuse("not_running", "the run is being aborted");
  }
  if (page.page !== mine.staged_pages) {
    return refuse("page_out_of_order", `page ${mine.staged_pages} of file ${page.file} is expected`);
  }
  return context.store.transaction(() => {
    if (page.page < page.pages - 1) {
      context.store.staged.add(page.file, page.entries);
      context.store.files.update(page.file, {
        staged_pages: page.page + 1,
        due_at: context.now + PARSE_LEASE_MS,
      });
      return { ok: true, state: "staged" };
    }
    storageWorked(context);
    const staged = page.pages > 1 ? context.store.staged.take(page.file) : [];
    return openFile(context, mine, page, [...staged, ...page.entries]);
  });
}

function answeredBefore(found: FileRow, page: ManifestPage): QueuedAnswer | null {
  if (found.attempt !== page.attempt) return null;
  if (found.state === "parsing") return page.page < found.staged_pages ? { ok: true, state: "staged" } : null;
  if (found.state === "open" || found.state === "closed" || found.state === "suspicious") {
    return { ok: true, state: found.state };
  }
  return null;
}

export function fileFailed(context: RunContext, failure: FileFailure): FileFailedAnswer {
  const found = held(context, failure.file, failure.attempt);
  if (isRefusal(found)) return found;
  const reason = failure.detail ? `${failure.reason}: ${failure.detail}` : failure.reason;
  context.store.transaction(() => {
    const { files } = context.store;
    if (failure.state !== "gave_up") storageWorked(context);
    if (
      failure.state === "changed" &&
      failure.seen &&
      changedObject(found.state, found.posted === 1) === "parse_current"
    ) {
      parseCurrent(context, found, failure.seen);
      return;
    }
    if (failure.state === "gave_up") {
      if (failure.reason === "parser_error") parserCrashed(context, found);
      else parserGaveUp(context, found, failure);
      return;
    }
    // counts that are in the sums stay with the row until an operator has the file parsed again
    const counts =
      found.counted === 1 ? {} : { counts_json: failure.counts && JSON.stringify(failure.counts) };
    files.move(found, failure.state, { due_at: null, fresh: null, reason, ...counts });
    strand(context, found, failure.reason);
  });
  return { ok: true };
}

/** Its parser vanished, or failed in a way that is not the outside world's: offered again, until it is hopeless. */
export function parserCrashed(context: RunContext, file: FileRow): void {
  const crashes = file.crashes + 1;
  if (crashes >= MAX_PARSER_CRASHES) {
    const reason = `crashes: ${crashes} parsers vanished with this file`;
    context.store.files.move(file, "failed", { due_at: null, crashes, fresh: null, reason });
    strand(context, file, "crashes");
    return;
  }
  context.store.files.move(file, "listed", { due_at: offerSoon(file), offers: 0, crashes });
}

/** R2 or the network failed its parser: nothing is known about the file, and nothing counts against it. */
function parserGaveUp(context: RunContext, file: FileRow, failure: FileFailure): void {
  const reason = `${failure.reason}: ${failure.detail}`;
  context.memory.storageFailed("parse", trialOf(file.file), failure.detail, context.now);
  keepMemory(context);
  context.store.files.move(file, "listed", {
    due_at: context.now + Math.min(LONGEST_READ_WAIT_MS, offerAgainMs(file.offers)),
    reason,
  });
}

/** Which file tries R2 now. */
export function trialOf(file: number): string {
  return `f${file}`;
}

/** A parser read its object, or learned what became of it: files that R2 failed are offered again at once. */
function storageWorked(context: RunContext): void {
  if (context.memory.storage.parse === null) return;
  context.memory.storage.parse = null;
  keepMemory(context);
  context.store.waiting.clearFailedReads(context.now);
}

function keepMemory(context: RunContext): void {
  context.store.totals.set({ pace_json: JSON.stringify(context.memory.keep()) });
}

/** A file whose batches wait for its pack goes before all that were never parsed. */
export function offerSoon(file: FileRow): number {
  return file.first_batch === null ? 0 : -1;
}

function refuse<Code extends string>(code: Code, detail: string): Refused<Code> {
  return { ok: false, code, detail };
}
function isRefusal(
  value: FileRow | Refused<"superseded" | "unknown_file">,
): value is Refused<"superseded" | "unknown_file"> {
  return "ok" in value;
}
