// Turns the slabs of a raw log object into its uncompressed bytes. Owns the framing of gzip members and the verdict
// on a damaged R2 object. This file does not know where a line begins or ends.
//
// This file reads the gzip framing itself, and zlib only decompresses. node:zlib's gunzip ignores zero bytes
// after a member and calls a stray byte after a member "unexpected end of file". zlib's gunzip also cannot say
// whether a file ended inside a member or after the member.

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
/** The most gzip members of one file. Logpush writes one member. Each member costs at least 0.1 ms. The limit
 * allows one member per record in the largest file. */
export const MAX_MEMBERS = 100_000;
/** A header contains at most a file name. A longer header is endless data without a zero byte. */
const MAX_HEADER_BYTES = 1 << 20;

/** Yields the uncompressed bytes of the R2 object, then returns null if the whole R2 object was sound. Bytes before a
 * Corruption are a prefix of the content. When the reason is "truncated", these bytes are all that can be read.
 * The caller may use a chunk until it asks for the next chunk. */
export async function* inflate(
  reader: SlabReader,
  key: string,
  turns: WorkTurns,
  maxMembers = MAX_MEMBERS,
): AsyncGenerator<Uint8Array, Corruption | null> {
  const head = await reader.atLeast(2);
  if (head.length === 0) return { reason: "empty_object", detail: "the object has no bytes" };
  reader.putBack(head);
  if (key.endsWith(".log") && !startsWithGzipMagic(head)) {
    yield* plain(reader);
    return null;
  }
  return yield* gunzip(reader, turns, maxMembers);
}

async function* plain(reader: SlabReader): AsyncGenerator<Uint8Array> {
  for (let slab = await reader.next(); slab !== null; slab = await reader.next()) yield slab;
}

async function* gunzip(
  reader: SlabReader,
  turns: WorkTurns,
  maxMembers: number,
): AsyncGenerator<Uint8Array, Corruption | null> {
  for (let member = 1; ; member += 1) {
    const beginning = await beginMember(reader, member, turns);
    if (beginning === "end") return null;
    if (beginning !== "begun") return beginning;
    if (member > maxMembers)
      return { reason: "too_many_members", detail: `the object has more than ${maxMembers} gzip members` };
    const problem = yield* memberContent(reader, member);
    if (problem !== null) return problem;
    turns.did({ members: 1 });
    if (turns.isDue) await turns.rest();
    if (turns.isTooSlow) return tooSlow();
  }
}

/** Takes the header of a member. Reports the end of the R2 object, or why the next bytes are no member. */
async function beginMember(
  reader: SlabReader,
  member: number,
  turns: WorkTurns,
): Promise<"begun" | "end" | Corruption> {
  // A header without extra fields has ten bytes. If all ten are read first, the detail of an error does not depend on
  // where a slab ends.
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

/** Zero bytes after the data count as junk too. gzip(1) tolerates them, but no log writer produces them. */
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
