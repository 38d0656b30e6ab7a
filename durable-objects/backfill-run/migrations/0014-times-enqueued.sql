-- `offers` counted how often a file was enqueued. A rename changes the schema only and writes no row.
ALTER TABLE files RENAME COLUMN offers TO times_enqueued;
