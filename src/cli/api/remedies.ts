// Explains what a person can do about each problem code of the API. Does no I/O. A test compares the codes with
// docs/reference/problems.md.
import type { ProblemBody } from "../faults.ts";

const CLI = "logpush-backfill";

function text(problem: ProblemBody, member: string): string {
  const value = problem[member];
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

function runOf(problem: ProblemBody): string {
  return text(problem, "run") || "RUN";
}

function firstOverlap(problem: ProblemBody): string {
  const overlaps = problem["overlaps"];
  const [first] = Array.isArray(overlaps) ? (overlaps as { run?: unknown }[]) : [];
  return typeof first?.run === "string" ? first.run : "RUN";
}

const AGAIN = "repeat the command";
const CORRECT = "correct what is named above; --help shows the options";

export const REMEDIES: Readonly<Record<string, string | ((problem: ProblemBody) => string)>> = {
  unauthorized: `check the token: BACKFILL_TOKEN, --token-file or the profile; then ${CLI} whoami`,
  assertion_refused: "sign in to Cloudflare Access again, or use a token",
  api_token_not_configured: "set the secret API_TOKEN: npx wrangler secret put API_TOKEN",
  not_allowed: (problem) =>
    `use a token with the role ${text(problem, "needed_role") || "operator"}; ${CLI} whoami shows your role`,
  cross_site: `use the command line without a proxy that adds browser headers; ${CLI} whoami`,
  no_such_route: `compare versions: the deployment may be older than this command; ${CLI} --version`,
  unknown_run: `${CLI} runs`,
  method_not_allowed: `${CLI} api --help; the answer's header Allow lists the methods`,
  url_too_long: "shorten the arguments",
  invalid_query: CORRECT,
  query_under_way: "another search in this run has not ended; repeat the command in 10 s",
  too_many_attempts: `wait a minute, and check the token: ${CLI} whoami`,
  headers_too_large: "shorten the token, the actor or the key",
  bad_configuration: "correct the vars that the answer names, and deploy",
  internal_error: "repeat the command; if it fails again, search the Worker's log for http.unexpected",
  object_unavailable: "repeat the command in 5 s; after a change, look first whether it was made",
  access_unreachable: "repeat the command in 5 s; nothing has changed",
  body_not_json: "correct the JSON",
  body_too_large: "send fewer windows in one request",
  invalid_header: "correct --key or BACKFILL_ACTOR",
  invalid_body: CORRECT,
  window_reversed: "exchange --start and --end",
  window_empty: "leave out --exclusive, or choose a later --end",
  window_in_future: "choose an --end that has passed",
  live_batch_size_needed: "add --live-batch-size with the live worker's batch size",
  window_too_long: `a run takes at most 7 days; queue it in parts: ${CLI} queue add --start … --end … --reason …`,
  idempotency_mismatch: "the key belongs to another request; choose another --key",
  slot_taken: (problem) => `${CLI} watch ${runOf(problem)}, or queue the window: ${CLI} queue add`,
  overlap: (problem) =>
    `${CLI} show ${firstOverlap(problem)}; add --replay only if these lines must be sent again`,
  not_continuable: `${CLI} runs --stage aborted`,
  dry_run_under_way: (problem) => `${CLI} watch ${runOf(problem)}, or ${CLI} abort ${runOf(problem)}`,
  plan_not_usable: `${CLI} runs --stage counted`,
  plan_outdated: `count again: ${CLI} start --dry-run --start … --end …`,
  disabled: 'set the var BACKFILL_ENABLED to "true", and deploy',
  receiver_not_configured: "set the missing secrets: npx wrangler secret put NAME",
  start_unconfirmed: (problem) => `the run starts by itself: ${CLI} watch ${runOf(problem)}`,
  unknown_window: `${CLI} queue list`,
  window_wrong_state: `${CLI} queue list`,
  no_raw_files: "check LOG_PREFIX and the bucket",
  coverage_incomplete: "repeat the command when Coverage has listed the range",
  live_mode_needed: "add --live skip_delivered, or --live ignore to send delivered lines again",
  queue_full: `${CLI} queue list --state queued; cancel what is not needed`,
  unknown_file: `${CLI} files RUN`,
  unknown_batch: `${CLI} batches RUN`,
  run_ended: (problem) => `${CLI} show ${runOf(problem)}`,
  already_delivered: (problem) => `${CLI} show ${runOf(problem)}`,
  wrong_state: (problem) => `${CLI} show ${runOf(problem)}`,
  nothing_to_accept: (problem) => `${CLI} show ${runOf(problem)}`,
  report_not_written: (problem) => `${CLI} watch ${runOf(problem)}, then repeat the command`,
  report_damaged: (problem) => `${CLI} verify ${runOf(problem)}; docs/runbook/evidence.md`,
  note_needed: "add --note with the reason",
  send_needed: "add --send to send the kept lines, or --discard",
  invalid_value: CORRECT,
};

/** What the person can do next. Null: the table does not have this code. */
export function remedyFor(problem: ProblemBody): string | null {
  const remedy = Object.hasOwn(REMEDIES, problem.code) ? REMEDIES[problem.code] : undefined;
  return typeof remedy === "function" ? remedy(problem) : (remedy ?? (problem.status >= 500 ? AGAIN : null));
}
