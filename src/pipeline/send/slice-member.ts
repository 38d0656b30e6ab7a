// Extracts some lines of a batch's gzip member as a new gzip member. Does no I/O. The size of a batch (4 MiB) bounds
// the memory.
import { gunzipSync, gzipSync } from "node:zlib";

const LF = 0x0a;
const MAX_BATCH_BYTES = 16 * 1024 * 1024;

/** `from` is 0-based. @throws RangeError when the member has fewer lines. */
export function sliceMember(
  member: Uint8Array,
  slice: { from: number; lines: number },
  level: number,
): Uint8Array {
  return gzipSync(linesOfMember(member, slice), { level });
}

/** The lines of a member, or some of them, not compressed. @throws RangeError when the member has fewer lines. */
export function linesOfMember(member: Uint8Array, slice: { from: number; lines: number } | null): Uint8Array {
  const bytes = gunzipSync(member, { maxOutputLength: MAX_BATCH_BYTES });
  if (slice === null) return bytes;
  const start = afterLines(bytes, 0, slice.from);
  const end = afterLines(bytes, start, slice.lines);
  return bytes.subarray(start, end);
}

function afterLines(bytes: Uint8Array, from: number, lines: number): number {
  let at = from;
  for (let line = 0; line < lines; line += 1) {
    const end = bytes.indexOf(LF, at);
    if (end < 0) throw new RangeError("the batch has fewer lines than its part needs");
    at = end + 1;
  }
  return at;
}
