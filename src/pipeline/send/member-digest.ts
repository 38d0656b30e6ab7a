// What tells one gzip member from any other, forged ones of equal length included: 128 bits of its SHA-256. Over the
// bytes as they are sent, because inflating first costs forty times as much (docs/decisions/0022-member-digest.md).
import { createHash } from "node:crypto";

const HEX_DIGITS = 32;

export function memberDigest(member: Uint8Array): string {
  return createHash("sha256").update(member).digest("hex").slice(0, HEX_DIGITS);
}
