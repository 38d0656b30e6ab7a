-- The minutes of the window that have a raw file: bits as base64. Null: the run was started before this migration.
ALTER TABLE run ADD COLUMN covered_minutes TEXT;
