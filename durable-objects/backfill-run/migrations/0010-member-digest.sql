-- The digest that a sender compares with the bytes before it sends them: the first 32 hex digits of SHA-256
-- over the whole gzip member in the pack. Null for batches of older manifests, whose bytes are not compared.
ALTER TABLE batches ADD COLUMN member_digest TEXT;
