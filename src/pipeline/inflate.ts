// Turns the slabs of a raw log object into its uncompressed bytes. Owns the framing of gzip members and the verdict on
// a damaged object; never looks at lines.
//
// The framing is ours, zlib only inflates: node:zlib's own gunzip says nothing about zero bytes after a member, calls a
// stray byte after a member "unexpected end of file", and cannot say whether a file ended inside a member or after one.

import { crc32 } from "node:zlib";
import { readGzipHeader, startsWithGzipMagic, type GzipHeader } from "./gzip-header.ts";
import { MemberInflater } from "./inflate-member.ts";
import { SlabReader } from "./slab-reader.ts";
import type { CorruptReason } from "../contract/file-counts.ts";
import { MAX_FILE_MS, type WorkTurns } from "./work-turns.ts";

export interface Corruption {
  reason: CorruptReason;
  detail: string;
}

const TRAILER_BYTES = 8;
/** Logpush writes one. Each costs 0.1 ms and more, whatever is in it: a record each in a file of its largest size. */
const MAX_MEMBERS = 100_000;
/** A header holds a file name at most; a longer one is no header but endless bytes without a zero. */
const MAX_HEADER_BYTES = 1 << 20;

/**
 * Yields the uncompressed bytes of the object, and returns null when it was sound to its last byte.
 * What was yielded before a Corruption is a prefix of the content; for "truncated" it is all that can be read.
 * A chunk is the caller's until the next is asked for.
 */
export async function* inflate(
  reader: SlabReader,
  key: string,
  turns: WorkTurns,
): AsyncGenerator<Uint8Array, Corruption | null> {
  const head = await reader.atLeast(2);
  if (head.length === 0) return { reason: "empty_object", detail: "the object has no bytes" };
  reader.putBack(head);
  if (key.endsWith(".log") && !startsWithGzipMagic(head)) {
    yield* plain(reader);
    return null;
  }
  return yield* gunzip(reader, turns);
}

async function* plain(reader: SlabReader): AsyncGenerator<Uint8Array> {
  for (let slab = await reader.next(); slab !== null; slab = await reader.next()) yield slab;
}

async function* gunzip(reader: SlabReader, turns: WorkTurns): AsyncGenerator<Uint8Array, Corruption | null> {
  for (let member = 1; ; member += 1) {
    const beginning = await beginMember(reader, member, turns);
    if (beginning === "end") return null;
    if (beginning !== "begun") return beginning;
    if (member > MAX_MEMBERS)
      return { reason: "too_many_members", detail: `the object has more than ${MAX_MEMBERS} gzip members` };
    const problem = yield* memberContent(reader, member);
    if (problem !== null) return problem;
    turns.did({ members: 1 });
    if (turns.isDue) await turns.rest();
    if (turns.isTooSlow) return tooSlow();
  }
}

/** Takes the header of a member; or the object ends here; or what follows is no member. */
async function beginMember(
  reader: SlabReader,
  member: number,
  turns: WorkTurns,
): Promise<"begun" | "end" | Corruption> {
  // Enough for a header without extras; and for a detail that does not depend on where the slabs end.
  let bytes = await reader.atLeast(10);
  if (bytes.length === 0) return "end";
  let header: GzipHeader = readGzipHeader(bytes);
  while (header.kind === "incomplete") {
    if (bytes.length > MAX_HEADER_BYTES) {
      header = { kind: "invalid", detail: `header longer than ${MAX_HEADER_BYTES} bytes` };
      break;
    }
    const more = await moreThan(reader, bytes);
    if (more.length === bytes.length) {
      return { reason: "truncated", detail: `the object ends inside the header of gzip member ${member}` };
    }
    bytes = more;
    header = readGzipHeader(bytes);
  }
  if (header.kind === "header") {
    reader.putBack(bytes.subarray(header.length));
    return "begun";
  }
  if (member > 1) return await trailingJunk(reader, bytes, member, turns);
  return header.kind === "no_magic"
    ? { reason: "not_gzip", detail: `the object begins with ${hex(bytes)}` }
    : { reason: "corrupt_data", detail: header.detail };
}

async function moreThan(reader: SlabReader, bytes: Uint8Array): Promise<Uint8Array> {
  reader.putBack(bytes);
  return await reader.atLeast(bytes.length + 1);
}

/** Padding with zero bytes is junk too: gzip(1) tolerates it, but nobody who writes logs produces it. */
async function trailingJunk(
  reader: SlabReader,
  bytes: Uint8Array,
  member: number,
  turns: WorkTurns,
): Promise<Corruption> {
  const after = `after gzip member ${member - 1}`;
  for (let rest: Uint8Array | null = bytes; rest !== null; rest = await reader.next()) {
    if (rest.some((byte) => byte !== 0)) return { reason: "trailing_junk", detail: `${hex(bytes)} ${after}` };
    turns.did({ bytes: rest.length });
    if (turns.isDue) await turns.rest();
  }
  return { reason: "trailing_junk", detail: `zero padding ${after}` };
}

async function* memberContent(
  reader: SlabReader,
  member: number,
): AsyncGenerator<Uint8Array, Corruption | null> {
  const inflater = new MemberInflater();
  let crc = 0;
  let length = 0;
  try {
    for (let ended = false; !ended;) {
      const slab = await reader.next();
      if (slab === null) {
        return { reason: "truncated", detail: `the object ends inside the data of gzip member ${member}` };
      }
      const chunks = inflater.slab(slab);
      let step = await chunks.next();
      for (; !step.done; step = await chunks.next()) {
        crc = crc32(step.value, crc);
        length += step.value.length;
        yield step.value;
      }
      const result = step.value;
      if (result.kind === "corrupt")
        return { reason: "corrupt_data", detail: `gzip member ${member}: ${result.detail}` };
      if (result.kind === "ended") {
        reader.putBack(slab.subarray(result.used));
        ended = true;
      }
    }
  } finally {
    inflater.close();
  }
  return await checkTrailer(reader, member, crc, length);
}

async function checkTrailer(
  reader: SlabReader,
  member: number,
  crc: number,
  length: number,
): Promise<Corruption | null> {
  const bytes = await reader.atLeast(TRAILER_BYTES);
  if (bytes.length < TRAILER_BYTES) {
    return { reason: "truncated", detail: `the object ends inside the trailer of gzip member ${member}` };
  }
  reader.putBack(bytes.subarray(TRAILER_BYTES));
  const trailer = new DataView(bytes.buffer, bytes.byteOffset, TRAILER_BYTES);
  if (trailer.getUint32(0, true) !== crc >>> 0) {
    return { reason: "crc_mismatch", detail: `gzip member ${member}: CRC-32 differs` };
  }
  // The length field counts modulo 2^32.
  if (trailer.getUint32(4, true) !== length % 2 ** 32) {
    return { reason: "length_mismatch", detail: `gzip member ${member}: length differs` };
  }
  return null;
}

export function tooSlow(): Corruption {
  return { reason: "too_slow", detail: `not parsed within ${MAX_FILE_MS / 60_000} minutes` };
}

function hex(bytes: Uint8Array): string {
  return [...bytes.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
}
