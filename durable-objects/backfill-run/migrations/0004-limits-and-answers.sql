-- When a batch was done, and what the receiver answered then: written by the statement that makes it done anyway. Null
-- for batches that were done before, and for those that an operator or the run itself settled.
ALTER TABLE batches ADD COLUMN done_at INTEGER;
ALTER TABLE batches ADD COLUMN answer_status INTEGER; -- HTTP status of the 2xx that settled it

-- Limits that PATCH may change since: until then they stood in the specification alone.
UPDATE run SET limits_json = json_set(limits_json,
  '$.maxRequestsPerSecond', spec_json ->> '$.maxRequestsPerSecond',
  '$.maxBytesPerSecond', spec_json ->> '$.maxBytesPerSecond',
  '$.polite', json(coalesce(spec_json -> '$.polite', 'false')),
  '$.onUncertain', coalesce(spec_json ->> '$.onUncertain', 'resend'));
