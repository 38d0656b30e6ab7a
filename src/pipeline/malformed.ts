// Shows a malformed raw line to an operator. Owns the escaping: a sample is safe to print anywhere, and is never a
// record.

import { Buffer } from "node:buffer";

const SAMPLE_BYTES = 200;
// Control characters, and characters that reorder or break text in a terminal or a page.
// oxlint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** The first 200 bytes of a line. When they are UTF-8 they are shown as text, else each byte above ASCII is shown
 * as \xNN. */
export function sampleOf(line: Uint8Array): string {
  const head = line.subarray(0, SAMPLE_BYTES);
  try {
    // `stream` leaves out a character that the limit cuts, instead of failing.
    const text: string = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(head, {
      stream: true,
    });
    return text.replace(UNSAFE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
  } catch {
    const bytes: string = Buffer.from(head.buffer, head.byteOffset, head.length).toString("latin1");
    // oxlint-disable-next-line no-control-regex
    return bytes.replace(/[\u0000-\u001f\u007f-\u00ff]/g, (char) => {
      return `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`;
    });
  }
}
