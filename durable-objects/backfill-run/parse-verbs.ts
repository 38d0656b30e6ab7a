// What parsers ask and report: claimFile, renewFile, uploadStarted, queued, fileFailed. One synchronous turn each:
// read, decide (ledger.ts), write. A superseded attempt is refused; a repeated report is answered as the first time.
import type { DropReason, FileCounts } from "../../src/pipeline/types.ts";
import { DROP_REASONS } from "../../src/pipeline/types.ts";
import type {
  FileClaim, FileClaimRefusal, FileFailedAnswer, FileFailure, FileState, LeaseAnswer, ManifestEntry, ManifestPage,
  QueuedAnswer, Refused,
} from "./api.ts"; // prettier-ignore
import { started, suspension, type RunContext } from "./context.ts";
import { changedObject, MAX_PARSER_CRASHES, retryDelayMs } from "./ledger.ts";
import type { FileRow } from "./store/file-rows.ts";
import { suspiciousBecause } from "./suspicion.ts";

/** Renewed every 10 s by the parser; three renewals may fail. */
export const PARSE_LEASE_MS = 30_000;

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
  if (
    stopped ||
    suspended?.code === "disabled" ||
    suspended?.code === "bad_configuration" ||
    row.slot !== "held"
  ) {
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
      upload_id: null,
      staged_pages: 0,
    });
    if (found.staged_pages > 0) context.store.batches.dropStaged(file);
  });
  return {
    ok: true,
    attempt,
    leaseMs: PARSE_LEASE_MS,
    key: found.key,
    etag: found.etag,
    size: found.size,
    packKey: packKey(row.run_id, file, attempt),
    parse: spec.parse,
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

export function renewFile(
  context: RunContext,
  file: number,
  attempt: number,
  patch: { uploadId?: string } = {},
): LeaseAnswer {
  const run = started(context);
  if (!run || run.row.abort_asked_at !== null) return refuse("not_running", "the run is being aborted");
  const found = held(context, file, attempt);
  if (isRefusal(found)) return found;
  const upload = patch.uploadId === undefined ? {} : { upload_id: patch.uploadId };
  context.store.files.update(file, { due_at: context.now + PARSE_LEASE_MS, ...upload });
  return { ok: true, leaseMs: PARSE_LEASE_MS };
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
    context.store.transaction(() =>
      context.store.files.move(mine, "listed", { due_at: null, upload_id: null }),
    );
    return refuse("not_running", "the run is being aborted");
  }
  if (page.page !== mine.staged_pages) {
    return refuse("page_out_of_order", `page ${mine.staged_pages} of file ${page.file} is expected`);
  }
  return context.store.transaction(() => {
    if (page.page < page.pages - 1) {
      context.store.batches.stage(page.file, page.entries);
      context.store.files.update(page.file, {
        staged_pages: page.page + 1,
        due_at: context.now + PARSE_LEASE_MS,
      });
      return { ok: true, state: "staged" };
    }
    const staged = page.pages > 1 ? context.store.batches.takeStaged(page.file) : [];
    return open(context, mine, page, [...staged, ...page.entries]);
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

function open(
  context: RunContext,
  file: FileRow,
  page: ManifestPage,
  entries: ManifestEntry[],
): QueuedAnswer {
  const lines = entries.reduce((sum, entry) => sum + entry.lines, 0);
  if (!countsBalance(page.counts) || lines !== page.counts.kept || entries.length !== page.batches) {
    // a parser that cannot count must not be believed; the file is named and nothing of it leaves
    const reason = "unbalanced: the parser's counts do not add up";
    context.store.files.move(file, "failed", { due_at: null, reason, upload_id: null });
    return refuse("unbalanced", reason);
  }
  const common = {
    due_at: null,
    upload_id: null,
    pack_attempt: page.attempt,
    counts_json: JSON.stringify(page.counts),
    salvaged_json: page.salvaged ? JSON.stringify(page.salvaged) : null,
    crashes: 0,
  };
  if (file.batch_count > 0) return reopen(context, file, entries, common);
  countFile(context, page.counts, 1);
  const suspicion = suspiciousBecause(page.counts);
  if (suspicion) {
    context.store.files.move(file, "suspicious", { ...common, reason: suspicion });
    return { ok: true, state: "suspicious" };
  }
  const state: FileState = entries.length === 0 ? "closed" : "open";
  const firstBatch = numberBatches(context, entries);
  context.store.batches.insertPending(file.file, firstBatch, entries, context.now);
  context.store.files.move(file, state, {
    ...common,
    reason: page.salvaged
      ? `truncated: ${page.salvaged.lines} lines and ${page.salvaged.bytes} bytes were salvaged`
      : null,
    first_batch: entries.length === 0 ? null : firstBatch,
    batch_count: entries.length,
    unsettled: entries.length,
    fresh: entries.length === 0 ? null : firstBatch,
  });
  return { ok: true, state };
}

/** Parsed again, because its pack was lost: every batch must be what it was, else the object changed. */
function reopen(context: RunContext, file: FileRow, entries: ManifestEntry[], common: object): QueuedAnswer {
  const rows = context.store.batches.ofFile(file.first_batch ?? 0, file.batch_count);
  const same =
    rows.length === entries.length &&
    rows.every((row, n) => row.digest === entries[n]?.digest && row.lines === entries[n]?.lines);
  if (!same) {
    const reason = "digest_mismatch: parsed again, the file gave other batches";
    context.store.files.move(file, "changed", { due_at: null, upload_id: null, fresh: null, reason });
    return refuse("digest_mismatch", reason);
  }
  context.store.batches.relocate(rows, entries);
  const fresh = rows.find((row) => row.state === "pending" && row.due_at === null)?.batch ?? null;
  const state: FileState = file.unsettled === 0 ? "closed" : "open";
  context.store.files.move(file, state, { ...common, fresh, reason: null });
  return { ok: true, state };
}

/** Consecutive numbers for a file's batches; gives the first. */
function numberBatches(context: RunContext, entries: ManifestEntry[]): number {
  const row = context.store.run.read();
  if (!row) throw new Error("run row is missing");
  const lines = entries.map((entry) => entry.lines);
  context.store.run.update({
    next_batch: row.next_batch + entries.length,
    ...(lines.length > 0 && {
      batch_lines_min: Math.min(row.batch_lines_min ?? Number.MAX_SAFE_INTEGER, ...lines),
      batch_lines_max: Math.max(row.batch_lines_max ?? 0, ...lines),
    }),
  });
  return row.next_batch;
}

/** The file's counts enter the sums (sign 1) or leave them (sign -1). */
export function countFile(context: RunContext, counts: FileCounts, sign: 1 | -1): void {
  const { totals } = context.store;
  totals.add("read", sign * counts.linesRead);
  totals.add("kept", sign * counts.kept);
  totals.add("malformed", sign * counts.malformed);
  totals.add("empty_lines", sign * counts.emptyLines);
  totals.add("sanitized_fields", sign * counts.sanitizedFields);
  totals.add("repeated_ray_ids", sign * counts.repeatedRayIds);
  for (const reason of DROP_REASONS) totals.add(`dropped_${reason}`, sign * counts.dropped[reason]);
}

/** Promise 1 for one file. */
export function countsBalance(counts: FileCounts): boolean {
  const dropped = DROP_REASONS.reduce((sum: number, reason: DropReason) => sum + counts.dropped[reason], 0);
  return counts.linesRead === counts.kept + dropped + counts.malformed;
}

export function fileFailed(context: RunContext, failure: FileFailure): FileFailedAnswer {
  const found = held(context, failure.file, failure.attempt);
  if (isRefusal(found)) return found;
  const reason = failure.detail ? `${failure.reason}: ${failure.detail}` : failure.reason;
  context.store.transaction(() => {
    const { files } = context.store;
    if (
      failure.state === "changed" &&
      failure.seen &&
      changedObject(found.state, found.posted === 1) === "parse_current"
    ) {
      files.move(found, "listed", { ...failure.seen, due_at: 0, offers: 0, upload_id: null });
      return;
    }
    if (failure.state === "gave_up") {
      offerAgain(context, found, retryDelayMs(found.crashes + 1, 0.5));
      return;
    }
    const counts_json = failure.counts ? JSON.stringify(failure.counts) : null;
    files.move(found, failure.state, { due_at: null, upload_id: null, fresh: null, reason, counts_json });
  });
  return { ok: true };
}

/** Its parser vanished or gave up: offered again, until it is hopeless. */
export function offerAgain(context: RunContext, file: FileRow, delayMs: number): void {
  const crashes = file.crashes + 1;
  if (crashes >= MAX_PARSER_CRASHES) {
    const reason = `crashes: ${crashes} parsers vanished or failed with this file`;
    context.store.files.move(file, "failed", { due_at: null, crashes, fresh: null, reason });
    return;
  }
  context.store.files.move(file, "listed", {
    due_at: delayMs === 0 ? 0 : context.now + delayMs,
    offers: 0,
    crashes,
  });
}

function refuse<Code extends string>(code: Code, detail: string): Refused<Code> {
  return { ok: false, code, detail };
}
function isRefusal(
  value: FileRow | Refused<"superseded" | "unknown_file">,
): value is Refused<"superseded" | "unknown_file"> {
  return "ok" in value;
}
