// The calls of senders that renew: the leases of open POSTs, and the permit of a sender that was too late. Each call
// synchronously reads, decides and writes.
import type { BatchRef, PermitRenewal, RenewAnswer } from "../../../src/contract/sending.ts";
import { keyOf } from "../batches/attempt-records.ts";
import { canContinue } from "../batches/stranding.ts";
import { started, type RunContext, type StartedRun } from "../context/context.ts";
import type { BatchRow } from "../ledger/batch-row.ts";
import { restBeginsAt } from "../context/rest.ts";
import { extendPermit, reclaimPermit } from "../receiver/pace.ts";
import { SEND_LEASE_MS, capsOf, whyNoClaim, jitterOf, pace, slackOf } from "./claim.ts";
import { mayRenewToday, todayOf } from "./daily-count.ts";
import { saveSending } from "./send-verbs.ts";

/** The longest time by which a POST may begin late. */
const MAX_SLACK_MS = 1_000;

export function renew(context: RunContext, refs: BatchRef[]): RenewAnswer {
  const run = started(context);
  const forced = run?.row.abort_force === 1;
  const until = context.now + SEND_LEASE_MS;
  const { store } = context;
  store.senderCalled(context.now);
  const refused = forced
    ? refs
    : store.transaction(() => refs.filter((ref) => !store.batches.renew(ref.batch, ref.attempt, until)));
  for (const ref of refs) context.memory.inFlight.renewed(keyOf(ref), until);
  return { leaseMs: SEND_LEASE_MS, refused };
}

/** Renews the permit of a sender that was too late. */
export function renewPermit(context: RunContext, ref: BatchRef): PermitRenewal {
  const run = started(context);
  const batch = context.store.batches.get(ref.batch);
  if (!run || batch?.state !== "leased" || batch.attempt !== ref.attempt) {
    return { ok: false, code: "superseded", detail: `batch ${ref.batch} is ${batch?.state ?? "unknown"}` };
  }
  const closed = whyNoClaim(context, run);
  // A permit counts when it is issued. So a permit of today may be renewed even if `daily_lines` is reached.
  const rested = closed === "daily_lines" ? null : closed;
  const shut = rested ?? shutFor(context, run, batch);
  if (shut) return { ok: false, code: "not_running", detail: shut };
  return context.store.transaction(() => {
    if (!mayRenewToday(context, run, batch)) return { ok: false, code: "not_running", detail: "daily_lines" };
    const issued = extendedOrNew(context, run, batch);
    if (issued.kind === "wait") return { ok: false, code: "not_running", detail: "pace" };
    todayOf(context, run).renewed(keyOf(ref), batch.lines);
    const until = context.now + SEND_LEASE_MS;
    context.store.batches.renew(ref.batch, ref.attempt, until);
    context.memory.inFlight.renewed(keyOf(ref), until);
    saveSending(context, run);
    return { ok: true, waitMs: issued.waitMs, slackMs: issued.slackMs, leaseMs: SEND_LEASE_MS };
  });
}

type Renewed = { kind: "issued"; waitMs: number; slackMs: number } | { kind: "wait" };

/** The batch may be sent at once if the permit can be extended. Otherwise the batch gets a new permit, with twice the
 * slack. */
function extendedOrNew(context: RunContext, run: StartedRun, batch: BatchRow): Renewed {
  const { pace: log } = context.memory.limiter;
  const key = keyOf(batch);
  const slackMs = Math.max(jitterOf(context), Math.min(MAX_SLACK_MS / 2, slackOf(context)));
  const endBefore = restBeginsAt(context, run);
  const extended = extendPermit(log, key, { now: context.now, slackMs, caps: capsOf(run), endBefore });
  if (extended) return { kind: "issued", waitMs: 0, ...extended };
  reclaimPermit(log, key);
  const issued = pace(context, run, key, batch, 2 * slackMs);
  return issued.kind === "wait" ? issued : { ...issued, slackMs: 2 * slackMs };
}

/** Why the permit of this batch is not renewed although the run may send. Null: it may be renewed. */
function shutFor({ store, now }: RunContext, { breaker }: StartedRun, batch: BatchRow): string | null {
  if (now < breaker.holdUntil) return "retry_after";
  // While the breaker is open, only its probe is sent.
  if (breaker.open !== null && breaker.open.probe !== keyOf(batch)) return breaker.open.code;
  // The permit is older than the failure or the change of the file.
  const file = store.files.get(batch.file);
  return file && !canContinue(file.state) ? `file_${file.state}` : null;
}
