-- The permits that the newest call of each sender got, while their leases are open: {"<sender>": [<number of the call>,
-- [[<batch>, <attempt>], …]]}. A sender that lost the answer repeats the call, and gets these permits again.
ALTER TABLE totals ADD COLUMN calls_json TEXT NOT NULL DEFAULT '{}';
