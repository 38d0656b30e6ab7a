// The calls of parsers: claimFile, renewFile, uploadStarted, queued, fileFailed. Each call synchronously reads,
// decides and writes. A superseded attempt is refused. A repeated report gets the first answer again.
import { LEASE_MS } from "../../../src/contract/leases.ts";
import type {
  FileClaim,
  FileClaimRefusal,
  FileFailedAnswer,
  FileFailure,
  LeaseAnswer,
  ManifestPage,
  QueuedAnswer,
} from "../../../src/contract/parsing.ts";
import type { Refused } from "../../../src/contract/states.ts";
import { started, type RunContext } from "../context/context.ts";
import { suspension } from "../context/suspension.ts";
import { UNKNOWN_RUN } from "../context/unknown-run.ts";
import { isComparing, planOf } from "../context/plan-state.ts";
import { parseSpecOf } from "./file-choices.ts";
import {
  decideChangedObject,
  parseCurrent,
  parserCrashed,
  parserGaveUp,
  runCallFailed,
} from "./parse-again.ts";
import type { FileRow } from "../ledger/file-rows.ts";
import { RUN_FAILED, fileBecause } from "../ledger/reasons.ts";
import { strand } from "../batches/stranding.ts";
import { liveClaimOf, waitForAnswer } from "./live-waiting.ts";
import { openFile } from "./manifest.ts";
import { stopsParsing } from "../stage/stages.ts";
import { packKey } from "./packs.ts";
import { keepMemory } from "./storage-trial.ts";

/** How long a parser's lease lasts. The parser renews the lease every 10 s. */
export const PARSE_LEASE_MS = LEASE_MS;

export function claimFile(context: RunContext, file: number): FileClaim | FileClaimRefusal {
  const run = started(context);
  if (!run) return UNKNOWN_RUN;
  const { row, spec } = run;
  const stopped = row.abort_asked_at !== null || row.pause_json !== null || row.ended_at !== null;
  const suspended = suspension(run, context.settings);
  const isDry = spec.dryRun === true;
  const isHeldBack = (row.slot !== "owned" && !isDry) || isComparing(planOf(row));
  if (stopped || stopsParsing(suspended?.code ?? null) || isHeldBack) {
    return refuse("not_running", `nothing is parsed while the run is ${row.stage}`);
  }
  const found = context.store.files.get(file);
  if (!found) return refuse("unknown_file", `no file ${file}`);
  if (found.state !== "listed") return refuse("not_waiting", `file ${file} is ${found.state}`);
  const attempt = found.attempt + 1;
  context.store.transaction(() => {
    context.store.files.move(found, "parsing", {
      attempt,
      parse_lease_ends_at: context.now + PARSE_LEASE_MS,
      staged_pages: 0,
    });
    if (found.staged_pages > 0) context.store.staged.drop(file);
  });
  const live = liveClaimOf(context, run, found, attempt);
  return {
    ok: true,
    ...(live && { live }),
    attempt,
    leaseMs: PARSE_LEASE_MS,
    key: found.key,
    etag: found.etag,
    size: found.size,
    packKey: isDry ? null : packKey(row.run_id, file, attempt),
    parse: { ...parseSpecOf(context, found, spec.parse), ...(isDry && { gzipLevel: null }) },
  };
}

/** The file that this parser has leased, or why the run ignores its reports. */
function leasedFile(
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
  if (!run) return refuse("not_running", "the run has not started");
  if (run.row.abort_asked_at !== null) return refuse("not_running", "the run is being aborted");
  const found = leasedFile(context, file, attempt);
  if (isRefusal(found)) return found;
  context.store.files.update(file, { parse_lease_ends_at: context.now + PARSE_LEASE_MS });
  return { ok: true, leaseMs: PARSE_LEASE_MS };
}

/** Records the upload before its first part, so that cleanup can abort it whatever happens to the parser. */
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
  const file = leasedFile(context, page.file, page.attempt);
  if (isRefusal(file)) return file;
  if (run.row.abort_asked_at !== null) {
    context.store.transaction(() => context.store.files.move(file, "listed"));
    return refuse("not_running", "the run is being aborted");
  }
  if (page.page !== file.staged_pages) {
    return refuse("page_out_of_order", `page ${file.staged_pages} of file ${page.file} is expected`);
  }
  return context.store.transaction(() => {
    if (page.page < page.pages - 1) {
      context.store.staged.add(page.file, page.entries);
      context.store.files.update(page.file, {
        staged_pages: page.page + 1,
        parse_lease_ends_at: context.now + PARSE_LEASE_MS,
      });
      return { ok: true, state: "staged" };
    }
    storageWorked(context);
    countParse(context, page);
    const staged = page.pages > 1 ? context.store.staged.take(page.file) : [];
    return openFile(context, file, page, [...staged, ...page.entries]);
  });
}

function answeredBefore(found: FileRow, page: ManifestPage): QueuedAnswer | null {
  if (found.attempt !== page.attempt) return null;
  if (found.state === "parsing") return page.page < found.staged_pages ? { ok: true, state: "staged" } : null;
  const { state } = found;
  if (state === "open" || state === "closed" || state === "suspicious" || state === "waiting") {
    return { ok: true, state };
  }
  return null;
}

export function fileFailed(context: RunContext, failure: FileFailure): FileFailedAnswer {
  const found = leasedFile(context, failure.file, failure.attempt);
  if (isRefusal(found)) return found;
  context.store.transaction(() => {
    const { files } = context.store;
    countParse(context, failure);
    if (failure.state !== "gave_up") storageWorked(context);
    if (
      failure.state === "changed" &&
      failure.seen &&
      decideChangedObject(found.state, found.posted === 1) === "parse_current"
    ) {
      parseCurrent(context, found, failure.seen);
      return;
    }
    if (failure.state === "gave_up") {
      if (failure.reason === "parser_error") parserCrashed(context, found);
      else if (failure.reason === RUN_FAILED) runCallFailed(context, found, failure);
      else parserGaveUp(context, found, failure);
      return;
    }
    if (failure.state === "waiting") {
      waitForAnswer(context, found, failure.detail);
      return;
    }
    // When the sums already include the file's counts, the row keeps these counts until a new manifest replaces them.
    const counts =
      found.counted === 1 ? {} : { counts_json: failure.counts && JSON.stringify(failure.counts) };
    const reason = fileBecause(failure.reason, failure.detail || null);
    files.move(found, failure.state, { fresh: null, ...reason, ...counts });
    strand(context, found, failure.reason);
  });
  return { ok: true };
}

/** Counts what the parse cost. */
function countParse({ store }: RunContext, { counts, operations }: Parsed): void {
  if (counts) store.meter.add({ bytesRead: counts.bytesRead, bytesInflated: counts.rawBytes });
  if (operations) store.meter.add(operations);
}

type Parsed = Pick<FileFailure, "counts" | "operations">;

/** Call when a parser could read its R2 object. The run then enqueues files at once that wait because of an R2
 * failure. */
function storageWorked(context: RunContext): void {
  if (context.memory.storage.parse === null) return;
  context.memory.storage.parse = null;
  keepMemory(context);
  context.store.waiting.clearFailedReads(context.now);
}

function refuse<Code extends string>(code: Code, detail: string): Refused<Code> {
  return { ok: false, code, detail };
}
function isRefusal(
  value: FileRow | Refused<"superseded" | "unknown_file">,
): value is Refused<"superseded" | "unknown_file"> {
  return "ok" in value;
}
