// Texts about the codes of `state_reason`: what happened, and what to do next. docs/reference/state-reasons.md
// explains more.
const CALL = "Call the partner.";
const GOES_ON = "The run continues by itself.";
const SETTINGS = "Correct its value and deploy.";
const SIGNATURE = [
  "The receiver refuses the signature or the credentials.",
  "Check CTYUN_PRIVATE_KEY and the partner's clock, or the headers of RECEIVER or RECEIVERS.",
] as const;
const PATH = [
  "The receiver does not know the path.",
  "Check CTYUN_URI_EDGE and CTYUN_ENDPOINT, or the url of RECEIVER or RECEIVERS.",
] as const;
const BUSY = ["The receiver asks for a lower rate.", "Wait, or lower the cap."] as const;
const FAILS = ["The receiver fails. Batches may have arrived.", CALL] as const;

export const reasons = {
  slowed: ["The run sends at less than nine tenths of its cap.", "The rate recovers by itself."],
  waiting_for_late_files: [
    "All files that were found are sent. The run lists the bucket once more later.",
    GOES_ON,
  ],
  waiting_for_live: ["For some files it is too early to know what the live worker delivered.", GOES_ON],
  comparing_with_plan: ["The run compares the bucket with its plan.", GOES_ON],
  waiting_for_sending_run: ["Another run is sending. A dry run counts afterwards.", GOES_ON],
  disabled: ["The kill switch is off.", 'Deploy with BACKFILL_ENABLED = "true".'],
  bad_configuration: ["A var or a secret cannot be used.", SETTINGS],
  receiver_not_configured: [
    "Settings of the receiver are missing.",
    "Set its secrets, or its name in RECEIVERS, with wrangler secret put.",
  ],
  receiver_changed: [
    "The receiver differs from the one of the first delivery.",
    "Restore it, or accept the new one.",
  ],
  quiet_hours: ["The run is outside its sending hours.", GOES_ON],
  daily_lines: ["The lines of the day are used up.", "The run continues at midnight."],
  slot_taken: ["Another run is sending.", GOES_ON],
  storage_unavailable: ["R2 fails.", "The run tries again by itself."],
  receiver_asked_to_wait: ["The receiver asked for a pause.", GOES_ON],
  unusual_answers: ["The receiver answers in an unusual way.", "Look at the answers and decide."],
  receiver_answer_does_not_match: [
    "Answers do not match SUCCESS_PATTERN or the rule of RECEIVER or RECEIVERS.",
    "Look at the answers and decide.",
  ],
  receiver_http_401: SIGNATURE,
  receiver_http_403: SIGNATURE,
  receiver_http_404: PATH,
  receiver_http_405: PATH,
  receiver_http_410: PATH,
  receiver_http_3xx: ["The receiver redirects. Senders do not follow.", PATH[1]],
  receiver_http_4xx: ["The receiver refuses every batch.", "Check format and batch size with the partner."],
  receiver_http_429: BUSY,
  receiver_http_503: BUSY,
  receiver_http_5xx: FAILS,
  receiver_http_408: FAILS,
  receiver_no_connection: [
    "No connection to the receiver.",
    "Check CTYUN_ENDPOINT or the url of RECEIVER or RECEIVERS, then call the partner.",
  ],
  receiver_timeout: ["The receiver does not answer in time. Batches may have arrived.", CALL],
  receiver_reset: ["Connections break before an answer. Batches may have arrived.", CALL],
  operator: ["An operator paused the run.", "Resume the run."],
  canary: ["The canary is sent. The run is paused.", "Check it with the partner, then send the rest."],
  failed_files: ["Files cannot be read.", "Retry or accept each file."],
  missing_files: ["Listed files are gone.", "Restore and retry, or accept each file."],
  changed_files: ["Files changed after lines of them were sent.", "Retry or accept each file."],
  suspicious_files: [
    "Too many lines of a file fail a check. None was sent.",
    "Look at the samples, then accept or retry.",
  ],
  refused_batches: ["The receiver refused some batches.", "Retry or resolve each batch."],
  held_batches: [
    "Batches wait for a decision. They may have arrived.",
    "Ask the partner, then resolve each batch.",
  ],
  empty_window: ["Nothing to send was found.", "Check window and prefix, then accept or abort."],
  suspect_records: [
    "Over all files together, too many records fail a check.",
    "Look at the samples, then accept.",
  ],
  live_batch_size_unproven: [
    "The files do not prove the size of the live worker's batches.",
    "Check LIVE_BATCH_SIZE. If it is right, accept: the run then sends the lines that are held.",
  ],
  live_waiting: [
    "Live batches have had no answer for an hour.",
    "Repair the live worker, or decide by file.",
  ],
  foreign_folders: [
    "Other folders below the prefix contain logs.",
    "Accept, or start again with these folders.",
  ],
  log_without_time: ["Some log names contain no readable time.", "Check these keys, then accept."],
  not_looked_through: ["Not every other folder was searched.", "Check the folders, then accept."],
  duplicate_objects: ["Files have the name and size of another file.", "Check these keys, then accept."],
  overlap: ["Another run sent lines of this window meanwhile.", "Confirm to send them again, or abort."],
  late_files: ["Files came after the delivery.", "Add these files, or accept."],
  unbalanced: ["The sums do not balance. This is a defect.", "Verify the run, and report it."],
  plan_outdated: [
    "The bucket differs from the plan. Nothing was sent.",
    "Count again, and start from that plan.",
  ],
} as const satisfies Record<string, readonly [string, string]>;
