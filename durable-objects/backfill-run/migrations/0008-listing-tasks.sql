-- Stores listing tasks as rows, and recognises R2 objects of equal name and size
-- (docs/decisions/0020-every-key-is-read-or-named.md). From here on `run.listing_json` holds no tasks. A
-- listing pass of older code begins again.

-- The remaining tasks of the present listing pass.
CREATE TABLE list_tasks (
  turn INTEGER NOT NULL,                -- lower turns are listed first.
  prefix TEXT NOT NULL,
  start_after TEXT NOT NULL,            -- the cursor: keys after it; '' is the beginning.
  task INTEGER NOT NULL,                -- unique in the run; a new number after each page.
  kind TEXT NOT NULL,                   -- TaskKind of list-tasks.ts.
  stop_at TEXT,                         -- the last key that can belong to the task; null: none.
  named INTEGER NOT NULL,               -- 1: the folder was named, or logs of other days were found in it.
  PRIMARY KEY (turn, prefix, start_after)
) WITHOUT ROWID;

-- Keys that the present listing pass named. foreign_keys shows those of the last complete listing pass.
CREATE TABLE gathered_keys (
  kind TEXT PRIMARY KEY,
  count INTEGER NOT NULL,
  examples_json TEXT NOT NULL
) WITHOUT ROWID;

ALTER TABLE files ADD COLUMN
  base_name TEXT NOT NULL DEFAULT '';   -- the part of the key after its last slash.
ALTER TABLE files ADD COLUMN
  duplicate_of INTEGER;                 -- the file of equal base_name and size, until an operator decides.
UPDATE files SET base_name = replace(key, rtrim(key, replace(key, '/', '')), '');
-- R2 objects of equal name and size.
CREATE INDEX files_by_name ON files (base_name, size);
-- Files that wait for a decision because another file has their name and size.
CREATE INDEX files_duplicates ON files (file) WHERE duplicate_of IS NOT NULL;
-- Suspicious files with a duplicate_of.
ALTER TABLE totals ADD COLUMN files_duplicate INTEGER NOT NULL DEFAULT 0;
