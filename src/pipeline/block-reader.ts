// Reads the lines of one block as records. Owns the choice between decoded text and binary strings. This file counts
// nothing.

import { isAscii, isUtf8, type Buffer } from "node:buffer";
import { hasEscapedLetters } from "./early-rejection.ts";
import type { LogRecord } from "./transform/log-record.ts";
import { decodeUtf8, isAsciiText } from "./utf8.ts";
import type { MalformedSample } from "../contract/file-counts.ts";

const ZERO = 48;
const SEVEN = 55;

export class BlockReader {
  /** The block as Latin-1, so that an index is a byte offset. */
  readonly map: string;
  /** Whether an escape spells an ASCII letter. */
  readonly escapedLetters: boolean;
  /** The text of the line that was read last. Empty when its bytes are not UTF-8. */
  line = "";
  /** Whether the texts of this line and of its record are binary strings. */
  isBinary = false;
  readonly #bytes: Buffer;
  readonly #isAscii: boolean;
  readonly #mayBeBinary: boolean;

  /** `mayBeBinary`: the caller accepts binary strings. */
  constructor(bytes: Buffer, mayBeBinary: boolean) {
    this.map = bytes.toString("latin1");
    this.escapedLetters = hasEscapedLetters(this.map);
    this.#bytes = bytes;
    this.#isAscii = isAscii(bytes);
    // An escape of another character gives a character that may also be a byte.
    this.#mayBeBinary = mayBeBinary && (this.#isAscii || isUtf8(bytes)) && !hasWideEscapes(this.map);
  }

  /** The record in [start, end), or why there is none. Also sets `line` and `isBinary`. The line is decoded when there
   * is no record. */
  read(start: number, end: number): LogRecord | MalformedSample["reason"] {
    if (this.#mayBeBinary) {
      // A slice of the map would keep the whole block in memory.
      this.line = this.#bytes.toString("latin1", start, end);
      this.isBinary = true;
      const record = parseRecord(this.line);
      // A RayID is compared and stored, so it is always decoded.
      if (this.#isAscii || (typeof record !== "string" && hasAsciiRayId(record))) return record;
    }
    this.isBinary = false;
    const line = this.#isAscii
      ? this.#bytes.toString("latin1", start, end)
      : decodeUtf8(this.#bytes, start, end);
    this.line = line ?? "";
    return line === null ? "invalid_utf8" : parseRecord(line);
  }
}

/** Whether an escape spells a character above U+007F. Also true for an escaped backslash before such a text. */
function hasWideEscapes(block: string): boolean {
  for (let at = block.indexOf("\\u"); at >= 0; at = block.indexOf("\\u", at + 2)) {
    const digit = block.charCodeAt(at + 4);
    if (!block.startsWith("00", at + 2) || !(digit >= ZERO && digit <= SEVEN)) return true;
  }
  return false;
}

function hasAsciiRayId({ RayID: rayId }: LogRecord): boolean {
  return typeof rayId === "string" ? isAsciiText(rayId) : typeof rayId !== "object" || rayId === null;
}

function parseRecord(line: string): LogRecord | "not_json" | "not_an_object" {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : "not_an_object";
  } catch {
    return "not_json";
  }
}

function isObject(value: unknown): value is LogRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
