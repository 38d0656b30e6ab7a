// Texts about all other problem codes of the API. The page loads them with the first refusal, and shows the detail from
// the API below them.
const LATER = "Try again later.";
const CORRECT = "Correct the marked fields.";
const RELOAD = "Reload the page.";
const DEFECT = "Report this: it is a defect of the page.";
const WINDOW = "Correct the window.";

export const moreProblems = {
  cross_site: ["The request came from another site.", RELOAD],
  no_such_route: ["This deployment does not know the route.", RELOAD],
  unknown_run: ["There is no such run.", "Look at the list of runs."],
  method_not_allowed: ["The route does not take this method.", DEFECT],
  url_too_long: ["The address is too long.", DEFECT],
  invalid_query: ["A filter is not valid.", "Remove the filter."],
  query_under_way: ["Another search in this run has not ended.", LATER],
  headers_too_large: ["The headers are too large.", DEFECT],
  object_unavailable: ["A part of the backfill restarts or is overloaded.", LATER],
  access_unreachable: ["The keys of Cloudflare Access cannot be fetched.", LATER],
  body_not_json: ["The request is not JSON.", DEFECT],
  body_too_large: ["The request is too large.", "Send less at once."],
  invalid_header: ["A header is not valid.", "Sign in again without special characters in your name."],
  invalid_body: ["Some fields are not valid.", CORRECT],
  window_reversed: ["The window ends before it starts.", WINDOW],
  window_empty: ["The window is empty.", WINDOW],
  window_in_future: ["The window ends in the future.", WINDOW],
  window_too_long: ["The window is longer than 7 days.", "Use the parts below, one after the other."],
  live_batch_size_needed: [
    "The size of the live worker's batches is not known.",
    "Enter it, or set LIVE_BATCH_SIZE.",
  ],
  idempotency_mismatch: ["The key was used for another request.", "Change a field, and press again."],
  slot_taken: ["Another run owns the slot.", "Wait for it, pause or abort it, or queue the window."],
  overlap: [
    "Earlier runs sent lines of this window.",
    "Choose another window, or confirm to send them again.",
  ],
  not_continuable: ["This run cannot be continued.", "Start a new run."],
  dry_run_under_way: ["Another dry run is counting.", "Wait for it, or abort it."],
  plan_not_usable: ["This plan cannot be replayed.", "Count again."],
  plan_outdated: ["The plan has changed.", "Count again."],
  disabled: ["The kill switch is off. Nothing starts.", 'Deploy with BACKFILL_ENABLED = "true".'],
  receiver_not_configured: ["Secrets of the receiver are missing.", "Set them with wrangler secret put."],
  start_unconfirmed: ["The run is admitted but has not answered yet.", "Wait. The run starts by itself."],
  unknown_window: ["The queue has no such window.", "Look at the queue."],
  window_wrong_state: ["The window has ended, or does not wait.", "Look at its state."],
  no_raw_files: ["No raw file was found.", "Choose another range."],
  coverage_incomplete: ["The holes of this range are not known yet.", LATER],
  live_mode_needed: [
    "The request does not say what to do with delivered lines.",
    "Choose whether to skip them.",
  ],
  queue_full: ["20,000 windows wait.", LATER],
  unknown_file: ["The run has no such file.", "Look at the list of files."],
  unknown_batch: ["The run has no such batch.", "Look at the list of batches."],
  run_ended: ["The run has ended.", "Nothing more can be changed."],
  already_delivered: ["The run is delivered.", "Nothing is left to abort."],
  wrong_state: ["This is not possible in the present state.", "Look at the state."],
  nothing_to_accept: ["The run does not show this code any more.", "Look at the state."],
  report_not_written: ["The evidence is not written yet.", LATER],
  report_damaged: ["The evidence in the bucket was changed.", "Verify the run: it is then written again."],
  note_needed: ["A note is needed.", "Write why."],
  send_needed: ["The file kept lines.", "Say whether to send them."],
  invalid_value: ["This run cannot take this value.", CORRECT],
} as const satisfies Record<string, readonly [string, string]>;

/** Refusals about the receiver of a request. */
export const receiverProblems = {
  unknown: ["The deployment has no receiver with this name.", "Choose another one, or look at System."],
  skipsLive: [
    "Only the receiver “default” has markers of the live worker.",
    "Send without skipping lines that the live worker delivered.",
  ],
  fromHoles: [
    "Only the receiver “default” has holes of the live worker.",
    "Write the windows, or choose the last days.",
  ],
} as const;
