-- What a sender compares with the bytes that it is about to send: the first 32 hex digits of SHA-256 over the whole gzip
-- member in the pack. Null for batches of manifests before this migration: their bytes are not compared.
ALTER TABLE batches ADD COLUMN member_digest TEXT;
