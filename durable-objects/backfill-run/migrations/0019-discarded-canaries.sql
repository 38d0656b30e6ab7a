-- For a canary: batches that were sent, and that an operator discarded. They count as sent.
CREATE INDEX batches_tried_discarded ON batches (state) WHERE attempt > 0 AND state = 'discarded';
