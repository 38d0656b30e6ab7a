// Decides what is allowed between the records of a file, apart from LF: commas and the brackets of JSON arrays.
// Owns the state between two records and reads one raw line. It keeps no line in memory.

import { GOES_ON, NO_OBJECT, ObjectScan } from "./object-scan.ts";
import type { LogRecord } from "./transform/log-record.ts";
import type { MalformedSample } from "../contract/file-counts.ts";

const TAB = 9;
const LF = 10;
const CR = 13;
/** Begins each text of a JSON text sequence (RFC 7464). */
const RECORD_SEPARATOR = 30;
const SPACE = 32;
const COMMA = 44;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;

export interface FoundRecord {
  text: string;
  record: LogRecord;
}

/** The results of reading, in file order. `line` is 1-based. */
export type Found =
  | ({ kind: "record"; line: number } & FoundRecord)
  | { kind: "malformed"; line: number; reason: MalformedSample["reason"]; head: Uint8Array }
  /** The line contains only separators: commas, brackets or a record separator. */
  | { kind: "empty" };

/** The state between two records. The state is an immutable value, so a line that is not understood leaves it
 * unchanged. */
export interface Between {
  inArray: boolean;
  /** Whether the last item was a comma or a record. */
  afterComma: boolean;
  afterRecord: boolean;
  /** Commas so far that belong to no array. */
  repaired: number;
}

export const FILE_START: Between = { inArray: false, afterComma: false, afterRecord: false, repaired: 0 };

/** The state after a separator. Null when the separator is not allowed here. */
export function behindSign(between: Between, code: number): Between | null {
  const { inArray, afterComma, afterRecord, repaired } = between;
  switch (code) {
    case TAB:
    case LF:
    case CR:
    case SPACE:
    case RECORD_SEPARATOR:
      return between;
    case COMMA: {
      if (afterComma) return null;
      const belongs = inArray && afterRecord;
      return { inArray, afterComma: true, afterRecord: false, repaired: repaired + (belongs ? 0 : 1) };
    }
    case OPEN_BRACKET:
      return inArray ? null : { inArray: true, afterComma: false, afterRecord: false, repaired };
    case CLOSE_BRACKET:
      if (!inArray) return null;
      // A comma after the last record of an array belongs to no array, so it is counted.
      return {
        inArray: false,
        afterComma: false,
        afterRecord: true,
        repaired: repaired + (afterComma ? 1 : 0),
      };
    default:
      return null;
  }
}

export function behindRecord(between: Between): Between {
  return { ...between, afterComma: false, afterRecord: true };
}

export interface LineRead {
  found: FoundRecord[];
  between: Between;
  /** A JSON object that began at `at` and continues on the next line. */
  goesOn: { scan: ObjectScan; at: number } | null;
}

/** All records of the raw line from index `from` on. Null unless the whole line is understood. */
export function readLine(text: string, from: number, start: Between): LineRead | null {
  const found: FoundRecord[] = [];
  let between = start;
  for (let at = from; at < text.length;) {
    const code = text.charCodeAt(at);
    if (code !== OPEN_BRACE) {
      const next = behindSign(between, code);
      if (next === null) return null;
      between = next;
      at += 1;
      continue;
    }
    const scan = new ObjectScan();
    const end = scan.scan(text, at);
    if (end === NO_OBJECT || (end === GOES_ON && scan.isInString)) return null;
    if (end === GOES_ON) return { found, between, goesOn: { scan, at } };
    const record = recordOf(text.slice(at, end));
    if (record === null) return null;
    found.push(record);
    between = behindRecord(between);
    at = end;
  }
  return { found, between, goesOn: null };
}

/** The record of a text. The text begins with a brace, so a successful parse yields an object. */
export function recordOf(text: string): FoundRecord | null {
  try {
    return { text, record: JSON.parse(text) as LogRecord };
  } catch {
    return null;
  }
}
