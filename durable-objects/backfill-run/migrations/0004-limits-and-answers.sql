-- When a batch was done, and the receiver's answer. The statement that makes the batch done writes both. Null
-- for batches that were done earlier, and for batches that an operator or the run itself settled.
ALTER TABLE batches ADD COLUMN done_at INTEGER;
ALTER TABLE batches ADD COLUMN answer_status INTEGER; -- HTTP status of the 2xx that settled it.

-- Limits that PATCH may change from here on. Before, they stood only in the specification.
UPDATE run SET limits_json = json_set(limits_json,
  '$.maxRequestsPerSecond', spec_json ->> '$.maxRequestsPerSecond',
  '$.maxBytesPerSecond', spec_json ->> '$.maxBytesPerSecond',
  '$.polite', json(coalesce(spec_json -> '$.polite', 'false')),
  '$.onUncertain', coalesce(spec_json ->> '$.onUncertain', 'resend'));
