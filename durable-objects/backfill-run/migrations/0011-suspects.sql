-- An operator's choices for one file, and the sums that judge the run as a whole (suspicion.ts).

ALTER TABLE files ADD COLUMN choices_json TEXT; -- FileChoices of file-choices.ts; null: no choice in this run.

-- continue_of: choices of the earlier runs, by the key of the raw log object.
CREATE TABLE inherited_choices (
  key TEXT PRIMARY KEY,
  choices_json TEXT NOT NULL
) WITHOUT ROWID;

-- Commas between records that belong to no array.
ALTER TABLE totals ADD COLUMN repaired INTEGER NOT NULL DEFAULT 0;
-- Over counted files that are not suspicious themselves: records checked and records failed, per check.
ALTER TABLE totals ADD COLUMN lines_checked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE totals ADD COLUMN lines_failing INTEGER NOT NULL DEFAULT 0;
ALTER TABLE totals ADD COLUMN times_checked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE totals ADD COLUMN times_failing INTEGER NOT NULL DEFAULT 0;
ALTER TABLE totals ADD COLUMN parents_checked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE totals ADD COLUMN parents_failing INTEGER NOT NULL DEFAULT 0;
