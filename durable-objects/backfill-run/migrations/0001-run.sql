-- The schema of one run. Times are epoch milliseconds unless a name says otherwise. A *_json column holds the
-- whole state of one pure state machine.

-- The run itself: one row.
CREATE TABLE run (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  run_id TEXT NOT NULL,
  spec_json TEXT NOT NULL,              -- RunSpec, frozen.
  started_at INTEGER NOT NULL,
  stage TEXT NOT NULL,                  -- one of STAGES; computed by stages.ts, written when it changes.
  stage_since INTEGER NOT NULL,
  reason_code TEXT,                     -- code of state_reason; null when there is none.
  reason_detail TEXT,
  abort_asked_at INTEGER,               -- set once by DELETE, never cleared.
  abort_force INTEGER NOT NULL DEFAULT 0, -- 1: renewals of open POSTs are refused too.
  limits_json TEXT NOT NULL,            -- RunLimits: what PATCH may change.
  pause_json TEXT,                      -- {code, detail, park} while an operator or a canary holds the run.
  accepted_json TEXT NOT NULL,          -- run-level codes that an operator settled: {"empty_window": note, …}.
  slot TEXT NOT NULL,                   -- 'held' | 'asking' | 'releasing' | 'none': the run's view of the registry's slot.
  slot_fence INTEGER NOT NULL,          -- the token that the registry gave with the slot.
  listing_json TEXT NOT NULL,           -- ListingState of listing.ts.
  next_file INTEGER NOT NULL,           -- next number for a file row.
  next_batch INTEGER NOT NULL,          -- next number for a batch row.
  batch_lines_min INTEGER,              -- lines of the smallest and the largest batch so far.
  batch_lines_max INTEGER,
  farthest_ms INTEGER NOT NULL,         -- largest time between a kept record and its file's range.
  latest_kept_start INTEGER NOT NULL,   -- newest range_start of a file with a kept record.
  next_enqueue_at INTEGER NOT NULL,     -- with a fixed rate: no file is enqueued before this.
  receiver_key TEXT NOT NULL,           -- random hex: this run's HMAC key for the receiver's fingerprint.
  receiver_print TEXT,                  -- fingerprint frozen at the first 2xx.
  delivered_at INTEGER,                 -- when the run entered sent_waiting_cleanup.
  ended_at INTEGER,                     -- when the run entered aborted or cleaned.
  cleanup_state TEXT NOT NULL,          -- one of CLEANUP_STATES.
  cleanup_ends_at INTEGER,              -- end of the grace period.
  verify_asked_by TEXT,                 -- actor of the recount under way; null: none.
  verified_json TEXT,                   -- Verified of verify.ts: the result of the newest recount.
  inherit_json TEXT,                    -- continue_of: progress of taking over the earlier run's ledger; null: done.
  archive_json TEXT,                    -- ArchiveState of archive.ts: progress of writing the evidence; null: not begun.
  reported_at INTEGER NOT NULL,         -- time of the newest progress report to the registry.
  reported_json TEXT NOT NULL           -- its content; a difference is reported again.
);

-- Sums over the rows below, in one row. They change only in the transaction that changes a counted row.
-- `verify` recounts them.
CREATE TABLE totals (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  -- Values that change with every claim and report. They stand here because this row is written then anyway.
  pace_json TEXT NOT NULL DEFAULT '',   -- KeptMemory: the rate limiter without its window log, rate, latencies.
  breaker_json TEXT NOT NULL DEFAULT '', -- BreakerState of breaker.ts.
  answers_json TEXT NOT NULL DEFAULT '', -- AnswerState of answers.ts.
  last_post_ended_at INTEGER,
  -- File rows by state.
  files_listed INTEGER NOT NULL DEFAULT 0,
  files_parsing INTEGER NOT NULL DEFAULT 0,
  files_open INTEGER NOT NULL DEFAULT 0,
  files_closed INTEGER NOT NULL DEFAULT 0,
  files_failed INTEGER NOT NULL DEFAULT 0,
  files_missing INTEGER NOT NULL DEFAULT 0,
  files_changed INTEGER NOT NULL DEFAULT 0,
  files_suspicious INTEGER NOT NULL DEFAULT 0,
  files_accepted INTEGER NOT NULL DEFAULT 0,
  -- Batch rows by state.
  batches_pending INTEGER NOT NULL DEFAULT 0,
  batches_leased INTEGER NOT NULL DEFAULT 0,
  batches_done INTEGER NOT NULL DEFAULT 0,
  batches_refused INTEGER NOT NULL DEFAULT 0,
  batches_failed INTEGER NOT NULL DEFAULT 0,
  batches_held INTEGER NOT NULL DEFAULT 0,
  batches_discarded INTEGER NOT NULL DEFAULT 0,
  batches_split INTEGER NOT NULL DEFAULT 0,
  -- Lines of batch rows by state. A split parent carries none.
  lines_pending INTEGER NOT NULL DEFAULT 0,
  lines_leased INTEGER NOT NULL DEFAULT 0,
  lines_done INTEGER NOT NULL DEFAULT 0,
  lines_refused INTEGER NOT NULL DEFAULT 0,
  lines_failed INTEGER NOT NULL DEFAULT 0,
  lines_held INTEGER NOT NULL DEFAULT 0,
  lines_discarded INTEGER NOT NULL DEFAULT 0,
  lines_split INTEGER NOT NULL DEFAULT 0,
  -- Counts of the parse step, over files with a taken manifest or a failure with counts.
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
  untracked_ray_ids INTEGER NOT NULL DEFAULT 0, -- kept records whose id exceeded the parser's memory of ids.
  -- Gzip bytes of pending and leased batches: the backlog in R2.
  backlog_bytes INTEGER NOT NULL DEFAULT 0,
  -- Lines certainly delivered again, and lines of uncertain attempts that another POST followed.
  duplicate_lines INTEGER NOT NULL DEFAULT 0,
  possible_duplicate_lines INTEGER NOT NULL DEFAULT 0,
  uncertain_attempts INTEGER NOT NULL DEFAULT 0,
  exceptions INTEGER NOT NULL DEFAULT 0,  -- things that an operator accepted, discarded or settled by hand.
  parse_dead_letters INTEGER NOT NULL DEFAULT 0,
  send_dead_letters INTEGER NOT NULL DEFAULT 0
);

-- One raw log object of the window per row.
CREATE TABLE files (
  file INTEGER PRIMARY KEY,             -- unique in the run, in listing order.
  key TEXT NOT NULL UNIQUE,
  size INTEGER NOT NULL,                -- bytes in R2.
  etag TEXT NOT NULL,                   -- as listed; a different etag means a different object.
  uploaded_at INTEGER NOT NULL,
  range_start INTEGER NOT NULL,         -- from the key.
  range_end INTEGER NOT NULL,
  state TEXT NOT NULL,                  -- one of FILE_STATES.
  reason TEXT,                          -- why the file is failed, missing, changed, suspicious or accepted.
  due_at INTEGER,                       -- listed: when to enqueue it (again); parsing: end of the lease; else null.
  offers INTEGER NOT NULL DEFAULT 0,    -- how often it was enqueued since it was last listed.
  attempt INTEGER NOT NULL DEFAULT 0,   -- newest parse attempt.
  crashes INTEGER NOT NULL DEFAULT 0,   -- parsers that stopped without a report.
  pack_attempt INTEGER,                 -- the attempt whose pack the batch rows point into.
  first_batch INTEGER,                  -- its batches: first_batch … first_batch + batch_count - 1, and split parts.
  batch_count INTEGER NOT NULL DEFAULT 0,
  unsettled INTEGER NOT NULL DEFAULT 0, -- batches not done, discarded or split.
  fresh INTEGER,                        -- the next batch that was never claimed; null when there is none.
  unclaimed INTEGER NOT NULL DEFAULT 0, -- 1 exactly while fresh is not null; it changes seldom, and so does its index.
  posted INTEGER NOT NULL DEFAULT 0,    -- 1 once a batch of it was claimed by a sender.
  staged_pages INTEGER NOT NULL DEFAULT 0, -- manifest pages of `attempt` taken so far.
  counted INTEGER NOT NULL DEFAULT 0,   -- 1 while counts_json is included in the sums.
  allow_duplicates INTEGER NOT NULL DEFAULT 0, -- an operator's retry may send lines again.
  older_batches_json TEXT,              -- [[first, count], …]: batches of the object as it was before.
  counts_json TEXT,                     -- FileCounts.
  salvaged_json TEXT                    -- {lines, bytes} when only a prefix could be read.
);
-- The next file to enqueue, and expired parse leases.
CREATE INDEX files_due ON files (state, due_at) WHERE due_at IS NOT NULL;
-- Files to parse again because their pack was lost. They go first.
CREATE INDEX files_urgent ON files (due_at) WHERE state = 'listed' AND first_batch IS NOT NULL;
-- The next file with unclaimed batches.
CREATE INDEX files_fresh ON files (file) WHERE unclaimed = 1;
-- GET /runs/:id/files?state=
CREATE INDEX files_by_state ON files (state, file);

-- One batch per row: `lines` partner lines, a byte range of its file's pack.
CREATE TABLE batches (
  batch INTEGER PRIMARY KEY,            -- unique in the run; consecutive within a file.
  file INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,             -- 0-based within the file.
  parent INTEGER,                       -- the split batch that this is a part of.
  slice_from INTEGER NOT NULL DEFAULT 0, -- first line of a part within the gzip member, 0-based.
  is_part INTEGER NOT NULL DEFAULT 0,   -- 1: only `lines` lines from slice_from on, not the whole member.
  split_posts INTEGER NOT NULL DEFAULT 0, -- of a split batch: POSTs planned for it and all its parts.
  state TEXT NOT NULL,                  -- one of BATCH_STATES.
  reason TEXT,
  lines INTEGER NOT NULL,
  digest TEXT NOT NULL,                 -- SHA-256 of the uncompressed bytes, hex.
  raw_bytes INTEGER NOT NULL,
  offset INTEGER NOT NULL,              -- in the pack.
  length INTEGER NOT NULL,
  first_ray TEXT NOT NULL,
  last_ray TEXT NOT NULL,
  queued_at INTEGER NOT NULL,           -- when it became sendable.
  due_at INTEGER,                       -- leased: end of the lease; pending: when to send again; refused, failed, held:
                                        -- when it was set aside; null: never claimed, or settled.
  attempt INTEGER NOT NULL DEFAULT 0,   -- newest attempt handed out.
  counted INTEGER NOT NULL DEFAULT 0,   -- attempts that count against it.
  last_success_seen INTEGER NOT NULL DEFAULT 0, -- the run's number of 2xx answers at its last attempt.
  done_attempt INTEGER                  -- the attempt whose 2xx settled it.
);
-- Indexes only rows that wait: retries by time, leases by end, set-aside batches by state.
CREATE INDEX batches_waiting ON batches (state, due_at, batch) WHERE due_at IS NOT NULL;
-- The parts of a split batch.
CREATE INDEX batches_parts ON batches (parent) WHERE parent IS NOT NULL;

-- Multipart uploads that were begun. Cleanup aborts each; aborting a completed upload does nothing.
CREATE TABLE uploads (
  upload_id TEXT PRIMARY KEY,
  key TEXT NOT NULL
) WITHOUT ROWID;

-- Pages of a manifest with several pages, until the last page opens the file. No claim sees them.
CREATE TABLE staged_batches (
  file INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  entry_json TEXT NOT NULL,             -- ManifestEntry.
  PRIMARY KEY (file, ordinal)
) WITHOUT ROWID;

-- Attempts that did not simply end in the first 2xx of their batch.
CREATE TABLE attempts (
  batch INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  state TEXT NOT NULL,                  -- 'uncertain' | 'not_delivered' | 'refused' | 'done' | 'duplicate' | 'resolved'
  cause TEXT NOT NULL,                  -- timeout, reset, lost, http_502, …
  detail TEXT,
  lines INTEGER NOT NULL,
  started_at INTEGER,
  ended_at INTEGER NOT NULL,
  followed INTEGER NOT NULL DEFAULT 0,  -- the first attempt claimed after it; 0: none.
  PRIMARY KEY (batch, attempt)
) WITHOUT ROWID;
-- For GET …/batches?uncertain and the problems of the status.
CREATE INDEX attempts_by_state ON attempts (state, batch);

-- Keys below the prefix that are no log files of this window, by kind, with examples.
CREATE TABLE foreign_keys (
  kind TEXT PRIMARY KEY,
  count INTEGER NOT NULL,
  examples_json TEXT NOT NULL
) WITHOUT ROWID;

-- continue_of: batches that the earlier run delivered or left uncertain.
CREATE TABLE inherited (
  key TEXT NOT NULL,                    -- key of the raw log object.
  ordinal INTEGER NOT NULL,
  digest TEXT NOT NULL,
  state TEXT NOT NULL,                  -- 'done' | 'uncertain'
  PRIMARY KEY (key, digest, ordinal)
) WITHOUT ROWID;

-- The first malformed lines of the run.
CREATE TABLE samples (
  sample INTEGER PRIMARY KEY,
  file INTEGER NOT NULL,
  line INTEGER NOT NULL,                -- 1-based.
  reason TEXT NOT NULL,
  bytes TEXT NOT NULL                   -- the first 200 bytes, control characters escaped.
);

-- Operator actions and changes of stage.
CREATE TABLE events (
  event INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,                  -- 'system' for the run itself.
  kind TEXT NOT NULL,
  detail_json TEXT NOT NULL
);

INSERT INTO totals (one) VALUES (1);
