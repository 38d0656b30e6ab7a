-- Generations of the report: which of them are kept, and when the next one may begin (reports.ts).
CREATE TABLE reports (
  generation INTEGER PRIMARY KEY,           -- number of the event that began it
  begun_at INTEGER NOT NULL,
  is_complete INTEGER NOT NULL DEFAULT 0,   -- its chain.json is written
  is_downloaded INTEGER NOT NULL DEFAULT 0  -- somebody may hold it as proof: it is never deleted
);

-- generations of earlier code: whether somebody read them is not known
INSERT INTO reports (generation, begun_at, is_downloaded)
  SELECT event, at, 1 FROM events WHERE kind = 'report_begun';
