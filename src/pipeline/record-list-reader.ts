// Reads lines that are not exactly one record: commas between records, JSON arrays on one or many lines,
// records over many lines. Owns the bounded state that is open between lines. Counts nothing. Parse version 2.
//
// A line is accepted only when all of it is understood. Otherwise it is malformed and changes no state. When
// an object over several lines does not end well, only its first line is malformed. The following lines are
// read again one by one, so a truncated line never swallows the next record.

import { Buffer } from "node:buffer";
import {
  FILE_START,
  behindRecord,
  readLine,
  recordOf,
  type Between,
  type Found,
  type LineRead,
} from "./record-list-text.ts";
import { LongLine } from "./long-line.ts";
import { GOES_ON, NO_OBJECT, type ObjectScan } from "./object-scan.ts";
import type { MalformedSample } from "../contract/file-counts.ts";

/** The most lines of one record. A pretty-printed record has one line for each field. */
const MAX_LINES_OF_RECORD = 1_000;
/** The deepest nesting of a record over several lines. Logpush nests two or three levels. */
const MAX_DEPTH_OVER_LINES = 32;
/** How many bytes of a file may be read twice. Beyond this bound no record may span lines. */
const MAX_REREAD_BYTES = 16 * 1024 * 1024;
const SAMPLE_CHARS = 200;

/** `number` is the 1-based line number. `text` is null when the bytes are not UTF-8. */
export interface OddLine {
  number: number;
  text: string | null;
  bytes: number;
  /** Set for a line that is not UTF-8. */
  head: Uint8Array | null;
}

interface OpenRecord {
  scan: ObjectScan;
  lines: OddLine[];
  /** The text from the record's brace on, one entry per line. */
  texts: string[];
  bytes: number;
}

export class ListReader {
  readonly #maxBytes: number;
  #between: Between = FILE_START;
  #open: OpenRecord | null = null;
  #long: LongLine | null = null;
  #rereadBytes = 0;

  constructor(maxLineBytes: number) {
    this.#maxBytes = maxLineBytes;
  }

  /** True: a record is open. Every line must then be passed to this reader until the record ends. */
  get isOpen(): boolean {
    return this.#open !== null;
  }

  get repaired(): number {
    return this.#between.repaired;
  }

  /** Call this when other code has read a plain line: one record, perhaps with a comma. */
  passed(hasComma: boolean): void {
    const { inArray, repaired } = this.#between;
    if (!hasComma && !inArray) {
      if (this.#between.afterComma) this.#between = behindRecord(this.#between);
      return;
    }
    this.#between = {
      inArray,
      afterComma: hasComma,
      afterRecord: !hasComma,
      repaired: repaired + (hasComma && !inArray ? 1 : 0),
    };
  }

  take(line: OddLine): Found[] {
    return this.#readAll([line]);
  }

  /** Reads some bytes of a line that is longer than any record may be. `isLast` marks the bytes with the line's
   * end. */
  takePart(number: number, part: Buffer, isLast: boolean): Found[] {
    const before = this.#open === null ? [] : this.finish();
    this.#long ??= new LongLine(number, this.#maxBytes, this.#between);
    const found = this.#long.take(part, isLast);
    this.#between = this.#long.between;
    if (isLast) this.#long = null;
    return [...before, ...found];
  }

  /** Ends the file. */
  finish(): Found[] {
    const found: Found[] = [];
    while (this.#open !== null) found.push(...this.#readAll(this.#giveUp(found, [])));
    return found;
  }

  #readAll(lines: OddLine[]): Found[] {
    const found: Found[] = [];
    // The next line to read is the last of the list.
    const waiting = lines.toReversed();
    for (let line = waiting.pop(); line !== undefined; line = waiting.pop()) {
      const again = this.#open === null ? this.#begin(line, found) : this.#goOn(this.#open, line, found);
      for (const one of again.toReversed()) waiting.push(one);
    }
    return found;
  }

  /** This method and the following methods return the lines that must be read again. */
  #begin(line: OddLine, found: Found[]): OddLine[] {
    const { text } = line;
    if (text === null) {
      this.#malformed(line.number, "invalid_utf8", headOf(line), found);
      return [];
    }
    const isBlank = text.trim() === "" && !this.#between.inArray;
    const read = isBlank ? null : readLine(text, 0, this.#between);
    if (read === null || !this.#accept(read, line, [], found)) {
      this.#malformed(line.number, reasonOf(text), headOf(line), found);
      this.#passComma(text);
    }
    return [];
  }

  #goOn(open: OpenRecord, line: OddLine, found: Found[]): OddLine[] {
    const { text } = line;
    if (text === null) return this.#giveUp(found, [line]);
    if (text.trimStart().startsWith("{") && !open.scan.takesObject) return this.#giveUp(found, [line]);
    const end = open.scan.scan(text, 0);
    open.bytes += line.bytes + 1;
    const isTooMuch = open.bytes > this.#maxBytes || open.lines.length >= MAX_LINES_OF_RECORD;
    if (end === NO_OBJECT || isTooMuch) return this.#giveUp(found, [line]);
    if (end === GOES_ON) {
      if (open.scan.isInString || open.scan.depth > MAX_DEPTH_OVER_LINES) return this.#giveUp(found, [line]);
      open.lines.push(line);
      open.texts.push(text);
      return [];
    }
    const record = recordOf([...open.texts, text.slice(0, end)].join("\n"));
    const rest = record && readLine(text, end, behindRecord(this.#between));
    if (record === null || rest === null) return this.#giveUp(found, [line]);
    const first: Found = { kind: "record", line: open.lines[0]!.number, ...record };
    return this.#accept(rest, line, [first], found) ? [] : this.#giveUp(found, [line]);
  }

  /** Stores the records of an understood line, and the record that the line leaves open. False: the line leaves a
   * record open that may not stay open. */
  #accept(read: LineRead, line: OddLine, before: Found[], found: Found[]): boolean {
    const { goesOn } = read;
    if (goesOn !== null) {
      const isDeep = goesOn.scan.depth > MAX_DEPTH_OVER_LINES;
      if (isDeep || this.#rereadBytes > MAX_REREAD_BYTES) return false;
    }
    const { number } = line;
    const records = read.found.map((one): Found => ({ kind: "record", line: number, ...one }));
    found.push(...before, ...records);
    if (before.length + records.length === 0 && goesOn === null) found.push({ kind: "empty" });
    this.#between = read.between;
    this.#open = goesOn && {
      scan: goesOn.scan,
      lines: [line],
      texts: [(line.text ?? "").slice(goesOn.at)],
      bytes: line.bytes,
    };
    return true;
  }

  /** Gives up the open record. */
  #giveUp(found: Found[], and: OddLine[]): OddLine[] {
    const open = this.#open;
    if (open === null) return and;
    this.#open = null;
    const [first, ...others] = open.lines;
    const head = Buffer.from((open.texts[0] ?? "").slice(0, SAMPLE_CHARS));
    this.#malformed(first?.number ?? 0, "not_json", head, found);
    this.#passComma(first?.text ?? "");
    this.#rereadBytes += open.bytes;
    return [...others, ...and];
  }

  /** Records the comma at the end of a malformed line, as for a line of the same shape that is dropped before it is
   * parsed. Otherwise the result would depend on how the bytes of the file arrive. */
  #passComma(text: string): void {
    if (text.startsWith("{") && text.endsWith("},")) this.passed(true);
  }

  /** Records a malformed line. The malformed line takes the place of a record, so a comma may follow. */
  #malformed(line: number, reason: MalformedSample["reason"], head: Uint8Array, found: Found[]): void {
    found.push({ kind: "malformed", line, reason, head });
    this.#between = behindRecord(this.#between);
  }
}

function headOf({ text, head }: OddLine): Uint8Array {
  return head ?? Buffer.from((text ?? "").slice(0, SAMPLE_CHARS));
}

/** Why a raw line is no list of records. A line that gets here and begins with a brace is not JSON, because a JSON object
 * was already read as a record. */
function reasonOf(text: string): "not_json" | "not_an_object" {
  if (text.trimStart().startsWith("{")) return "not_json";
  try {
    JSON.parse(text);
    return "not_an_object";
  } catch {
    return "not_json";
  }
}
