-- Single values of Coverage, by name: the work under way, the newest probe of the first markers, and the settings with
-- which the rows were made.
CREATE TABLE memo (
  name TEXT PRIMARY KEY,
  value_json TEXT NOT NULL
) WITHOUT ROWID;

-- The ranges that requests want to see. The hours are counted since 1970, and both ends are inside.
CREATE TABLE asks (
  first_hour INTEGER NOT NULL,
  last_hour INTEGER NOT NULL,
  detail TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  PRIMARY KEY (first_hour, last_hour, detail)
) WITHOUT ROWID;

-- The hours that Coverage has listed or knows to be due, one row for each.
CREATE TABLE hours (
  hour INTEGER PRIMARY KEY,
  -- When the listing of its raw files began. Null: never listed.
  raw_at INTEGER,
  -- A listing before this time does not count.
  due_at INTEGER NOT NULL DEFAULT 0,
  -- Files whose markers were not looked at.
  unknown_files INTEGER NOT NULL DEFAULT 0,
  -- The figures of its twelve cells, and the raw_at that they show. Null: none yet.
  facts_json TEXT,
  facts_at INTEGER
);

-- The files of an hour, at most 1,000 a row. A file stands in every hour that it touches.
CREATE TABLE files (
  hour INTEGER NOT NULL,
  part INTEGER NOT NULL,
  entries_json TEXT NOT NULL,
  PRIMARY KEY (hour, part)
) WITHOUT ROWID;

-- The raw files that the listing pass under way has found, by hour and page.
CREATE TABLE staged_files (
  hour INTEGER NOT NULL,
  part INTEGER NOT NULL,
  entries_json TEXT NOT NULL,
  PRIMARY KEY (hour, part)
) WITHOUT ROWID;

-- The markers that the present work has listed, by page and by the hour in which the file starts.
CREATE TABLE staged_marks (
  hour INTEGER NOT NULL,
  part INTEGER NOT NULL,
  entries_json TEXT NOT NULL,
  PRIMARY KEY (hour, part)
) WITHOUT ROWID;
