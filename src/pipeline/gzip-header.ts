// Reads one gzip member header (RFC 1952). Owns the byte layout. This file never reads input and never
// decompresses.

import { crc32 } from "node:zlib";

/** A header of `length` bytes, or too few bytes to decide, or bytes that cannot begin a member. */
export type GzipHeader =
  | { kind: "header"; length: number }
  | { kind: "incomplete" }
  | { kind: "no_magic" }
  | { kind: "invalid"; detail: string };

const MAGIC_1 = 0x1f;
const MAGIC_2 = 0x8b;
const DEFLATE = 8;
const FIXED_BYTES = 10;

const HAS_HEADER_CRC = 0x02;
const HAS_EXTRA = 0x04;
const HAS_NAME = 0x08;
const HAS_COMMENT = 0x10;
const RESERVED = 0xe0;

/** Whether the first two bytes are the magic number of a gzip member. */
export function startsWithGzipMagic(bytes: Uint8Array): boolean {
  return bytes.length >= 2 && bytes[0] === MAGIC_1 && bytes[1] === MAGIC_2;
}

/** Judges each byte as soon as it is available. A wrong byte is never reported as an incomplete header. Otherwise
 * "trailing junk" would be called "truncated". */
export function readGzipHeader(bytes: Uint8Array): GzipHeader {
  const [magic1, magic2, method, flags = 0] = bytes;
  if (magic1 !== undefined && magic1 !== MAGIC_1) return { kind: "no_magic" };
  if (magic2 !== undefined && magic2 !== MAGIC_2) return { kind: "no_magic" };
  if (method !== undefined && method !== DEFLATE)
    return { kind: "invalid", detail: `compression method ${method}` };
  if ((flags & RESERVED) !== 0) return { kind: "invalid", detail: "reserved header flags are set" };
  if (bytes.length < FIXED_BYTES) return { kind: "incomplete" };

  let at = FIXED_BYTES;
  if (flags & HAS_EXTRA) {
    if (bytes.length < at + 2) return { kind: "incomplete" };
    at += 2 + (bytes[at]! | (bytes[at + 1]! << 8));
  }
  for (const flag of [HAS_NAME, HAS_COMMENT]) {
    if ((flags & flag) === 0) continue;
    const zero = at < bytes.length ? bytes.indexOf(0, at) : -1;
    if (zero < 0) return { kind: "incomplete" };
    at = zero + 1;
  }
  if (flags & HAS_HEADER_CRC) {
    if (bytes.length < at + 2) return { kind: "incomplete" };
    const expected = bytes[at]! | (bytes[at + 1]! << 8);
    if ((crc32(bytes.subarray(0, at)) & 0xffff) !== expected)
      return { kind: "invalid", detail: "header CRC differs" };
    at += 2;
  }
  return bytes.length < at ? { kind: "incomplete" } : { kind: "header", length: at };
}
