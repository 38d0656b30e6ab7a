-- Each notice that an outbox handed over. The primary key makes a repeated hand-over harmless.
CREATE TABLE notices (
  notice_id TEXT PRIMARY KEY,
  type TEXT NOT NULL,
  at INTEGER NOT NULL,
  notice_json TEXT NOT NULL,
  accepted_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX notices_accepted ON notices (accepted_at);

-- One row for each notice and channel. A pending row has a time for its next attempt.
CREATE TABLE deliveries (
  delivery INTEGER PRIMARY KEY,
  notice_id TEXT NOT NULL,
  channel TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'given_up', 'failed')),
  attempts INTEGER NOT NULL DEFAULT 0,
  due_at INTEGER CHECK ((due_at IS NULL) = (state <> 'pending')),
  changed_at INTEGER NOT NULL,
  outcome TEXT,
  detail TEXT,
  untold INTEGER NOT NULL DEFAULT 0,
  UNIQUE (notice_id, channel)
);
CREATE INDEX deliveries_pending ON deliveries (due_at) WHERE state = 'pending';
CREATE INDEX deliveries_given_up ON deliveries (delivery) WHERE state = 'given_up';
CREATE INDEX deliveries_untold ON deliveries (delivery) WHERE untold = 1;

-- What a channel did last, and before when it gets no message.
CREATE TABLE channels (
  channel TEXT PRIMARY KEY,
  opens_at INTEGER NOT NULL,
  last_at INTEGER,
  last_notice_id TEXT,
  last_outcome TEXT,
  last_detail TEXT
) WITHOUT ROWID;

CREATE TABLE counts (
  channel TEXT NOT NULL,
  outcome TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (channel, outcome)
) WITHOUT ROWID;
