-- What a run took over from the run that it continues, and the files whose range overlaps the window.
ALTER TABLE totals ADD COLUMN inherited_lines INTEGER NOT NULL DEFAULT 0;    -- discarded: the earlier run delivered them.
ALTER TABLE totals ADD COLUMN inherited_attempts INTEGER NOT NULL DEFAULT 0; -- uncertain attempts of the earlier run.
ALTER TABLE totals ADD COLUMN matched_files INTEGER NOT NULL DEFAULT 0;      -- files whose range overlaps the window.

-- For runs under way. Only a continuation has inherited anything.
UPDATE totals SET
  inherited_lines = CASE WHEN (SELECT spec_json ->> 'continueOf' FROM run) IS NULL THEN 0 ELSE
    (SELECT coalesce(sum(lines), 0) FROM batches WHERE state = 'discarded' AND reason LIKE 'inherited: delivered%') END,
  inherited_attempts = CASE WHEN (SELECT spec_json ->> 'continueOf' FROM run) IS NULL THEN 0 ELSE
    (SELECT count(*) FROM attempts WHERE state = 'uncertain' AND attempt = 0) END,
  matched_files = (SELECT count(*) FROM files, run WHERE range_end >= (spec_json ->> '$.parse.startMs')
    AND (range_start < (spec_json ->> '$.parse.endMs')
      OR (range_start = (spec_json ->> '$.parse.endMs') AND NOT (spec_json ->> '$.parse.endExclusive'))));
