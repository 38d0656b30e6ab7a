-- When the leases of batches end stands in the one row that is written with every claim and report anyway, and no
-- longer in each batch row with an entry in batches_waiting (docs/decisions/0013-send-leases-in-the-hot-row.md).
-- From here on `batches.due_at` of a leased batch is null, and batches_waiting holds no leases: what 0001 says of both.

ALTER TABLE totals ADD COLUMN
  leases_json TEXT NOT NULL DEFAULT '{}'; -- {"<batch>": end of its lease}: exactly the batches whose state is 'leased'

-- for leases that are out while the code changes: their senders renew and report them, and what ran out is taken back
UPDATE totals SET leases_json =
  (SELECT json_group_object(batch, due_at) FROM batches WHERE state = 'leased' AND due_at IS NOT NULL);
UPDATE batches SET due_at = NULL WHERE state = 'leased' AND due_at IS NOT NULL;
