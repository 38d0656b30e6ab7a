-- "live": "skip_delivered". Runs without it keep these columns empty.
ALTER TABLE files ADD COLUMN live_json TEXT;             -- LiveFile of live-file.ts: markers, frozen with the first manifest.
ALTER TABLE files ADD COLUMN live_marked INTEGER NOT NULL DEFAULT 0;  -- 1: its lines depend on the size of the live worker's batches.
ALTER TABLE files ADD COLUMN live_recheck INTEGER NOT NULL DEFAULT 0; -- 1: its markers are listed again before delivery.
ALTER TABLE files ADD COLUMN live_check_at INTEGER;      -- waiting: when it is enqueued again; null: not by itself.
ALTER TABLE files ADD COLUMN waiting_since INTEGER;      -- when a batch of the live worker without an answer was first seen.
ALTER TABLE files ADD COLUMN safe_key TEXT;              -- the key as it stands in marker names.
CREATE INDEX files_live_check ON files (live_check_at, file) WHERE live_check_at IS NOT NULL;
CREATE INDEX files_live_recheck ON files (file) WHERE live_recheck = 1;
CREATE INDEX files_live_waiting ON files (reason_code, file) WHERE state = 'waiting' AND live_check_at IS NULL;
CREATE INDEX files_safe_key ON files (safe_key) WHERE safe_key IS NOT NULL;

ALTER TABLE run ADD COLUMN live_json TEXT;               -- LiveBelief of live-belief.ts; null: no file with markers yet.

ALTER TABLE totals ADD COLUMN files_waiting INTEGER NOT NULL DEFAULT 0;
ALTER TABLE totals ADD COLUMN live_rechecks INTEGER NOT NULL DEFAULT 0;         -- files with live_recheck = 1.
ALTER TABLE totals ADD COLUMN live_waiting_lines INTEGER NOT NULL DEFAULT 0;    -- sent although their batch of the live worker had no answer.
ALTER TABLE totals ADD COLUMN live_meanwhile_batches INTEGER NOT NULL DEFAULT 0; -- batches of the live worker marked done after the parse.
ALTER TABLE totals ADD COLUMN live_meanwhile_lines INTEGER NOT NULL DEFAULT 0;

-- continue_of: frozen markers of the earlier runs, by the key of the raw log object.
CREATE TABLE inherited_live (
  key TEXT PRIMARY KEY,
  live_json TEXT NOT NULL
) WITHOUT ROWID;
