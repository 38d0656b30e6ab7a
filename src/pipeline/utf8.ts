// The two forms of a text: decoded, and binary. A binary string has one character for each byte of the UTF-8 text.
// The engine parses and joins binary strings faster, because each of their characters takes one byte.

import { Buffer } from "node:buffer";

const REPLACEMENT = "\ufffd";
const STRICT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text of some bytes. Null: the bytes are not UTF-8. The lenient decoder is faster. The strict decoder checks
 * only text in which the lenient decoder replaced bytes. */
export function decodeUtf8(bytes: Buffer, start: number, end: number): string | null {
  const lenient = bytes.toString("utf8", start, end);
  if (!lenient.includes(REPLACEMENT)) return lenient;
  try {
    return STRICT.decode(bytes.subarray(start, end));
  } catch {
    return null;
  }
}

/** The decoded form of a binary string. The bytes must be UTF-8. */
export function fromBinary(binary: string): string {
  return Buffer.from(binary, "latin1").toString("utf8");
}

/** The binary form of a text. A lone surrogate becomes the bytes of U+FFFD. */
export function toBinary(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** Whether both forms of a text are equal. Only for short texts, because it reads each character. */
export function isAsciiText(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 127) return false;
  return true;
}
