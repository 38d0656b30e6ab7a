-- The schema of one run. Times are epoch milliseconds unless a name says otherwise; *_json columns hold the state of
-- one pure state machine each, written whole.

-- The run itself: one row.
CREATE TABLE run (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  run_id TEXT NOT NULL,
  spec_json TEXT NOT NULL,              -- RunSpec, frozen
  started_at INTEGER NOT NULL,
  stage TEXT NOT NULL,                  -- STAGES of api.ts; derived by stages.ts, written when it changes
  stage_since INTEGER NOT NULL,
  reason_code TEXT,                     -- state_reason, null when there is none
  reason_detail TEXT,
  abort_asked_at INTEGER,               -- set once by DELETE; never taken back
  abort_force INTEGER NOT NULL DEFAULT 0, -- 1: renewals of open POSTs are refused as well
  limits_json TEXT NOT NULL,            -- RunLimits: what PATCH may change
  pause_json TEXT,                      -- {code, detail, park} while an operator or a canary holds the run
  accepted_json TEXT NOT NULL,          -- run-level codes an operator settled: {"empty_window": note, …}
  slot TEXT NOT NULL,                   -- 'held' | 'asking' | 'releasing' | 'none': this run's side of the registry's slot
  slot_fence INTEGER NOT NULL,          -- the token the registry gave with the slot
  listing_json TEXT NOT NULL,           -- ListingState of listing.ts: what is still to be listed
  next_file INTEGER NOT NULL,           -- next number for a file row
  next_batch INTEGER NOT NULL,          -- next number for a batch row
  batch_lines_min INTEGER,              -- smallest and largest batch so far
  batch_lines_max INTEGER,
  farthest_ms INTEGER NOT NULL,         -- largest distance seen between a kept record and its file's range
  latest_kept_start INTEGER NOT NULL,   -- newest range_start of a file that held a kept record
  next_enqueue_at INTEGER NOT NULL,     -- with a fixed rate: before this no file is enqueued
  receiver_key TEXT NOT NULL,           -- random hex, this run's HMAC key for the receiver's fingerprint
  receiver_print TEXT,                  -- fingerprint frozen at the first 2xx
  delivered_at INTEGER,                 -- entered sent_waiting_cleanup
  ended_at INTEGER,                     -- entered aborted or cleaned
  cleanup_state TEXT NOT NULL,          -- CLEANUP_STATES of api.ts
  cleanup_ends_at INTEGER,              -- end of the grace
  verify_asked_by TEXT,                 -- who asked for the recount under way; null: none
  verified_json TEXT,                   -- Verified of verify.ts: the newest recount's result
  inherit_json TEXT,                    -- continue_of: where taking over the earlier run's ledger stands; null: done
  archive_json TEXT,                    -- ArchiveState of archive.ts: the report's writing; null: not begun
  reported_at INTEGER NOT NULL,         -- when the registry last heard of this run
  reported_json TEXT NOT NULL           -- what it heard: a difference is reported again
);

-- Sums over the rows below: one row, changed only in the transaction that changes a row it counts. `verify` recounts.
CREATE TABLE totals (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  -- what changes with every claim and report stands in the row that changes with them anyway
  pace_json TEXT NOT NULL DEFAULT '',   -- KeptMemory of memory.ts: PaceState without its window log, rate, latencies
  breaker_json TEXT NOT NULL DEFAULT '', -- BreakerState of breaker.ts
  answers_json TEXT NOT NULL DEFAULT '', -- AnswerState of answers.ts
  last_post_ended_at INTEGER,
  -- file rows by state
  files_listed INTEGER NOT NULL DEFAULT 0,
  files_parsing INTEGER NOT NULL DEFAULT 0,
  files_open INTEGER NOT NULL DEFAULT 0,
  files_closed INTEGER NOT NULL DEFAULT 0,
  files_failed INTEGER NOT NULL DEFAULT 0,
  files_missing INTEGER NOT NULL DEFAULT 0,
  files_changed INTEGER NOT NULL DEFAULT 0,
  files_suspicious INTEGER NOT NULL DEFAULT 0,
  files_accepted INTEGER NOT NULL DEFAULT 0,
  -- batch rows by state
  batches_pending INTEGER NOT NULL DEFAULT 0,
  batches_leased INTEGER NOT NULL DEFAULT 0,
  batches_done INTEGER NOT NULL DEFAULT 0,
  batches_refused INTEGER NOT NULL DEFAULT 0,
  batches_failed INTEGER NOT NULL DEFAULT 0,
  batches_held INTEGER NOT NULL DEFAULT 0,
  batches_discarded INTEGER NOT NULL DEFAULT 0,
  batches_split INTEGER NOT NULL DEFAULT 0,
  -- lines of batch rows by state (a split parent carries none)
  lines_pending INTEGER NOT NULL DEFAULT 0,
  lines_leased INTEGER NOT NULL DEFAULT 0,
  lines_done INTEGER NOT NULL DEFAULT 0,
  lines_refused INTEGER NOT NULL DEFAULT 0,
  lines_failed INTEGER NOT NULL DEFAULT 0,
  lines_held INTEGER NOT NULL DEFAULT 0,
  lines_discarded INTEGER NOT NULL DEFAULT 0,
  lines_split INTEGER NOT NULL DEFAULT 0,
  -- what the parse step counted, over files whose manifest was taken or whose failure gave counts
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
  untracked_ray_ids INTEGER NOT NULL DEFAULT 0, -- kept records whose id did not fit the parser's memory of ids
  -- gzip bytes of batches that are pending or leased: the backlog in R2
  backlog_bytes INTEGER NOT NULL DEFAULT 0,
  -- lines delivered again for certain, and lines of uncertain attempts that were followed by another POST
  duplicate_lines INTEGER NOT NULL DEFAULT 0,
  possible_duplicate_lines INTEGER NOT NULL DEFAULT 0,
  uncertain_attempts INTEGER NOT NULL DEFAULT 0,
  exceptions INTEGER NOT NULL DEFAULT 0,  -- things an operator accepted, discarded or settled by hand
  parse_dead_letters INTEGER NOT NULL DEFAULT 0,
  send_dead_letters INTEGER NOT NULL DEFAULT 0
);

-- One raw log object of the window each.
CREATE TABLE files (
  file INTEGER PRIMARY KEY,             -- unique in the run, in the order of listing
  key TEXT NOT NULL UNIQUE,
  size INTEGER NOT NULL,                -- bytes in R2
  etag TEXT NOT NULL,                   -- as listed: another one means another object
  uploaded_at INTEGER NOT NULL,
  range_start INTEGER NOT NULL,         -- from the key
  range_end INTEGER NOT NULL,
  state TEXT NOT NULL,                  -- FILE_STATES of api.ts
  reason TEXT,                          -- why it is failed, missing, changed, suspicious or accepted
  due_at INTEGER,                       -- listed: offer (again) at; parsing: end of the lease; else null
  offers INTEGER NOT NULL DEFAULT 0,    -- how often its message was sent since it was last listed
  attempt INTEGER NOT NULL DEFAULT 0,   -- newest parse attempt
  crashes INTEGER NOT NULL DEFAULT 0,   -- parsers that vanished with it
  pack_attempt INTEGER,                 -- the attempt whose pack the batch rows point into
  first_batch INTEGER,                  -- its batches are first_batch … first_batch + batch_count - 1, and split children
  batch_count INTEGER NOT NULL DEFAULT 0,
  unsettled INTEGER NOT NULL DEFAULT 0, -- batches not done, discarded or split
  fresh INTEGER,                        -- next batch never claimed; null when there is none
  unclaimed INTEGER NOT NULL DEFAULT 0, -- 1 exactly while fresh is not null: changes seldom, so the index does too
  posted INTEGER NOT NULL DEFAULT 0,    -- 1 once a batch of it was handed to a sender
  staged_pages INTEGER NOT NULL DEFAULT 0, -- manifest pages taken of `attempt`
  counted INTEGER NOT NULL DEFAULT 0,   -- 1 while counts_json is part of the sums
  allow_duplicates INTEGER NOT NULL DEFAULT 0, -- an operator's retry may send lines again
  older_batches_json TEXT,              -- [[first, count], …]: batches of the object as it was before
  counts_json TEXT,                     -- FileCounts
  salvaged_json TEXT                    -- {lines, bytes} when only a prefix could be read
);
-- the next file to offer, and the parse leases that ran out
CREATE INDEX files_due ON files (state, due_at) WHERE due_at IS NOT NULL;
-- files to be parsed again because their pack was lost: they go first
CREATE INDEX files_urgent ON files (due_at) WHERE state = 'listed' AND first_batch IS NOT NULL;
-- the next file with batches nobody claimed yet
CREATE INDEX files_fresh ON files (file) WHERE unclaimed = 1;
-- GET /runs/:id/files?state=
CREATE INDEX files_by_state ON files (state, file);

-- One batch each: `lines` partner lines, a byte range of its file's pack.
CREATE TABLE batches (
  batch INTEGER PRIMARY KEY,            -- unique in the run; consecutive within a file
  file INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,             -- 0-based within the file
  parent INTEGER,                       -- the split batch this is a part of
  slice_from INTEGER NOT NULL DEFAULT 0, -- a part's first line within the gzip member, 0-based
  is_part INTEGER NOT NULL DEFAULT 0,   -- 1: only `lines` lines from slice_from on, not the whole member
  split_posts INTEGER NOT NULL DEFAULT 0, -- of a batch that was split: POSTs planned for it and all its parts
  state TEXT NOT NULL,                  -- BATCH_STATES of api.ts
  reason TEXT,
  lines INTEGER NOT NULL,
  digest TEXT NOT NULL,                 -- SHA-256 of the uncompressed bytes, hex
  raw_bytes INTEGER NOT NULL,
  offset INTEGER NOT NULL,              -- in the pack
  length INTEGER NOT NULL,
  first_ray TEXT NOT NULL,
  last_ray TEXT NOT NULL,
  queued_at INTEGER NOT NULL,           -- when it became sendable
  due_at INTEGER,                       -- leased: end of the lease; pending: offer again at; refused, failed, held:
                                        -- when it was set aside; null: never claimed, or settled
  attempt INTEGER NOT NULL DEFAULT 0,   -- newest attempt handed out
  counted INTEGER NOT NULL DEFAULT 0,   -- attempts that count against it (ledger.ts)
  last_success_seen INTEGER NOT NULL DEFAULT 0, -- the run's number of 2xx answers when it was last attempted
  done_attempt INTEGER                  -- the attempt whose 2xx settled it
);
-- Only rows somebody waits for are in the one index: retries by time, leases by end, what is set aside by state.
CREATE INDEX batches_waiting ON batches (state, due_at, batch) WHERE due_at IS NOT NULL;
-- the parts of a split batch
CREATE INDEX batches_parts ON batches (parent) WHERE parent IS NOT NULL;

-- Multipart uploads that were begun: cleanup aborts each of them (a completed one has nothing left to abort).
CREATE TABLE uploads (
  upload_id TEXT PRIMARY KEY,
  key TEXT NOT NULL
) WITHOUT ROWID;

-- Pages of a manifest of more than one page, until the last one opens the file; no claim sees them.
CREATE TABLE staged_batches (
  file INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  entry_json TEXT NOT NULL,             -- ManifestEntry
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
  followed INTEGER NOT NULL DEFAULT 0,  -- the first attempt handed out after it; 0: none
  PRIMARY KEY (batch, attempt)
) WITHOUT ROWID;
-- GET …/batches?uncertain, and the problems of the status
CREATE INDEX attempts_by_state ON attempts (state, batch);

-- Keys below the prefix that are no log files of this window, by kind, with examples.
CREATE TABLE foreign_keys (
  kind TEXT PRIMARY KEY,
  count INTEGER NOT NULL,
  examples_json TEXT NOT NULL
) WITHOUT ROWID;

-- continue_of: batches that the earlier run delivered, or left uncertain.
CREATE TABLE inherited (
  key TEXT NOT NULL,                    -- of the raw log object
  ordinal INTEGER NOT NULL,
  digest TEXT NOT NULL,
  state TEXT NOT NULL,                  -- 'done' | 'uncertain'
  PRIMARY KEY (key, digest, ordinal)
) WITHOUT ROWID;

-- The first malformed lines of the run.
CREATE TABLE samples (
  sample INTEGER PRIMARY KEY,
  file INTEGER NOT NULL,
  line INTEGER NOT NULL,                -- 1-based
  reason TEXT NOT NULL,
  bytes TEXT NOT NULL                   -- the first 200, control characters escaped
);

-- Operator actions and changes of stage.
CREATE TABLE events (
  event INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,                  -- 'system' for the run itself
  kind TEXT NOT NULL,
  detail_json TEXT NOT NULL
);

INSERT INTO totals (one) VALUES (1);
