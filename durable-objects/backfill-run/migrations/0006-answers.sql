-- What an operator may say about answers selects its attempts by this index, however many others are uncertain.
CREATE INDEX attempts_by_answer ON attempts (batch, attempt)
  WHERE state = 'uncertain' AND cause IN ('unusual_answer', 'answer_does_not_match');

-- Attempts that an answer other than a 2xx ended, and that are taken for not delivered: 429, 503, 521, a redirect … A
-- receiver that took the lines all the same makes duplicates that no other number holds. Only batches that met such an
-- answer have a row.
CREATE TABLE assumed_not_delivered (
  batch INTEGER NOT NULL,
  status INTEGER NOT NULL,              -- of the answer
  attempts INTEGER NOT NULL,
  lines INTEGER NOT NULL,               -- over all these attempts
  PRIMARY KEY (batch, status)
) WITHOUT ROWID;

-- the sums over it, by status: {"429": {"attempts": n, "lines": n}}
ALTER TABLE totals ADD COLUMN assumed_json TEXT NOT NULL DEFAULT '{}';

-- attempts held by code that knew no kinds of answers are of one kind
UPDATE attempts SET detail = 'k0 ' || coalesce(detail, '') WHERE cause = 'unusual_answer';
