-- The window queue: what POST /windows asked for, one row per accepted request.
CREATE TABLE window_requests (
  id           INTEGER PRIMARY KEY,
  actor        TEXT NOT NULL,
  reason       TEXT NOT NULL,
  source       TEXT,             -- who reports windows; NULL: no source was named.
  wanted_json  TEXT NOT NULL,    -- WantedRun as JSON, with a placeholder for the window.
  skip_sent    INTEGER NOT NULL, -- 1: leave out what earlier runs cover.
  max_age_ms   INTEGER NOT NULL,
  max_attempts INTEGER NOT NULL,
  options_key  TEXT NOT NULL,    -- equal for requests whose windows may coalesce.
  created_at   INTEGER NOT NULL  -- epoch ms.
);

-- One row per window, and per series of windows that is cut later.
CREATE TABLE windows (
  id            INTEGER PRIMARY KEY,
  request       INTEGER NOT NULL,           -- window_requests.id.
  series        INTEGER,                    -- id of the series that it was cut from; NULL: none.
  is_series     INTEGER NOT NULL,           -- 1: a series.
  state         TEXT NOT NULL,              -- WindowState.
  state_code    TEXT,                       -- why it is in this state; NULL: the state says it.
  state_detail  TEXT,
  waits         INTEGER NOT NULL,           -- 1: a window or the rest of a series may start.
  start_ms      INTEGER NOT NULL,           -- epoch ms.
  end_ms        INTEGER NOT NULL,
  end_exclusive INTEGER NOT NULL,
  rank          INTEGER NOT NULL,           -- the priority, negated: the lowest rank starts first.
  position      REAL NOT NULL,              -- order within a rank; move() puts a row between two others.
  not_before    INTEGER,                    -- epoch ms; NULL: at once.
  expires_at    INTEGER,                    -- epoch ms; NULL: it does not wait.
  created_at    INTEGER NOT NULL,           -- epoch ms.
  attempts      INTEGER NOT NULL DEFAULT 0,
  run_id        TEXT,                       -- run of the newest attempt; the next attempt continues it.
  is_cancelled  INTEGER NOT NULL DEFAULT 0, -- 1: no attempt follows an abort.
  into_window   INTEGER,                    -- the window that took it in.
  overlaps_json TEXT,                       -- Overlap[] of a blocked window.
  chunk_ms      INTEGER,                    -- series only: length of its windows.
  newest_first  INTEGER NOT NULL DEFAULT 0, -- series only.
  left_start_ms INTEGER,                    -- series only: what is not cut yet; NULL: all is cut.
  left_end_ms   INTEGER
);

-- For the start: the next row to start. Rest of a series after its windows.
CREATE INDEX windows_next ON windows (rank, position, is_series, id, not_before) WHERE waits = 1;
-- For the alarm: what expires next.
CREATE INDEX windows_expiring ON windows (expires_at) WHERE waits = 1;
-- For a request: active windows near its windows.
CREATE INDEX windows_active ON windows (start_ms, end_ms) WHERE state IN ('queued', 'running', 'needs_attention');
-- For a progress report: the window of a run.
CREATE INDEX windows_by_run ON windows (run_id) WHERE run_id IS NOT NULL;
-- For the state of a series.
CREATE INDEX windows_of_series ON windows (series, state) WHERE series IS NOT NULL;
-- For GET /windows?state=.
CREATE INDEX windows_by_state ON windows (state, id);
-- For a request: runs that share an instant with its windows.
CREATE INDEX runs_window ON runs (start_ms, end_ms);

-- The audit trail of windows. How a window was queued is in its request.
CREATE TABLE window_events (
  event     INTEGER PRIMARY KEY,
  window_id INTEGER NOT NULL,
  at        INTEGER NOT NULL, -- epoch ms.
  actor     TEXT NOT NULL,    -- 'system' for what the queue did by itself.
  kind      TEXT NOT NULL,
  detail_json TEXT NOT NULL
);
CREATE INDEX window_events_of ON window_events (window_id, event);

-- Every run of a window, in the order of its attempts.
CREATE TABLE window_runs (
  window_id INTEGER NOT NULL,
  attempt   INTEGER NOT NULL,
  run_id    TEXT NOT NULL,
  PRIMARY KEY (window_id, attempt)
) WITHOUT ROWID;

-- Windows that a source queued within the last minute, for the cap.
CREATE TABLE window_sources (
  source TEXT NOT NULL,
  at     INTEGER NOT NULL, -- epoch ms.
  count  INTEGER NOT NULL,
  PRIMARY KEY (source, at)
) WITHOUT ROWID;

-- First answers of POST /windows, kept for 24 h.
CREATE TABLE window_keys (
  key        TEXT PRIMARY KEY, -- the Idempotency-Key header.
  body_hash  TEXT NOT NULL,    -- SHA-256 (hex) of the request's canonical JSON.
  answer_json TEXT NOT NULL,
  created_at INTEGER NOT NULL  -- epoch ms.
) WITHOUT ROWID;
CREATE INDEX window_keys_age ON window_keys (created_at);

-- Runs that asked for the slot while a run of the queue held it. They get it before the next window.
CREATE TABLE slot_turns (
  run_id   TEXT PRIMARY KEY,
  asked_at INTEGER NOT NULL, -- epoch ms.
  until    INTEGER           -- epoch ms; NULL: the slot was not free since.
) WITHOUT ROWID;

-- The queue as a whole: one row.
CREATE TABLE queue (
  id          INTEGER PRIMARY KEY CHECK (id = 1),
  paused_at   INTEGER, -- epoch ms; NULL: not paused.
  paused_by   TEXT,
  paused_note TEXT
);
INSERT INTO queue (id) VALUES (1);
