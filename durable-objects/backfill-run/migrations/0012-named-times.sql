-- One meaning a column (docs/decisions/0025-columns-that-mean-one-thing.md). From here on:
-- * batches.retry_at: `pending` and already claimed, split off or released: claim again at; null in every other case.
--   batches.set_aside_at: `refused`, `failed` or `held`: since; null in every other state.
--   files.enqueue_at: `listed`: enqueue (again) at; null in every other state.
--   files.parse_lease_ends_at: `parsing`: end of the parser's lease; null in every other state.
-- * reason_code says why a row is in its state. reason_detail holds the words that belong to the code, and nothing
--   selects by them. The text that the API shows is assembled from both (views/reason-text.ts).
-- Columns are renamed and not dropped: a drop writes every row anew, and a long run has millions of them.

ALTER TABLE batches RENAME COLUMN due_at TO retry_at;
ALTER TABLE batches RENAME COLUMN reason TO reason_detail;
ALTER TABLE batches ADD COLUMN set_aside_at INTEGER;
ALTER TABLE batches ADD COLUMN reason_code TEXT;       -- null: no reason; codes of ledger/reasons.ts, or a send report's cause
ALTER TABLE batches ADD COLUMN same_as_batch INTEGER;  -- reason_code 'same_as': the older batch that this row stands for

UPDATE batches SET set_aside_at = retry_at, retry_at = NULL
  WHERE state IN ('refused', 'failed', 'held') AND retry_at IS NOT NULL;
UPDATE batches SET retry_at = NULL WHERE state NOT IN ('pending', 'refused', 'failed', 'held') AND retry_at IS NOT NULL;

-- the texts of earlier code; all others are '<code>' or '<code>: <detail>'
UPDATE batches SET
  reason_code = CASE
    WHEN reason_detail GLOB 'the same as batch *' THEN 'same_as'
    WHEN reason_detail GLOB 'inherited: delivered by *' THEN 'inherited_delivered'
    WHEN reason_detail GLOB 'inherited: uncertain in *' THEN 'inherited_uncertain'
    WHEN reason_detail GLOB 'resolved as delivered: *' THEN 'resolved_delivered'
    WHEN reason_detail GLOB 'resolved as discarded: *' THEN 'resolved_discarded'
    WHEN reason_detail = 'its file was accepted as it stands' THEN 'file_accepted'
    WHEN instr(reason_detail, ': ') > 0 THEN substr(reason_detail, 1, instr(reason_detail, ': ') - 1)
    ELSE reason_detail END,
  reason_detail = CASE
    WHEN reason_detail GLOB 'the same as batch *' THEN NULL
    WHEN reason_detail GLOB 'inherited: delivered by *' THEN substr(reason_detail, length('inherited: delivered by ') + 1)
    WHEN reason_detail GLOB 'inherited: uncertain in *' THEN substr(reason_detail, length('inherited: uncertain in ') + 1)
    WHEN reason_detail GLOB 'resolved as delivered: *' THEN substr(reason_detail, length('resolved as delivered: ') + 1)
    WHEN reason_detail GLOB 'resolved as discarded: *' THEN substr(reason_detail, length('resolved as discarded: ') + 1)
    WHEN instr(reason_detail, ': ') > 0 THEN substr(reason_detail, instr(reason_detail, ': ') + 2)
    END,
  same_as_batch = CASE
    WHEN reason_detail GLOB 'the same as batch *' THEN CAST(substr(reason_detail, length('the same as batch ') + 1) AS INTEGER)
    END
  WHERE reason_detail IS NOT NULL;

DROP INDEX batches_waiting;
DROP INDEX batches_tried;
-- the next retry, and retries in the order in which they are claimed
CREATE INDEX batches_retry ON batches (retry_at, batch) WHERE retry_at IS NOT NULL;
-- what is set aside, for the problems of the status and for walks of bulk commands
CREATE INDEX batches_set_aside ON batches (state, set_aside_at, batch) WHERE set_aside_at IS NOT NULL;
-- for a canary: batches that were sent and wait for another attempt, or are held
CREATE INDEX batches_tried ON batches (state)
  WHERE attempt > 0 AND (retry_at IS NOT NULL OR set_aside_at IS NOT NULL);

ALTER TABLE files RENAME COLUMN due_at TO enqueue_at;
ALTER TABLE files RENAME COLUMN reason TO reason_detail;
ALTER TABLE files ADD COLUMN parse_lease_ends_at INTEGER;
ALTER TABLE files ADD COLUMN reason_code TEXT;         -- null: no reason; codes of ledger/reasons.ts, or the parser's
ALTER TABLE files ADD COLUMN decision TEXT;            -- what an operator decided about the reason, in words

UPDATE files SET parse_lease_ends_at = enqueue_at, enqueue_at = NULL WHERE state = 'parsing' AND enqueue_at IS NOT NULL;
UPDATE files SET enqueue_at = NULL WHERE state NOT IN ('listed', 'parsing') AND enqueue_at IS NOT NULL;

-- a file that still waits for an operator has no decision, whatever its text holds
UPDATE files SET
  decision = substr(reason_detail, instr(reason_detail, '; accepted') + 2),
  reason_detail = substr(reason_detail, 1, instr(reason_detail, '; accepted') - 1)
  WHERE instr(reason_detail, '; accepted') > 0 AND state NOT IN ('failed', 'missing', 'changed', 'suspicious');
UPDATE files SET
  reason_code = CASE WHEN instr(reason_detail, ': ') > 0
    THEN substr(reason_detail, 1, instr(reason_detail, ': ') - 1) ELSE reason_detail END,
  reason_detail = CASE WHEN instr(reason_detail, ': ') > 0
    THEN substr(reason_detail, instr(reason_detail, ': ') + 2) END
  WHERE reason_detail IS NOT NULL;

DROP INDEX files_due;
DROP INDEX files_urgent;
DROP INDEX files_failing;
-- the next file to enqueue, and before it files whose batches wait for their pack
CREATE INDEX files_urgent ON files (enqueue_at, file) WHERE enqueue_at IS NOT NULL AND first_batch IS NOT NULL;
CREATE INDEX files_enqueue ON files (enqueue_at, file) WHERE enqueue_at IS NOT NULL;
-- parse leases that ran out
CREATE INDEX files_parse_leases ON files (parse_lease_ends_at) WHERE parse_lease_ends_at IS NOT NULL;
-- for the problems of the status: files that are enqueued again because of a failure, however many others wait
CREATE INDEX files_failing ON files (file) WHERE state = 'listed' AND reason_code IS NOT NULL;

-- walks under way: a place in the order of batches set aside has a time of one name
UPDATE bulk_commands SET cursor_json = replace(cursor_json, '"due_at":', '"at":');
