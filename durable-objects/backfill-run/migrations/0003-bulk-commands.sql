-- Commands of an operator that change more rows than fit in one turn (bulk-commands.ts). A row stands here until the
-- clock has changed the last row that the command selects.
CREATE TABLE bulk_commands (
  command INTEGER PRIMARY KEY,          -- the order in which they are carried out
  kind TEXT NOT NULL,                   -- key of BULK_WORK in bulk-work.ts
  actor TEXT NOT NULL,
  note TEXT,
  args_json TEXT NOT NULL,              -- what the command asks for
  cursor_json TEXT NOT NULL,            -- where the next part begins; the kind decides its shape
  changed INTEGER NOT NULL,             -- rows changed so far
  skipped INTEGER NOT NULL,             -- rows that the command could not change
  begun_at INTEGER NOT NULL
);

-- for a canary, which counts batches that went out and are held, or wait for their next attempt
CREATE INDEX batches_tried ON batches (state) WHERE attempt > 0 AND due_at IS NOT NULL;
