// English texts of messages. The texts of reason codes are in reasons.ts.

export const ENGLISH = {
  "run.needs_attention": "Backfill needs a person",
  "run.aborted": "Backfill aborted",
  "run.delivered": "Backfill delivered",
  "run.delivered_exceptions": "Backfill delivered with exceptions",
  "run.suspended": "Backfill suspended",
  "run.resumed": "Backfill goes on",
  "coverage.hole_found": "Lines are missing at the partner",
  "coverage.replay_queued": "Automatic replay of a hole",
  test: "Test message of the backfill",
  dry_run: "dry run",
  reason: "Reason",
  window: "Window",
  beijing: "Beijing",
  lines: "Lines",
  sent: "sent",
  left: "left",
  exceptions: "Exceptions",
  actor: "By",
  receiver: "Receiver",
  run: "Run",
  at: "At",
  files: "files",
  more: "more",
  test_text: "The channel works.",
  comma: ", ",
  semicolon: "; ",
  colon: ": ",
  open: "Open",
} as const;

export type TextKey = keyof typeof ENGLISH;
