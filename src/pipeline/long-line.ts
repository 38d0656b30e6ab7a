// Reads the records of a raw line longer than MAX_LINE_BYTES, which may be a JSON array without line ends. Owns at
// most one record's bytes. Finds the records one by one. The first fault makes the rest of the line malformed.

import { Buffer } from "node:buffer";
import { behindRecord, behindSign, recordOf, type Between, type Found } from "./record-list-text.ts";
import { GOES_ON, NO_OBJECT, ObjectScan } from "./object-scan.ts";
import type { MalformedSample } from "../contract/file-counts.ts";

const OPEN_BRACE = 123;
const HEAD_BYTES = 200;

type Reason = MalformedSample["reason"];

export class LongLine {
  between: Between;
  readonly #number: number;
  readonly #maxBytes: number;
  readonly #utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  #records = 0;
  #head: Buffer = Buffer.alloc(0);
  #fault: Reason | null = null;
  #scan: ObjectScan | null = null;
  /** The open record's bytes from earlier parts. */
  #carried: Buffer[] = [];
  #carriedBytes = 0;

  constructor(number: number, maxBytes: number, between: Between) {
    this.#number = number;
    this.#maxBytes = maxBytes;
    this.between = between;
  }

  take(part: Buffer, isLast: boolean): Found[] {
    const found: Found[] = [];
    if (this.#head.length === 0) this.#head = Buffer.from(part.subarray(0, HEAD_BYTES));
    if (this.#fault === null) this.#read(part, found);
    if (isLast && this.#scan !== null) this.#fail("not_json");
    if (isLast && (this.#fault !== null || this.#records === 0)) {
      // A line without any record is only called too long, whatever else is wrong with it.
      const reason = this.#records === 0 ? "too_long" : (this.#fault ?? "too_long");
      found.push({ kind: "malformed", line: this.#number, reason, head: this.#head });
    }
    return found;
  }

  #read(part: Buffer, found: Found[]): void {
    const map = part.toString("latin1");
    for (let at = 0; at < map.length;) {
      let start = 0;
      if (this.#scan === null) {
        const code = map.charCodeAt(at);
        if (code !== OPEN_BRACE) {
          const next = behindSign(this.between, code);
          if (next === null) return this.#fail("not_json", part.subarray(at));
          this.between = next;
          at += 1;
          continue;
        }
        this.#scan = new ObjectScan();
        start = at;
      }
      const end = this.#scan.scan(map, at);
      if (end === NO_OBJECT) return this.#fail("not_json", part.subarray(start));
      const bytes = part.subarray(start, end === GOES_ON ? part.length : end);
      if (this.#carriedBytes + bytes.length > this.#maxBytes) return this.#fail("too_long", bytes);
      if (end === GOES_ON) {
        this.#carried.push(Buffer.from(bytes));
        this.#carriedBytes += bytes.length;
        return;
      }
      const fault = this.#close(bytes, found);
      if (fault !== null) return this.#fail(fault, bytes);
      at = end;
    }
  }

  #close(bytes: Buffer, found: Found[]): Reason | null {
    const whole = this.#carriedBytes === 0 ? bytes : Buffer.concat([...this.#carried, bytes]);
    let text: string;
    try {
      text = this.#utf8.decode(whole);
    } catch {
      return "invalid_utf8";
    }
    const record = recordOf(text);
    if (record === null) return "not_json";
    found.push({ kind: "record", line: this.#number, ...record });
    this.#records += 1;
    this.#scan = null;
    this.#carried = [];
    this.#carriedBytes = 0;
    this.between = behindRecord(this.between);
    return null;
  }

  #fail(reason: Reason, at?: Buffer): void {
    this.#fault = reason;
    if (this.#records > 0) {
      const shown = this.#carried[0] ?? at;
      if (shown) this.#head = Buffer.from(shown.subarray(0, HEAD_BYTES));
    }
    this.#scan = null;
    this.#carried = [];
    this.#carriedBytes = 0;
  }
}
