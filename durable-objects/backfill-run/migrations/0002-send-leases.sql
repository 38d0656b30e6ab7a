-- The ends of all send leases stand in one row that every claim and report writes anyway. Before, each batch
-- row had its own, with an entry in batches_waiting (docs/decisions/0013-send-leases-in-the-hot-row.md). From
-- here on `batches.due_at` of a leased batch is null, and batches_waiting holds no leases.

ALTER TABLE totals ADD COLUMN
  leases_json TEXT NOT NULL DEFAULT '{}'; -- {"<batch>": end of its lease}, exactly for the batches in state 'leased'.

-- Keeps leases that are out while the code changes. Their senders renew and report them; expired leases are
-- reclaimed.
UPDATE totals SET leases_json =
  (SELECT json_group_object(batch, due_at) FROM batches WHERE state = 'leased' AND due_at IS NOT NULL);
UPDATE batches SET due_at = NULL WHERE state = 'leased' AND due_at IS NOT NULL;
