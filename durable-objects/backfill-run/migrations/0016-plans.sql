-- Dry runs, and runs made from them. PlanState of plan-state.ts; null: a run without a plan.
ALTER TABLE run ADD COLUMN plan_json TEXT;

-- The R2 objects of a plan: of the run itself when it is a dry run, else copied from the dry run.
CREATE TABLE planned (
  key TEXT PRIMARY KEY,
  etag TEXT NOT NULL,
  sha256 TEXT NOT NULL,    -- of the object's text: key, etag and the digests of its batches.
  parsed INTEGER NOT NULL  -- 0: the dry run made no batches of it.
) WITHOUT ROWID;
