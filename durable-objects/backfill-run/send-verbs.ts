// What senders ask and report: next, done, renew, regrant, giveBack; and taking back leases that ran out.
// One synchronous turn each: read, apply the reports, decide, write. No log line passes through here.
import type {
  BatchRef,
  Grant,
  NextAnswer,
  PostOutcome,
  RegrantAnswer,
  RenewAnswer,
  SendReport,
} from "./api.ts";
import { applyReport, keyOf, type ReceiverState } from "./apply-report.ts";
import { gate, probeOver, probing, type BreakerState } from "./breaker.ts";
import { canaryOf, started, suspension, type RunContext, type StartedRun } from "./context.ts";
import { limitsOf } from "./limits.ts";
import { grant, persistPace, takeBack as takeBackGrant, type GrantAnswer } from "./pace.ts";
import { packKey, parserCrashed } from "./parse-verbs.ts";
import type { BatchRow } from "./store/batch-rows.ts";
import type { FileRow } from "./store/file-rows.ts";

/** Renewed every 10 s while the POST is open. */
export const SEND_LEASE_MS = 30_000;
/** A lane that finds everything in flight asks again after this. */
const IN_FLIGHT_WAIT_MS = 250;
const MAX_SLACK_MS = 1_000;
/** Batches of a file that is parsed again wait for it. */
const FILE_WAIT_MS = 5_000;

export function next(
  context: RunContext,
  lane: string,
  reports: SendReport[],
  want: number,
  random: () => number,
): NextAnswer {
  const run = started(context);
  if (!run) return { kind: "nothing", reason: "unknown_run" };
  context.memory.saw(lane, context.now);
  return context.store.transaction(() => {
    const state = applyReports(context, run, reports, random);
    const grants: Grant[] = [];
    let answer: NextAnswer = { kind: "nothing", reason: "nothing_waits" };
    while (grants.length < want) {
      const claim = claimOne(context, run, state);
      if (claim.kind !== "granted") {
        answer = claim;
        break;
      }
      state.breaker = claim.breaker;
      grants.push(claim.grant);
    }
    saveSending(context, run, state);
    if (grants.length === 0 && answer.kind === "nothing") context.memory.left(lane);
    return grants.length > 0 ? { kind: "grants", grants } : answer;
  });
}

export function applyReports(
  context: RunContext,
  run: StartedRun,
  reports: SendReport[],
  random: () => number,
): ReceiverState {
  let state: ReceiverState = { breaker: run.breaker, answers: run.answers };
  const before = context.store.totals.read().lines_done;
  for (const report of reports) {
    state = applyReport(context, run, state, report, random());
    if (report.outcome.kind === "not_sent") takeBackGrant(context.memory.pace, keyOf(report));
    else context.memory.late.add(report.lateMs);
    if (report.bodyReadyMs > 0) context.memory.ready.add(report.bodyReadyMs);
    if (report.ackMs !== null) context.memory.ack.add(report.ackMs);
  }
  context.memory.delivered(context.store.totals.read().lines_done - before, context.now);
  if (run.breaker.open && !state.breaker.open) context.store.batches.clearWaits(context.now, 1_000);
  if (reports.some((report) => report.endedAt !== null))
    context.store.run.update({ last_post_ended_at: context.now });
  return state;
}

/** Breaker and pace, written with the rows that changed them. */
export function saveSending(context: RunContext, run: StartedRun, state: ReceiverState): void {
  const breaker_json = JSON.stringify(state.breaker);
  const answers_json = JSON.stringify(state.answers);
  const pace_json = JSON.stringify({
    ...persistPace(context.memory.pace),
    quietAt: context.memory.quietAt,
    ack: context.memory.ack.buckets,
  });
  const { row } = run;
  context.store.run.update({
    ...(breaker_json === row.breaker_json ? {} : { breaker_json }),
    ...(answers_json === row.answers_json ? {} : { answers_json }),
    ...(pace_json === row.pace_json ? {} : { pace_json }),
  });
}

type Claim =
  { kind: "granted"; grant: Grant; breaker: BreakerState } | Exclude<NextAnswer, { kind: "grants" }>;

function claimOne(context: RunContext, run: StartedRun, { breaker, answers }: ReceiverState): Claim {
  const shut = closedBecause(context, { ...run, breaker, answers });
  if (shut) return { kind: "nothing", reason: shut };
  const gateNow = gate(breaker, context.now);
  if (gateNow.kind === "shut") return { kind: "nothing", reason: breaker.open?.code ?? "retry_after" };
  const totals = context.store.totals.read();
  if (totals.batches_leased >= limitsOf(run.row).maxInFlight) {
    return { kind: "wait", waitMs: IN_FLIGHT_WAIT_MS, reason: "max_in_flight" };
  }
  const canary = canaryOf(run, totals);
  if (canary && canary.left <= 0) return { kind: "nothing", reason: "canary" };
  const found = candidate(context);
  if (!found) return { kind: "nothing", reason: "nothing_waits" };
  const { batch, file } = found;
  const attempt = batch.attempt + 1;
  const slackMs = slackOf(context);
  const granted = pace(context, run, keyOf({ batch: batch.batch, attempt }), batch.lines, slackMs);
  if (granted.kind === "wait") return { kind: "wait", waitMs: granted.waitMs, reason: "pace" };
  lease(context, batch, file, attempt, run.spec.continueOf !== null);
  return {
    kind: "granted",
    breaker:
      gateNow.kind === "probe"
        ? probing(breaker, keyOf({ batch: batch.batch, attempt }), context.now)
        : breaker,
    grant: {
      batch: batch.batch,
      attempt,
      file: batch.file,
      packKey: packKey(run.row.run_id, batch.file, file.pack_attempt ?? 0),
      offset: batch.offset,
      length: batch.length,
      lines: batch.lines,
      slice: batch.is_part === 1 ? { from: batch.slice_from, lines: batch.lines } : null,
      waitMs: granted.waitMs,
      slackMs,
      leaseMs: SEND_LEASE_MS,
      queueWaitMs: context.now - batch.queued_at,
    },
  };
}

/** Why no batch may be claimed at all; null when one may. */
function closedBecause(context: RunContext, run: StartedRun): string | null {
  const { row } = run;
  if (row.abort_asked_at !== null) return "aborting";
  if (row.ended_at !== null) return row.stage;
  if (row.pause_json !== null) return "paused";
  if (row.slot !== "held") return "no_slot";
  const suspended = suspension(run, context.settings);
  return suspended && suspended.code !== run.breaker.open?.code ? suspended.code : null;
}

/** The next batch: retries whose time has come, then batches nobody claimed yet, file by file. */
function candidate(context: RunContext): { batch: BatchRow; file: FileRow } | null {
  const { batches, files } = context.store;
  const retry = batches.firstRetry(context.now);
  if (retry) {
    const file = files.get(retry.file);
    if (file?.state === "open") return { batch: retry, file };
    context.store.moveBatch(retry, "pending", { due_at: context.now + FILE_WAIT_MS });
  }
  const file = files.firstFresh();
  if (!file) return null;
  const end = (file.first_batch ?? 0) + file.batch_count;
  for (let number = file.fresh ?? end; number < end; number += 1) {
    const batch = batches.get(number);
    if (batch?.state === "pending" && batch.due_at === null) return { batch, file };
  }
  files.update(file.file, { fresh: null });
  return null;
}

function lease(
  context: RunContext,
  batch: BatchRow,
  file: FileRow,
  attempt: number,
  inherits: boolean,
): void {
  const { files, attempts } = context.store;
  if (!context.store.moveBatch(batch, "leased", { attempt, due_at: context.now + SEND_LEASE_MS })) {
    throw new Error(`batch ${batch.batch} moved within one turn`);
  }
  if (batch.attempt > 0 || inherits) attempts.follow(batch.batch, attempt);
  if (batch.due_at !== null) return; // a retry: its file is known to be posted, and its place in line was passed
  const end = (file.first_batch ?? 0) + file.batch_count;
  files.update(file.file, { fresh: batch.batch + 1 < end ? batch.batch + 1 : null, posted: 1 });
}

function slackOf(context: RunContext): number {
  const jitter = context.settings.ok ? context.settings.config.paceJitterMs : 0;
  return Math.max(jitter, Math.ceil(context.memory.late.value * 1.25));
}

function pace(
  context: RunContext,
  run: StartedRun,
  key: string,
  lines: number,
  slackMs: number,
): GrantAnswer {
  const cap = limitsOf(run.row).maxLinesPerSecond;
  const minWaitMs = context.memory.ready.value;
  return grant(context.memory.pace, { key, lines, now: context.now, cap, rate: cap, slackMs, minWaitMs });
}

export function renew(context: RunContext, refs: BatchRef[]): RenewAnswer {
  const run = started(context);
  const forced = run?.row.abort_force === 1;
  const refused = refs.filter(
    ({ batch, attempt }) =>
      forced || !context.store.batches.renew(batch, attempt, context.now + SEND_LEASE_MS),
  );
  return { leaseMs: SEND_LEASE_MS, refused };
}

/** The sender was late for its grant: that one leaves the log, and the batch, still leased, gets another. */
export function regrant(context: RunContext, ref: BatchRef): RegrantAnswer {
  const run = started(context);
  const batch = context.store.batches.get(ref.batch);
  if (!run || batch?.state !== "leased" || batch.attempt !== ref.attempt) {
    return { ok: false, code: "superseded", detail: `batch ${ref.batch} is ${batch?.state ?? "unknown"}` };
  }
  const shut = closedBecause(context, run) ?? (context.now < run.breaker.holdUntil ? "retry_after" : null);
  if (shut) return { ok: false, code: "not_running", detail: shut };
  return context.store.transaction(() => {
    takeBackGrant(context.memory.pace, keyOf(ref));
    const slackMs = Math.min(MAX_SLACK_MS, slackOf(context) * 2);
    const granted = pace(context, run, keyOf(ref), batch.lines, slackMs);
    if (granted.kind === "wait") return { ok: false, code: "not_running", detail: "pace" };
    context.store.batches.renew(ref.batch, ref.attempt, context.now + SEND_LEASE_MS);
    saveSending(context, run, run);
    return { ok: true, waitMs: granted.waitMs, slackMs, leaseMs: SEND_LEASE_MS };
  });
}

/** Leases that ran out: a vanished sender's attempt is uncertain, a vanished parser's file is offered again. */
export function takeBack(context: RunContext, random: () => number): void {
  const run = started(context);
  if (!run) return;
  context.store.transaction(() => {
    let state: ReceiverState = { breaker: run.breaker, answers: run.answers };
    for (const row of context.store.batches.leasesExpired(context.now)) {
      const ref = { batch: row.batch, attempt: row.attempt };
      const report = bare(ref, { kind: "lease_lost", detail: "the lease ran out without a report" });
      const { answers } = state;
      state = applyReport(
        context,
        run,
        { answers, breaker: probeOver(state.breaker, keyOf(ref)) },
        report,
        random(),
      );
    }
    saveSending(context, run, state);
    for (const file of context.store.files.leasesExpired(context.now)) parserCrashed(context, file);
  });
}

/** A report that only says how an attempt ended. */
function bare(ref: BatchRef, outcome: PostOutcome): SendReport {
  const { batch, attempt } = ref;
  return {
    batch,
    attempt,
    outcome,
    startedAt: null,
    endedAt: null,
    ackMs: null,
    bodyReadyMs: 0,
    lateMs: 0,
    receiver: "",
  };
}

/** No POST was begun: the batch goes back as it was. */
export function unsent(ref: BatchRef): SendReport {
  return bare(ref, { kind: "not_sent", reason: "gave_up", detail: "given back" });
}
