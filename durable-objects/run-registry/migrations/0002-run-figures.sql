-- Figures of a run's last progress report, for GET /runs. Null until a run reports after this migration.
ALTER TABLE runs ADD COLUMN exceptions INTEGER;
ALTER TABLE runs ADD COLUMN started_at INTEGER;   -- epoch ms.
ALTER TABLE runs ADD COLUMN delivered_at INTEGER; -- epoch ms; null while it is not delivered.
ALTER TABLE runs ADD COLUMN ended_at INTEGER;     -- epoch ms; when it was delivered or aborted.

-- For GET /runs?stage=.
CREATE INDEX runs_by_stage ON runs (stage, created_at DESC, run_id DESC);
