-- For receivers that remember the token of a batch. `deduped`: the first later attempt that sent the batch again while
-- the receiver remembered its token; 0: none. `arrived_after`: the receiver cannot have got the lines earlier; null:
-- unknown.
ALTER TABLE attempts ADD COLUMN deduped INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN arrived_after INTEGER;
ALTER TABLE totals ADD COLUMN deduped_lines INTEGER NOT NULL DEFAULT 0;
