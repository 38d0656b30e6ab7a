-- Operator commands that change more rows than fit in one turn (bulk-commands.ts). A row stays until the clock
-- has changed the last row that its command selects.
CREATE TABLE bulk_commands (
  command INTEGER PRIMARY KEY,          -- order of execution.
  kind TEXT NOT NULL,                   -- a key of BULK_WORK in bulk-work.ts.
  actor TEXT NOT NULL,
  note TEXT,
  args_json TEXT NOT NULL,              -- the command's arguments.
  cursor_json TEXT NOT NULL,            -- where the next part begins; its shape depends on the kind.
  changed INTEGER NOT NULL,             -- rows changed so far.
  skipped INTEGER NOT NULL,             -- rows that the command could not change.
  begun_at INTEGER NOT NULL
);

-- For a canary. It counts batches that went out and now are held or wait for their next attempt.
CREATE INDEX batches_tried ON batches (state) WHERE attempt > 0 AND due_at IS NOT NULL;
