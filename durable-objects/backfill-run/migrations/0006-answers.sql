-- A decision about answers selects its attempts by this index, however many other attempts are uncertain.
CREATE INDEX attempts_by_answer ON attempts (batch, attempt)
  WHERE state = 'uncertain' AND cause IN ('unusual_answer', 'answer_does_not_match');

-- Attempts that ended with an answer other than 2xx and count as not delivered: 429, 503, 521, a redirect … If
-- the receiver took the lines anyway, no other number shows the duplicates. Only batches with such an answer
-- have a row.
CREATE TABLE assumed_not_delivered (
  batch INTEGER NOT NULL,
  status INTEGER NOT NULL,              -- HTTP status of the answer.
  attempts INTEGER NOT NULL,
  lines INTEGER NOT NULL,               -- sum over these attempts.
  PRIMARY KEY (batch, status)
) WITHOUT ROWID;

-- The sums of this table by status: {"429": {"attempts": n, "lines": n}}.
ALTER TABLE totals ADD COLUMN assumed_json TEXT NOT NULL DEFAULT '{}';

-- Older code knew no kinds of answers. Its held attempts form one kind.
UPDATE attempts SET detail = 'k0 ' || coalesce(detail, '') WHERE cause = 'unusual_answer';
