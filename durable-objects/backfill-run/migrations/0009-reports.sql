-- Generations of the evidence: which are kept, and when the next may begin (reports.ts).
CREATE TABLE reports (
  generation INTEGER PRIMARY KEY,           -- number of the event that began it.
  begun_at INTEGER NOT NULL,
  is_complete INTEGER NOT NULL DEFAULT 0,   -- its chain.json is written.
  is_downloaded INTEGER NOT NULL DEFAULT 0  -- a reader may hold it as proof, so it is never deleted.
);

-- Generations of earlier code. They may have been read, so they are kept.
INSERT INTO reports (generation, begun_at, is_downloaded)
  SELECT event, at, 1 FROM events WHERE kind = 'report_begun';
