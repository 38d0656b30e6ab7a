-- One word for one thing: `held` is a state of batches. The run's view of the slot is 'owned', 'asking', 'releasing' or
-- 'none'.
UPDATE run SET slot = 'owned' WHERE slot = 'held';

-- The kind of answer that an attempt ended with. An operator's decision about a kind selects by it, so it is no part of
-- a text.
ALTER TABLE attempts ADD COLUMN answer_kind TEXT; -- 'k1', 'k2' …, or 'usual'; null: the answer was not compared

-- Earlier code wrote '<kind> <body>'. An attempt whose cause has changed since keeps its text, and nothing selects it.
UPDATE attempts SET
  answer_kind = CASE WHEN instr(detail, ' ') > 0 THEN substr(detail, 1, instr(detail, ' ') - 1) ELSE detail END,
  detail = CASE WHEN instr(detail, ' ') > 0 THEN substr(detail, instr(detail, ' ') + 1) END
  WHERE cause = 'unusual_answer' AND (detail GLOB 'k[0-9]*' OR detail = 'usual');
