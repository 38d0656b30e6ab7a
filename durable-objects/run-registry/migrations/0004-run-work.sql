-- Figures of a run's last progress report, for GET /stats. Null until a run reports after this migration.
ALTER TABLE runs ADD COLUMN duplicate_lines INTEGER;
ALTER TABLE runs ADD COLUMN possible_duplicate_lines INTEGER;
-- Null also for a run that code before its migration 0022 started.
ALTER TABLE runs ADD COLUMN bytes_read INTEGER;
ALTER TABLE runs ADD COLUMN bytes_sent INTEGER;
ALTER TABLE runs ADD COLUMN sending_ms INTEGER;
ALTER TABLE runs ADD COLUMN cost_usd REAL;
