-- Notices about holes. `event` is the number of the event in auto_events.
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
