-- The leased batches whose row is still `pending` with attempt 0: a JSON list of batch numbers. The first claim of a
-- batch writes this list and no batch row.
ALTER TABLE totals ADD COLUMN claims_json TEXT NOT NULL DEFAULT '[]';
