// Identifies a gzip member by 128 bits of its SHA-256, so that a forged member of equal length is recognised. The
// digest covers the compressed bytes, because decompressing first costs forty times as much
// (docs/decisions/0022-member-digest.md).
import { createHash } from "node:crypto";

const HEX_DIGITS = 32;

export function memberDigest(member: Uint8Array): string {
  return createHash("sha256").update(member).digest("hex").slice(0, HEX_DIGITS);
}
