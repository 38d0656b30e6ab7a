-- Written by `npm run tables` from ../migrations. Only an empty database gets this schema.

CREATE TABLE run (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  run_id TEXT NOT NULL,
  spec_json TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  stage TEXT NOT NULL,
  stage_since INTEGER NOT NULL,
  reason_code TEXT,
  reason_detail TEXT,
  abort_asked_at INTEGER,
  abort_force INTEGER NOT NULL DEFAULT 0,
  limits_json TEXT NOT NULL,
  pause_json TEXT,
  accepted_json TEXT NOT NULL,
  slot TEXT NOT NULL,
  slot_fence INTEGER NOT NULL,
  listing_json TEXT NOT NULL,
  next_file INTEGER NOT NULL,
  next_batch INTEGER NOT NULL,
  batch_lines_min INTEGER,
  batch_lines_max INTEGER,
  farthest_ms INTEGER NOT NULL,
  latest_kept_start INTEGER NOT NULL,
  next_enqueue_at INTEGER NOT NULL,
  receiver_key TEXT NOT NULL,
  receiver_print TEXT,
  delivered_at INTEGER,
  ended_at INTEGER,
  cleanup_state TEXT NOT NULL,
  cleanup_ends_at INTEGER,
  verify_asked_by TEXT,
  verified_json TEXT,
  inherit_json TEXT,
  archive_json TEXT,
  reported_at INTEGER NOT NULL,
  reported_json TEXT NOT NULL,
  plan_json TEXT,
  covered_minutes TEXT,
  live_json TEXT
);
CREATE TABLE totals (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  pace_json TEXT NOT NULL DEFAULT '',
  breaker_json TEXT NOT NULL DEFAULT '',
  answers_json TEXT NOT NULL DEFAULT '',
  last_post_ended_at INTEGER,
  files_listed INTEGER NOT NULL DEFAULT 0,
  files_parsing INTEGER NOT NULL DEFAULT 0,
  files_open INTEGER NOT NULL DEFAULT 0,
  files_closed INTEGER NOT NULL DEFAULT 0,
  files_failed INTEGER NOT NULL DEFAULT 0,
  files_missing INTEGER NOT NULL DEFAULT 0,
  files_changed INTEGER NOT NULL DEFAULT 0,
  files_suspicious INTEGER NOT NULL DEFAULT 0,
  files_accepted INTEGER NOT NULL DEFAULT 0,
  batches_pending INTEGER NOT NULL DEFAULT 0,
  batches_leased INTEGER NOT NULL DEFAULT 0,
  batches_done INTEGER NOT NULL DEFAULT 0,
  batches_refused INTEGER NOT NULL DEFAULT 0,
  batches_failed INTEGER NOT NULL DEFAULT 0,
  batches_held INTEGER NOT NULL DEFAULT 0,
  batches_discarded INTEGER NOT NULL DEFAULT 0,
  batches_split INTEGER NOT NULL DEFAULT 0,
  lines_pending INTEGER NOT NULL DEFAULT 0,
  lines_leased INTEGER NOT NULL DEFAULT 0,
  lines_done INTEGER NOT NULL DEFAULT 0,
  lines_refused INTEGER NOT NULL DEFAULT 0,
  lines_failed INTEGER NOT NULL DEFAULT 0,
  lines_held INTEGER NOT NULL DEFAULT 0,
  lines_discarded INTEGER NOT NULL DEFAULT 0,
  lines_split INTEGER NOT NULL DEFAULT 0,
  read INTEGER NOT NULL DEFAULT 0,
  kept INTEGER NOT NULL DEFAULT 0,
  malformed INTEGER NOT NULL DEFAULT 0,
  empty_lines INTEGER NOT NULL DEFAULT 0,
  dropped_not_top_level INTEGER NOT NULL DEFAULT 0,
  dropped_invalid_timestamp INTEGER NOT NULL DEFAULT 0,
  dropped_outside_window INTEGER NOT NULL DEFAULT 0,
  dropped_repeated_ray_id INTEGER NOT NULL DEFAULT 0,
  sanitized_fields INTEGER NOT NULL DEFAULT 0,
  repeated_ray_ids INTEGER NOT NULL DEFAULT 0,
  untracked_ray_ids INTEGER NOT NULL DEFAULT 0,
  backlog_bytes INTEGER NOT NULL DEFAULT 0,
  duplicate_lines INTEGER NOT NULL DEFAULT 0,
  possible_duplicate_lines INTEGER NOT NULL DEFAULT 0,
  uncertain_attempts INTEGER NOT NULL DEFAULT 0,
  exceptions INTEGER NOT NULL DEFAULT 0,
  parse_dead_letters INTEGER NOT NULL DEFAULT 0,
  send_dead_letters INTEGER NOT NULL DEFAULT 0,
  leases_json TEXT NOT NULL DEFAULT '{}',
  assumed_json TEXT NOT NULL DEFAULT '{}',
  inherited_lines INTEGER NOT NULL DEFAULT 0,
  inherited_attempts INTEGER NOT NULL DEFAULT 0,
  matched_files INTEGER NOT NULL DEFAULT 0,
  files_duplicate INTEGER NOT NULL DEFAULT 0,
  repaired INTEGER NOT NULL DEFAULT 0,
  lines_checked INTEGER NOT NULL DEFAULT 0,
  lines_failing INTEGER NOT NULL DEFAULT 0,
  times_checked INTEGER NOT NULL DEFAULT 0,
  times_failing INTEGER NOT NULL DEFAULT 0,
  parents_checked INTEGER NOT NULL DEFAULT 0,
  parents_failing INTEGER NOT NULL DEFAULT 0,
  dropped_delivered_live INTEGER NOT NULL DEFAULT 0,
  files_waiting INTEGER NOT NULL DEFAULT 0,
  live_rechecks INTEGER NOT NULL DEFAULT 0,
  live_waiting_lines INTEGER NOT NULL DEFAULT 0,
  live_meanwhile_batches INTEGER NOT NULL DEFAULT 0,
  live_meanwhile_lines INTEGER NOT NULL DEFAULT 0,
  series_json TEXT NOT NULL DEFAULT '',
  work_json TEXT NOT NULL DEFAULT '',
  claims_json TEXT NOT NULL DEFAULT '[]',
  deduped_lines INTEGER NOT NULL DEFAULT 0,
  progress_json TEXT NOT NULL DEFAULT '{}',
  calls_json TEXT NOT NULL DEFAULT '{}'
);
CREATE TABLE files (
  file INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  size INTEGER NOT NULL,
  etag TEXT NOT NULL,
  uploaded_at INTEGER NOT NULL,
  range_start INTEGER NOT NULL,
  range_end INTEGER NOT NULL,
  state TEXT NOT NULL,
  reason_detail TEXT,
  enqueue_at INTEGER,
  times_enqueued INTEGER NOT NULL DEFAULT 0,
  attempt INTEGER NOT NULL DEFAULT 0,
  crashes INTEGER NOT NULL DEFAULT 0,
  pack_attempt INTEGER,
  first_batch INTEGER,
  batch_count INTEGER NOT NULL DEFAULT 0,
  unsettled INTEGER NOT NULL DEFAULT 0,
  fresh INTEGER,
  unclaimed INTEGER NOT NULL DEFAULT 0,
  posted INTEGER NOT NULL DEFAULT 0,
  staged_pages INTEGER NOT NULL DEFAULT 0,
  counted INTEGER NOT NULL DEFAULT 0,
  allow_duplicates INTEGER NOT NULL DEFAULT 0,
  older_batches_json TEXT,
  counts_json TEXT,
  salvaged_json TEXT,
  base_name TEXT NOT NULL DEFAULT '',
  duplicate_of INTEGER,
  choices_json TEXT,
  parse_lease_ends_at INTEGER,
  reason_code TEXT,
  decision TEXT,
  live_json TEXT,
  live_marked INTEGER NOT NULL DEFAULT 0,
  live_recheck INTEGER NOT NULL DEFAULT 0,
  live_check_at INTEGER,
  waiting_since INTEGER,
  safe_key TEXT
);
CREATE INDEX files_fresh ON files (file) WHERE unclaimed = 1;
CREATE INDEX files_by_state ON files (state, file);
CREATE TABLE batches (
  batch INTEGER PRIMARY KEY,
  file INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  parent INTEGER,
  slice_from INTEGER NOT NULL DEFAULT 0,
  is_part INTEGER NOT NULL DEFAULT 0,
  split_posts INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL,
  reason_detail TEXT,
  lines INTEGER NOT NULL,
  digest TEXT NOT NULL,
  raw_bytes INTEGER NOT NULL,
  offset INTEGER NOT NULL,
  length INTEGER NOT NULL,
  first_ray TEXT NOT NULL,
  last_ray TEXT NOT NULL,
  queued_at INTEGER NOT NULL,
  retry_at INTEGER,
  attempt INTEGER NOT NULL DEFAULT 0,
  counted INTEGER NOT NULL DEFAULT 0,
  last_success_seen INTEGER NOT NULL DEFAULT 0,
  done_attempt INTEGER,
  done_at INTEGER,
  answer_status INTEGER,
  member_digest TEXT,
  set_aside_at INTEGER,
  reason_code TEXT,
  same_as_batch INTEGER
);
CREATE INDEX batches_parts ON batches (parent) WHERE parent IS NOT NULL;
CREATE TABLE uploads (
  upload_id TEXT PRIMARY KEY,
  key TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE staged_batches (
  file INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  entry_json TEXT NOT NULL,
  PRIMARY KEY (file, ordinal)
) WITHOUT ROWID;
CREATE TABLE attempts (
  batch INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  state TEXT NOT NULL,
  cause TEXT NOT NULL,
  detail TEXT,
  lines INTEGER NOT NULL,
  started_at INTEGER,
  ended_at INTEGER NOT NULL,
  followed INTEGER NOT NULL DEFAULT 0,
  answer_kind TEXT,
  deduped INTEGER NOT NULL DEFAULT 0,
  arrived_after INTEGER,
  PRIMARY KEY (batch, attempt)
) WITHOUT ROWID;
CREATE INDEX attempts_by_state ON attempts (state, batch);
CREATE TABLE foreign_keys (
  kind TEXT PRIMARY KEY,
  count INTEGER NOT NULL,
  examples_json TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE inherited (
  key TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  digest TEXT NOT NULL,
  state TEXT NOT NULL,
  PRIMARY KEY (key, digest, ordinal)
) WITHOUT ROWID;
CREATE TABLE samples (
  sample INTEGER PRIMARY KEY,
  file INTEGER NOT NULL,
  line INTEGER NOT NULL,
  reason TEXT NOT NULL,
  bytes TEXT NOT NULL
);
CREATE TABLE events (
  event INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  kind TEXT NOT NULL,
  detail_json TEXT NOT NULL
);
CREATE TABLE bulk_commands (
  command INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  actor TEXT NOT NULL,
  note TEXT,
  args_json TEXT NOT NULL,
  cursor_json TEXT NOT NULL,
  changed INTEGER NOT NULL,
  skipped INTEGER NOT NULL,
  begun_at INTEGER NOT NULL
);
CREATE INDEX attempts_by_answer ON attempts (batch, attempt) WHERE state = 'uncertain' AND cause IN ('unusual_answer', 'answer_does_not_match');
CREATE TABLE assumed_not_delivered (
  batch INTEGER NOT NULL,
  status INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  lines INTEGER NOT NULL,
  PRIMARY KEY (batch, status)
) WITHOUT ROWID;
CREATE TABLE list_tasks (
  turn INTEGER NOT NULL,
  prefix TEXT NOT NULL,
  start_after TEXT NOT NULL,
  task INTEGER NOT NULL,
  kind TEXT NOT NULL,
  stop_at TEXT,
  named INTEGER NOT NULL,
  PRIMARY KEY (turn, prefix, start_after)
) WITHOUT ROWID;
CREATE TABLE gathered_keys (
  kind TEXT PRIMARY KEY,
  count INTEGER NOT NULL,
  examples_json TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX files_by_name ON files (base_name, size);
CREATE INDEX files_duplicates ON files (file) WHERE duplicate_of IS NOT NULL;
CREATE TABLE reports (
  generation INTEGER PRIMARY KEY,
  begun_at INTEGER NOT NULL,
  is_complete INTEGER NOT NULL DEFAULT 0,
  is_downloaded INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE inherited_choices (
  key TEXT PRIMARY KEY,
  choices_json TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX batches_retry ON batches (retry_at, batch) WHERE retry_at IS NOT NULL;
CREATE INDEX batches_set_aside ON batches (state, set_aside_at, batch) WHERE set_aside_at IS NOT NULL;
CREATE INDEX batches_tried ON batches (state) WHERE attempt > 0 AND (retry_at IS NOT NULL OR set_aside_at IS NOT NULL);
CREATE INDEX files_urgent ON files (enqueue_at, file) WHERE enqueue_at IS NOT NULL AND first_batch IS NOT NULL;
CREATE INDEX files_enqueue ON files (enqueue_at, file) WHERE enqueue_at IS NOT NULL;
CREATE INDEX files_parse_leases ON files (parse_lease_ends_at) WHERE parse_lease_ends_at IS NOT NULL;
CREATE INDEX files_failing ON files (file) WHERE state = 'listed' AND reason_code IS NOT NULL;
CREATE TABLE planned (
  key TEXT PRIMARY KEY,
  etag TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  parsed INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX files_live_check ON files (live_check_at, file) WHERE live_check_at IS NOT NULL;
CREATE INDEX files_live_recheck ON files (file) WHERE live_recheck = 1;
CREATE INDEX files_live_waiting ON files (reason_code, file) WHERE state = 'waiting' AND live_check_at IS NULL;
CREATE INDEX files_safe_key ON files (safe_key) WHERE safe_key IS NOT NULL;
CREATE TABLE inherited_live (
  key TEXT PRIMARY KEY,
  live_json TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX batches_tried_discarded ON batches (state) WHERE attempt > 0 AND state = 'discarded';
CREATE INDEX files_by_range ON files (range_start, range_end);
CREATE TABLE series (
  point INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  seconds INTEGER NOT NULL,
  lines INTEGER NOT NULL,
  posts INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  target INTEGER NOT NULL,
  cap INTEGER NOT NULL,
  ack_json TEXT NOT NULL,
  tens_json TEXT
);
CREATE TABLE outbox (
  event INTEGER PRIMARY KEY,
  topic TEXT NOT NULL,
  notice_json TEXT NOT NULL,
  written_at INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  handed_at INTEGER,
  given_up_json TEXT NOT NULL DEFAULT '[]'
);
CREATE INDEX outbox_waiting ON outbox (due_at) WHERE handed_at IS NULL;
CREATE INDEX files_left_out ON files (file) WHERE counts_json ->> '$.live.leftOut.firstMs' IS NOT NULL;
INSERT INTO totals (one) VALUES (1);
