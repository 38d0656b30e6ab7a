-- Listing tasks are rows, and objects of one name and size are known (docs/decisions/0020-every-key-is-read-or-named.md).
-- From here on `run.listing_json` holds no tasks. A pass of older code that is under way begins anew.

-- What the listing pass under way has still to list.
CREATE TABLE list_tasks (
  turn INTEGER NOT NULL,                -- lower turns are listed first
  prefix TEXT NOT NULL,
  start_after TEXT NOT NULL,            -- the cursor: keys after it; '' is the beginning
  task INTEGER NOT NULL,                -- unique in the run, and another one after each page
  kind TEXT NOT NULL,                   -- TaskKind of list-tasks.ts
  stop_at TEXT,                         -- the last key that can belong to the task; null: none
  named INTEGER NOT NULL,               -- 1: the folder was named, or logs of other days were seen in it
  PRIMARY KEY (turn, prefix, start_after)
) WITHOUT ROWID;

-- Keys that the pass under way named, as in foreign_keys, which shows those of the last complete pass.
CREATE TABLE gathered_keys (
  kind TEXT PRIMARY KEY,
  count INTEGER NOT NULL,
  examples_json TEXT NOT NULL
) WITHOUT ROWID;

ALTER TABLE files ADD COLUMN
  base_name TEXT NOT NULL DEFAULT '';   -- of the key, what stands behind its last slash
ALTER TABLE files ADD COLUMN
  duplicate_of INTEGER;                 -- the file of equal base_name and size, while this one waits for a word
UPDATE files SET base_name = replace(key, rtrim(key, replace(key, '/', '')), '');
-- objects of one name and size
CREATE INDEX files_by_name ON files (base_name, size);
-- files that wait for a word because of their name and size
CREATE INDEX files_duplicates ON files (file) WHERE duplicate_of IS NOT NULL;
-- of the suspicious files: those with a duplicate_of
ALTER TABLE totals ADD COLUMN files_duplicate INTEGER NOT NULL DEFAULT 0;
