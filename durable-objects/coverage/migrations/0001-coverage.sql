-- The object's one value of each name: the work under way, the last probe, the settings it was made with.
CREATE TABLE memo (
  name TEXT PRIMARY KEY,
  value_json TEXT NOT NULL
) WITHOUT ROWID;

-- Ranges that requests named. Hours since 1970, both ends inside.
CREATE TABLE asks (
  first_hour INTEGER NOT NULL,
  last_hour INTEGER NOT NULL,
  detail TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  PRIMARY KEY (first_hour, last_hour, detail)
) WITHOUT ROWID;

-- A row per hour that was looked at.
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

-- Raw files of the listing pass under way, by hour and page.
CREATE TABLE staged_files (
  hour INTEGER NOT NULL,
  part INTEGER NOT NULL,
  entries_json TEXT NOT NULL,
  PRIMARY KEY (hour, part)
) WITHOUT ROWID;

-- Markers of the look under way, by the hour in which the file starts, and page.
CREATE TABLE staged_marks (
  hour INTEGER NOT NULL,
  part INTEGER NOT NULL,
  entries_json TEXT NOT NULL,
  PRIMARY KEY (hour, part)
) WITHOUT ROWID;
