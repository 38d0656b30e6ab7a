// Decides which notice a new stage or reason needs, and when. Notices go to the outbox in the transaction that
// enters the stage.
import { shownReceiver } from "../../../src/contract/receivers.ts";
import { iso } from "../../../src/contract/instants.ts";
import { isoSecond } from "../../../src/contract/run-id.ts";
import type { RunNotice, RunNoticeData, RunNoticeType } from "../../../src/contract/notices.ts";
import type { Stage } from "../../../src/contract/states.ts";
import type { OutboxRow } from "../../../src/outbox/outbox.ts";
import type { RunContext, StartedRun } from "../context/context.ts";
import { BATCH_PROBLEMS, FILE_PROBLEMS } from "../ledger/states.ts";
import type { Totals } from "../ledger/totals.ts";
import type { StageNow } from "./stages.ts";
import { summaryOf } from "./summary.ts";
import { uncoveredWords } from "./uncovered.ts";

/** A shorter suspension sends no notice. */
const SUSPENDED_FOR_MS = 60_000;
/** An operator asked for these suspensions when the run started. */
const PLANNED: ReadonlySet<string> = new Set(["quiet_hours", "daily_lines"]);

/** The notice that a stage needs. It is sent at `wantedAt` or later, in epoch ms. */
interface Wanted {
  type: RunNoticeType;
  wantedAt: number;
}

/** Null: the stage needs no notice. `withdrawn`: the notice that waited when the stage or reason changed. `last`: the
 * newest notice that was sent before. */
function wantedNotice(
  { stage, reason }: StageNow,
  withdrawn: Pick<OutboxRow<RunNotice>, "notice" | "writtenAt"> | null,
  last: RunNoticeType | null,
  now: number,
): Wanted | null {
  switch (stage) {
    case "needs_attention":
      return { type: "run.needs_attention", wantedAt: now };
    case "aborted":
      return { type: "run.aborted", wantedAt: now };
    case "sent_waiting_cleanup":
      return { type: "run.delivered", wantedAt: now };
    case "suspended": {
      if (PLANNED.has(reason?.code ?? "")) return null;
      if (last === "run.suspended") return { type: "run.suspended", wantedAt: now };
      // When only the reason changes, the 60 s do not begin again. So a run whose reasons alternate sends a notice
      // too.
      const since = withdrawn?.notice.type === "run.suspended" ? withdrawn.writtenAt : now;
      return { type: "run.suspended", wantedAt: Math.max(now, since + SUSPENDED_FOR_MS) };
    }
    case "scanning_and_queueing":
    case "sending":
    case "counting":
      return last === "run.suspended" ? { type: "run.resumed", wantedAt: now } : null;
    case "paused":
    case "aborting":
    case "cleaned":
    case "counted":
      return null;
  }
}

/** Writes the notice of a new stage into the outbox. Called inside the transaction that writes the stage. `event`
 * is the number of the stage's event. */
export function writeNotice(context: RunContext, run: StartedRun, stage: StageNow, event: number): void {
  const { now, store } = context;
  const { outbox } = store;
  // A notice that still waits is about a state that has ended.
  const withdrawn = outbox.withdrawWaiting(now);
  const wanted = wantedNotice(stage, withdrawn, outbox.newest()?.notice.type ?? null, now);
  if (wanted === null) return;
  const { type, wantedAt } = wanted;
  const notice = {
    id: `${run.row.run_id}.${event}`,
    type,
    at: now,
    data: dataOf(context, run, stage, event),
  };
  const code = stage.reason?.code ?? "";
  // When only the reason of a suspension changes, the notice keeps the time at which the suspension began.
  const since = withdrawn?.notice.type === type ? withdrawn.writtenAt : now;
  outbox.add(
    { event, topic: `${type} ${type === "run.resumed" ? "" : code}`.trim(), notice, wantedAt, since },
    now,
  );
}

/** The notice as it is sent. A notice that has waited gets the present figures, while the run is still in this
 * stage. */
export function presentNotice(
  context: RunContext,
  run: StartedRun,
  { notice, event, writtenAt, dueAt }: OutboxRow<RunNotice>,
): RunNotice {
  const { stage, reason_code: code } = run.row;
  const { data } = notice;
  const hasWaited = dueAt > writtenAt;
  if (!hasWaited || stage !== data.stage_code || code !== (data.state_reason?.code ?? null)) return notice;
  const reason = code === null ? null : { code, detail: "" };
  return { ...notice, data: dataOf(context, run, { stage, reason }, event) };
}

function dataOf(context: RunContext, run: StartedRun, now: StageNow, event: number): RunNoticeData {
  const totals = context.store.totals.read();
  const { stage, reason } = now;
  const { startMs, endMs, endExclusive } = run.spec.parse;
  const problems = stage === "needs_attention" ? problemsOf(totals) : {};
  // The detail of a state reason may contain text of the receiver's answer. Such text must not reach a notification
  // channel, so the notice contains only counts.
  const detail = Object.entries(problems).map(([code, n]) => `${n} ${code.replace("_", " ")}`).join("; "); // prettier-ignore
  const sentence = summaryOf({ stage, reason: null }, totals, run.listing.completeAsOf, uncoveredWords(run));
  const why = reason === null ? "" : ` (${reason.code}${detail === "" ? "" : `: ${detail}`})`;
  return {
    run: run.row.run_id,
    event,
    receiver: shownReceiver(run.spec.receiver),
    dry_run: run.spec.dryRun === true,
    stage_code: stage,
    state_reason: reason && { code: reason.code, detail },
    problems,
    summary: `${sentence}${why}`,
    window: { start: instantOf(startMs), end: instantOf(endMs), end_exclusive: endExclusive },
    log_lines_sent: totals.lines_done,
    lines_left:
      totals.lines_pending +
      totals.lines_leased +
      BATCH_PROBLEMS.reduce((sum, state) => sum + totals[`lines_${state}`], 0),
    exceptions: totals.exceptions,
    actor: actorOf(context, stage),
  };
}

/** Files and batches that wait for an operator. A waiting duplicate does not also count as a suspicious file. */
function problemsOf(t: Totals): { [code: string]: number } {
  const counts: [string, number][] = [
    ...FILE_PROBLEMS.map((state): [string, number] => [
      `${state}_files`,
      t[`files_${state}`] - (state === "suspicious" ? t.files_duplicate : 0),
    ]),
    ...BATCH_PROBLEMS.map((state): [string, number] => [`${state}_batches`, t[`batches_${state}`]]),
    ["duplicate_objects", t.files_duplicate],
  ];
  return Object.fromEntries(counts.filter(([, n]) => n > 0));
}

function actorOf({ store }: RunContext, stage: Stage): string {
  return stage === "aborted" ? (store.lastActor("abort") ?? "system") : "system";
}

/** The instant as text. Windows begin and end at whole seconds, as a rule. */
function instantOf(ms: number): string {
  return ms % 1_000 === 0 ? isoSecond(ms) : iso(ms);
}
