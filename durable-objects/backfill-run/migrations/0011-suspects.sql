-- What an operator chose for one file, and the sums by which the run as a whole is judged (suspicion.ts).

ALTER TABLE files ADD COLUMN choices_json TEXT; -- FileChoices of file-choices.ts; null: none of this run's own

-- continue_of: choices of the earlier runs, by the key of the raw log object.
CREATE TABLE inherited_choices (
  key TEXT PRIMARY KEY,
  choices_json TEXT NOT NULL
) WITHOUT ROWID;

-- commas between records that belong to no array
ALTER TABLE totals ADD COLUMN repaired INTEGER NOT NULL DEFAULT 0;
-- over counted files that are not suspicious by themselves: how many were checked, and how many failed, by check
ALTER TABLE totals ADD COLUMN lines_checked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE totals ADD COLUMN lines_failing INTEGER NOT NULL DEFAULT 0;
ALTER TABLE totals ADD COLUMN times_checked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE totals ADD COLUMN times_failing INTEGER NOT NULL DEFAULT 0;
ALTER TABLE totals ADD COLUMN parents_checked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE totals ADD COLUMN parents_failing INTEGER NOT NULL DEFAULT 0;
