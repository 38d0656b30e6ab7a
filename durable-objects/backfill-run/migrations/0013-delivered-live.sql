-- Records that the live worker delivered, and that the run therefore does not send.
ALTER TABLE totals ADD COLUMN dropped_delivered_live INTEGER NOT NULL DEFAULT 0;
