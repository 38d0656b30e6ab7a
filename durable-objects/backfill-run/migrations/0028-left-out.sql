-- The files with records that neither the live worker delivered nor the run sends, because their time lies outside the
-- window. Only few files have such records: those at the edges of a hole.
CREATE INDEX files_left_out ON files (file) WHERE counts_json ->> '$.live.leftOut.firstMs' IS NOT NULL;
