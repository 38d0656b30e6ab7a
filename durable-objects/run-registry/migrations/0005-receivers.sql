-- Only in the registry of the first receiver: names of receivers of RECEIVERS that had a run or a window. A name stays
-- here after it was removed from RECEIVERS, so that the API still finds the registry of its runs.
CREATE TABLE receivers (
  name    TEXT PRIMARY KEY,
  used_at INTEGER NOT NULL -- epoch ms of the first use.
) WITHOUT ROWID;
