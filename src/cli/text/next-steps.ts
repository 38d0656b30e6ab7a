// Suggests the next command for a run, by its stage and reason. A test compares the reasons with
// docs/reference/state-reasons.md.
import type { RunStatusAnswer } from "../../contract/api/api-types.ts";

const CLI = "logpush-backfill";
const WAIT = "nothing to do: the run goes on by itself";
const DEPLOY = "correct the setting and deploy; the run goes on by itself";
const ADDRESS =
  "check CTYUN_ENDPOINT and CTYUN_URI_EDGE, or the address in RECEIVER or RECEIVERS; the run goes on by itself";

/** The next step for each reason of a state. `ID` stands for the id of the run. */
const STEPS: Readonly<Record<string, string>> = {
  slowed: WAIT,
  waiting_for_late_files: WAIT,
  waiting_for_live: WAIT,
  comparing_with_plan: WAIT,
  waiting_for_sending_run: WAIT,
  disabled: DEPLOY,
  bad_configuration: DEPLOY,
  receiver_not_configured: DEPLOY,
  receiver_changed: `restore the settings, or: ${CLI} resume ID --accept-receiver --note …`,
  quiet_hours: `wait, or: ${CLI} cap ID --send-between none`,
  daily_lines: `wait for midnight, or: ${CLI} cap ID --daily-lines none`,
  slot_taken: `${CLI} watch active`,
  storage_unavailable: WAIT,
  receiver_asked_to_wait: `wait, or lower the cap: ${CLI} cap ID LINES`,
  unusual_answers: `look at answers.kinds of "${CLI} show ID --json", then: ${CLI} resume ID --answers …`,
  receiver_answer_does_not_match: `${CLI} resume ID --answers no_match=success|refused|resend --note …`,
  receiver_http_401:
    "check the private key and the clock, or the headers in RECEIVER or RECEIVERS; the run goes on by itself",
  receiver_http_403: "ask the partner; the run goes on by itself",
  receiver_http_404: ADDRESS,
  receiver_http_405: ADDRESS,
  receiver_http_410: ADDRESS,
  receiver_http_429: `wait, or lower the cap: ${CLI} cap ID LINES`,
  receiver_http_503: `wait, or lower the cap: ${CLI} cap ID LINES`,
  operator: `${CLI} resume ID`,
  canary: `ask the partner about the first batches, then: ${CLI} resume ID`,
  failed_files: `${CLI} files ID --state failed, then: ${CLI} file retry ID N, or file accept ID N --note …`,
  missing_files: `${CLI} files ID --state missing, then: ${CLI} file retry ID N, or file accept ID N --note …`,
  changed_files: `${CLI} files ID --state changed, then: ${CLI} file retry ID N, or file accept ID N --note …`,
  suspicious_files: `${CLI} files ID --state suspicious, then: ${CLI} file retry ID N, or file accept ID N --send --note …`,
  refused_batches: `${CLI} batches ID --state refused, then: ${CLI} batch resolve ID B delivered|discard|resend --note …`,
  held_batches: `${CLI} batches ID --state held, then: ${CLI} batch resolve ID B delivered|discard|resend --note …`,
  empty_window: `check the window and LOG_PREFIX, then: ${CLI} accept ID empty_window --note …`,
  suspect_records: `${CLI} samples ID, then: ${CLI} accept ID suspect_records --note …`,
  live_batch_size_unproven: `compare with the live worker, then: ${CLI} accept ID live_batch_size_unproven --note …`,
  live_waiting: `wait for the live worker, or: ${CLI} accept ID live_waiting --note …`,
  foreign_folders: `start a run with --folder, or: ${CLI} accept ID foreign_folders --note …`,
  log_without_time: `look at the keys, then: ${CLI} accept ID log_without_time --note …`,
  not_looked_through: `look at the keys, then: ${CLI} accept ID not_looked_through --note …`,
  duplicate_objects: `look at the keys, then: ${CLI} accept ID duplicate_objects --note …`,
  overlap: `${CLI} retry ID --replay, or: ${CLI} abort ID`,
  late_files: `${CLI} late-take ID, or: ${CLI} accept ID late_files --note …`,
  unbalanced: "report the run; docs/runbook/unbalanced.md",
  plan_outdated: `count again: ${CLI} start --dry-run --start … --end …`,
};

type Staged = Pick<RunStatusAnswer, "id" | "stage_code" | "state_reason">;

/** The next step for a run, as a sentence. Null: there is nothing to do. */
export function nextStep({ id, stage_code: stage, state_reason: reason }: Staged): string | null {
  if (reason !== null) {
    const step = Object.hasOwn(STEPS, reason.code) ? STEPS[reason.code] : undefined;
    if (step !== undefined) return step.replaceAll("ID", id);
    if (reason.code.startsWith("receiver_")) return "ask the partner; the run goes on by itself";
  }
  switch (stage) {
    case "scanning_and_queueing":
    case "sending":
    case "counting":
    case "aborting":
      return `${CLI} watch ${id}`;
    case "sent_waiting_cleanup":
    case "cleaned":
      return `${CLI} evidence ${id} --verify`;
    case "aborted":
      return `send the rest: ${CLI} start --continue-of ${id}`;
    case "counted":
      return `send exactly this: ${CLI} start --from-plan ${id}`;
    case "paused":
      return `${CLI} resume ${id}`;
    case "suspended":
    case "needs_attention":
      return "docs/reference/state-reasons.md";
  }
}
