-- What the rows of the files being sent do not show yet: {"<file>": {"settled": change of `unsettled`, "fresh": the next
-- unclaimed batch}}. Claims and reports write this instead of the row of the file.
ALTER TABLE totals ADD COLUMN progress_json TEXT NOT NULL DEFAULT '{}';
