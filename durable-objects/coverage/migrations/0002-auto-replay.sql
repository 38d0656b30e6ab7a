-- Values that must outlive a change of settings: the mode of AUTO_REPLAY, and the unfinished check of the last 24 hours.
-- The run that proves the size of the live worker's batches is stored here too.
CREATE TABLE auto_memo (
  name TEXT PRIMARY KEY,
  value_json TEXT NOT NULL
) WITHOUT ROWID;

-- Holes, and new parts of holes, that were proposed. end_ms is outside.
CREATE TABLE auto_windows (
  id INTEGER PRIMARY KEY,
  start_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL,
  state TEXT NOT NULL,
  files INTEGER NOT NULL,
  proposed_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  -- The number of its window in the queue.
  queue_window INTEGER,
  detail TEXT
);

CREATE TABLE auto_events (
  event INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  kind TEXT NOT NULL,
  detail_json TEXT NOT NULL
);
