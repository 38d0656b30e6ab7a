// Decides which batch may be sent next, and when. Checks whether the run may send, chooses a batch, and gives a
// permit and a lease. All of this is synchronous and in one transaction.
import { LEASE_MS } from "../../../src/contract/leases.ts";
import type { RunSpec } from "../../../src/contract/run.ts";
import type { NoPermit, SendPermit } from "../../../src/contract/sending.ts";
import { keyOf } from "../batches/attempt-records.ts";
import { gate, probing } from "../receiver/breaker.ts";
import { canaryOf } from "../context/canary.ts";
import { restBeginsAt, restOf } from "../context/rest.ts";
import { fitsToday, todayOf } from "./daily-count.ts";
import { suspension } from "../context/suspension.ts";
import type { RunContext, StartedRun } from "../context/context.ts";
import { limitsOf } from "../context/limits.ts";
import { issuePermit, type Caps, type PermitAnswer } from "../receiver/pace.ts";
import { packKey } from "../files/packs.ts";
import { rateOf } from "../receiver/rate.ts";
import { rememberedSince } from "../receiver/token-memory.ts";
import { storageOpensAt, trialBegun } from "../context/storage-outage.ts";
import type { BatchRow } from "../ledger/batch-row.ts";
import type { FileRow } from "../ledger/file-rows.ts";
import type { Totals } from "../ledger/totals.ts";
import { httpPermit } from "./http-permit.ts";

/** How long a send lease lasts. A sender renews it every 10 s while the POST is open. */
export const SEND_LEASE_MS = LEASE_MS;
/** The slack until senders have reported how late they are. The first POSTs open connections, so they begin later
 * than other POSTs. */
const COLD_SLACK_MS = 200;
/** When `max_in_flight` batches are leased, a sender loop asks again after this time. */
const IN_FLIGHT_WAIT_MS = 250;
/** While a file is being parsed again, its batches wait for this time before they may be claimed. */
const FILE_WAIT_MS = 5_000;
/** A claim delays at most this many batches of such a file, so that the call stays short. */
const PUT_OFF_AT_ONCE = 1_000;

type Claim = { kind: "claimed"; permit: SendPermit; run: StartedRun } | NoPermit;

/** Which batches may be claimed now. The clock wakes no sender when every claim would be refused. */
export type MayClaim = { kind: "nothing"; reason: string } | { kind: "only_retries" } | { kind: "any" };

export function mayClaim(context: RunContext, run: StartedRun, totals: Totals): MayClaim {
  const shut = whyNoClaim(context, run);
  if (shut) return { kind: "nothing", reason: shut };
  const canary = canaryOf(context, run, totals);
  if (canary && canary.left <= 0) return { kind: "nothing", reason: "canary" };
  // After a POST without an answer, the receiver may not answer any POST. Until a 2xx arrives, a batch that was
  // never tried is sent only when no other batch is leased.
  const isCautious = run.breaker.isCautious && totals.batches_leased > 0;
  return isCautious || (canary && canary.untried <= 0) ? { kind: "only_retries" } : { kind: "any" };
}

export function claimOne(context: RunContext, run: StartedRun): Claim {
  const { breaker } = run;
  const totals = context.store.totals.read();
  const may = mayClaim(context, run, totals);
  if (may.kind === "nothing") return may;
  const gateNow = gate(breaker, context.now);
  if (gateNow.kind === "shut") return { kind: "nothing", reason: breaker.open?.code ?? "retry_after" };
  const { storage } = context.memory;
  if (storageOpensAt(storage.send, context.now) !== null)
    return { kind: "nothing", reason: "storage_unavailable" };
  if (totals.batches_leased >= limitsOf(run.row).maxInFlight) {
    return { kind: "wait", waitMs: IN_FLIGHT_WAIT_MS, reason: "max_in_flight" };
  }
  const found = candidate(context, may.kind === "only_retries");
  if (!found) return { kind: "nothing", reason: "nothing_waits" };
  const { batch, file } = found;
  if (!fitsToday(context, run, batch)) return { kind: "nothing", reason: "daily_lines" };
  const attempt = batch.attempt + 1;
  const key = keyOf({ batch: batch.batch, attempt });
  const slackMs = slackOf(context);
  const issued = pace(context, run, key, batch, slackMs);
  if (issued.kind === "wait") return { kind: "wait", waitMs: issued.waitMs, reason: "pace" };
  todayOf(context, run).issued(batch.lines);
  if (storage.send !== null) storage.send = trialBegun(storage.send, key, context.now);
  lease(context, batch, file, attempt, run.spec);
  return {
    kind: "claimed",
    run: gateNow.kind === "probe" ? { ...run, breaker: probing(breaker, key, context.now) } : run,
    permit: permitOf(context, run, found, { attempt, waitMs: issued.waitMs, slackMs }),
  };
}

export function permitOf(
  { now }: RunContext,
  { row, spec }: StartedRun,
  { batch, file }: Found,
  issued: Pick<SendPermit, "attempt" | "waitMs" | "slackMs">,
): SendPermit {
  return {
    ...issued,
    batch: batch.batch,
    file: batch.file,
    packKey: packKey(row.run_id, batch.file, file.pack_attempt ?? 0),
    offset: batch.offset,
    length: batch.length,
    memberDigest: batch.member_digest,
    lines: batch.lines,
    slice: batch.is_part === 1 ? { from: batch.slice_from, lines: batch.lines } : null,
    ...(spec.http && { http: httpPermit(spec, spec.http, file, batch) }),
    leaseMs: SEND_LEASE_MS,
    queueWaitMs: now - batch.queued_at,
  };
}

/** Why no batch may be claimed. Null: claims are allowed. */
export function whyNoClaim(context: RunContext, run: StartedRun): string | null {
  const { row, spec } = run;
  if (spec.dryRun) return "dry_run";
  if (row.abort_asked_at !== null) return "aborting";
  if (row.ended_at !== null) return row.stage;
  if (row.pause_json !== null) return "paused";
  if (row.slot !== "owned") return "no_slot";
  const suspended = suspension(run, context.settings);
  if (suspended && suspended.code !== run.breaker.open?.code) return suspended.code;
  return restOf(context, run)?.code ?? null;
}

type Found = { batch: BatchRow; file: FileRow };

/**
 * The next batch: a retry that is due, else a batch that was never claimed, file by file. While R2 fails, never-claimed
 * batches come first. Otherwise one unreadable pack could be the only pack that is tried.
 */
function candidate(context: RunContext, onlyRetries: boolean): Found | null {
  if (onlyRetries) return dueRetry(context);
  return context.memory.storage.send === null
    ? (dueRetry(context) ?? freshBatch(context))
    : (freshBatch(context) ?? dueRetry(context));
}

function dueRetry(context: RunContext): Found | null {
  const { files, sendable } = context.store;
  const due = sendable.firstDue(context.now);
  if (!due) return null;
  const dueFile = files.get(due.file);
  if (dueFile?.state === "open") return { batch: due, file: dueFile };
  // The file waits for its new pack. Its batches are delayed, so that batches of other files can be claimed.
  sendable.putOff(due.file, context.now, context.now + FILE_WAIT_MS, PUT_OFF_AT_ONCE);
  const batch = sendable.firstDueOfOpenFile(context.now);
  const file = batch && files.get(batch.file);
  return file ? { batch, file } : null;
}

function freshBatch(context: RunContext): Found | null {
  const { files, sendable } = context.store;
  // An earlier claim of this call took the last batch of a file. The search for the next file reads stored rows.
  if (files.hasExhausted) context.store.settleFiles();
  const file = files.firstFresh();
  if (!file) return null;
  const end = (file.first_batch ?? 0) + file.batch_count;
  const batch = sendable.firstFresh(file.fresh ?? end, end);
  if (batch) return { batch, file };
  files.update(file.file, { fresh: null });
  return null;
}

function lease(
  context: RunContext,
  batch: BatchRow,
  file: FileRow,
  attempt: number,
  { continueOf, http }: RunSpec,
): void {
  const { batches, files, attempts } = context.store;
  const inherits = continueOf !== null;
  const until = context.now + SEND_LEASE_MS;
  // A batch of a run that continues another run may have attempts of that run. Statements over attempts read the
  // stored row of the batch.
  if (batch.attempt === 0 && batch.retry_at === null && !inherits) batches.claim(batch, until);
  else if (!batches.lease(batch, attempt, until)) {
    throw new Error(`batch ${batch.batch} moved within one turn`);
  }
  context.memory.inFlight.add(keyOf({ batch: batch.batch, attempt }), context.now, until);
  if (batch.attempt > 0 || inherits) {
    const { now } = context;
    const since = rememberedSince(http?.dedupesMs, now);
    attempts.follow(batch.batch, attempt, { kind: "attempt", rememberedSince: since, now });
  }
  if (batch.retry_at !== null) {
    // The batch is a retry, or was held before its first attempt. The file's pointer `fresh` is already behind it,
    // so only `posted` is set.
    if (file.posted === 0) files.update(file.file, { posted: 1 });
    return;
  }
  const end = (file.first_batch ?? 0) + file.batch_count;
  files.advance(file.file, batch.batch + 1 < end ? batch.batch + 1 : null);
}

/** The slack that PACE_JITTER_MS sets for the delays of the network. */
export function jitterOf({ settings }: RunContext): number {
  return settings.ok ? settings.config.paceJitterMs : 0;
}

export function slackOf(context: RunContext): number {
  const { late } = context.memory.limiter;
  return Math.max(jitterOf(context), late.isKnown ? Math.ceil(late.value * 1.25) : COLD_SLACK_MS);
}

export function capsOf({ row }: StartedRun): Caps {
  const { maxLinesPerSecond, maxRequestsPerSecond, maxBytesPerSecond } = limitsOf(row);
  return { lines: maxLinesPerSecond, requests: maxRequestsPerSecond, bytes: maxBytesPerSecond };
}

export function pace(
  context: RunContext,
  run: StartedRun,
  key: string,
  batch: BatchRow,
  slackMs: number,
): PermitAnswer {
  const { memory, now } = context;
  const caps = capsOf(run);
  return issuePermit(memory.limiter.pace, {
    key,
    lines: batch.lines,
    bytes: batch.length,
    now,
    caps,
    rate: rateOf(memory.limiter.rate, caps.lines, now),
    slackMs,
    minWaitMs: memory.limiter.ready.value,
    endBefore: restBeginsAt(context, run),
  });
}
