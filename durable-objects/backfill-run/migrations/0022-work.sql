-- What the run's work was: bytes, operations, time. '': older code started the run, so nothing is counted.
ALTER TABLE totals ADD COLUMN work_json TEXT NOT NULL DEFAULT '';
