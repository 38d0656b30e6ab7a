-- How the sending went over time. A row is a minute with a report, or several hours that were merged.
CREATE TABLE series (
  point     INTEGER PRIMARY KEY, -- grows with time.
  at        INTEGER NOT NULL,    -- epoch ms: the first instant.
  seconds   INTEGER NOT NULL,    -- its length: 60 for a minute.
  lines     INTEGER NOT NULL,    -- delivered lines.
  posts     INTEGER NOT NULL,    -- reported POSTs.
  failures  INTEGER NOT NULL,    -- POSTs of these that failed.
  target    INTEGER NOT NULL,    -- lines per second at the newest report, like cap.
  cap       INTEGER NOT NULL,
  ack_json  TEXT NOT NULL,       -- acknowledgement times by bucket.
  tens_json TEXT                 -- a minute's intervals of ten seconds; null: merged.
);
-- The minute under way. '': no report since this migration.
ALTER TABLE totals ADD COLUMN series_json TEXT NOT NULL DEFAULT '';
