-- The runs of one receiver, as admitted here and as each last reported itself.
CREATE TABLE runs (
  run_id         TEXT PRIMARY KEY,           -- <start>_<end>_<created>, each 20260422T140000Z.
  created_at     INTEGER NOT NULL,           -- epoch ms, a whole second: the third part of the id.
  start_ms       INTEGER NOT NULL,           -- epoch ms; the window, as in spec.
  end_ms         INTEGER NOT NULL,
  spec           TEXT NOT NULL,              -- RunSpec as JSON: the argument of start(), which may be called repeatedly.
  fence          INTEGER NOT NULL,           -- the slot's fence at admission, for start().
  not_before     INTEGER NOT NULL,           -- epoch ms; last instant the previous holder let lines leave, for start().
  started        INTEGER NOT NULL DEFAULT 0, -- 1: start() has answered; 0: the alarm calls it again.
  stage          TEXT NOT NULL,              -- stage_code of the last report.
  summary        TEXT NOT NULL,              -- sentence of the last report.
  finished       INTEGER NOT NULL DEFAULT 0, -- 1: cleaned, or aborted and clean; needs no more pokes.
  sent_something INTEGER NOT NULL DEFAULT 0, -- 1: a batch is done or has an uncertain attempt.
  log_lines_sent INTEGER NOT NULL DEFAULT 0, -- of the last report; not counted here.
  poke_at        INTEGER NOT NULL            -- epoch ms; when the alarm starts or pokes it next, while unfinished.
) WITHOUT ROWID;

-- For GET /runs: newest first.
CREATE INDEX runs_newest ON runs (created_at DESC, run_id DESC);
-- For admit: earlier runs that sent lines of a window.
CREATE INDEX runs_sent ON runs (start_ms, end_ms) WHERE sent_something = 1;
-- For the alarm: the unfinished run that waits longest.
CREATE INDEX runs_due ON runs (poke_at) WHERE finished = 0;

-- The run that may send to this receiver now: one row.
CREATE TABLE slot (
  id         INTEGER PRIMARY KEY CHECK (id = 1),
  holder     TEXT,             -- run_id; NULL: free.
  fence      INTEGER NOT NULL, -- grows whenever the slot is given; a claim with an older fence is refused.
  not_before INTEGER NOT NULL  -- epoch ms; last instant at which any former holder let lines leave.
);
INSERT INTO slot (id, holder, fence, not_before) VALUES (1, NULL, 0, 0);

-- For the alarm: the runs to start or poke. A finished run that still holds the slot must repeat its release.
CREATE VIEW watched AS
  SELECT run_id, poke_at FROM runs WHERE finished = 0
  UNION
  SELECT run_id, poke_at FROM runs WHERE run_id = (SELECT holder FROM slot);

-- First answers of POST /runs, kept for 24 h.
CREATE TABLE idempotency (
  key        TEXT PRIMARY KEY, -- the Idempotency-Key header.
  body_hash  TEXT NOT NULL,    -- SHA-256 (hex) of the request's canonical JSON.
  run_id     TEXT NOT NULL,    -- the run that this key admitted.
  answer     TEXT,             -- RunStatus as JSON, as first answered; NULL until the run has answered.
  created_at INTEGER NOT NULL  -- epoch ms.
) WITHOUT ROWID;

-- For pruning: oldest first.
CREATE INDEX idempotency_age ON idempotency (created_at);
