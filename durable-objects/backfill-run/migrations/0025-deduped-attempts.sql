-- For receivers that remember the token of a batch and drop the lines of a batch with a known token.
-- `deduped`: the number of the first later attempt that sent the lines while the receiver remembered their token.
-- 0: no later attempt did. `arrived_after`: the earliest time at which the lines can have arrived, in epoch
-- milliseconds. Null: unknown. `deduped_lines`: the lines of uncertain attempts that have a `deduped` attempt.
ALTER TABLE attempts ADD COLUMN deduped INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN arrived_after INTEGER;
ALTER TABLE totals ADD COLUMN deduped_lines INTEGER NOT NULL DEFAULT 0;
