// Finds the records of a file by the rules of docs/reference/inputs.md, for parse version 2. The differential test
// compares the pipeline with this file. This file reads all lines at once, scans them repeatedly, and shares no
// code with src/pipeline.
import { Buffer } from "node:buffer";

/** The text of a record, or the kind of a line without a record. */
export type Item = { text: string } | "malformed" | "empty";

interface Signs {
  inArray: boolean;
  last: "start" | "record" | "comma";
  repaired: number;
}

const MAX_LINES = 1_000;
const MAX_DEPTH = 32;
const MAX_AGAIN = 16 * 1024 * 1024;
const TOKEN = /"(?:[^"\\]|\\[^])*"|["{}[\]]/g;

/** The JSON object at the beginning of `text`: complete, or not yet closed at the end of the text. Null: the text
 * does not begin with an object. */
function objectIn(text: string): { whole: string } | { depth: number; inner: string } | null {
  let open = "";
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (token === '"') return null;
    if (token === "{" || token === "[") open += token;
    if (token !== "}" && token !== "]") continue;
    if (open.at(-1) !== (token === "}" ? "{" : "[")) return null;
    open = open.slice(0, -1);
    if (open === "") return { whole: text.slice(0, index + 1) };
  }
  return { depth: open.length, inner: open.at(-1) ?? "" };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The state after one separator between records. Null: this separator is not allowed here. */
function sign(char: string, signs: Signs): Signs | null {
  if ("\t\n\r \u001e".includes(char)) return signs;
  const { inArray, last, repaired } = signs;
  if (char === "," && last !== "comma")
    return { inArray, last: "comma", repaired: repaired + (inArray && last === "record" ? 0 : 1) };
  if (char === "[" && !inArray) return { inArray: true, last: "start", repaired };
  if (char === "]" && inArray)
    return { inArray: false, last: "record", repaired: repaired + (last === "comma" ? 1 : 0) };
  return null;
}

/** The records of one line, and the JSON object that is not yet closed at its end. Null when a part of the line
 * cannot be understood. */
function lineOf(text: string, before: Signs): { texts: string[]; signs: Signs; open: string | null } | null {
  const texts: string[] = [];
  let signs = before;
  for (let rest = text; rest !== "";) {
    if (!rest.startsWith("{")) {
      const next = sign(rest[0]!, signs);
      if (next === null) return null;
      signs = next;
      rest = rest.slice(1);
      continue;
    }
    const object = objectIn(rest);
    if (object === null) return null;
    if (!("whole" in object)) return { texts, signs, open: rest };
    if (!isJson(object.whole)) return null;
    texts.push(object.whole);
    signs = { ...signs, last: "record" };
    rest = rest.slice(object.whole.length);
  }
  return { texts, signs, open: null };
}

function textOf(bytes: Buffer): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

export class ListFile {
  readonly items: Item[] = [];
  #signs: Signs = { inArray: false, last: "start", repaired: 0 };
  readonly #lines: Buffer[];
  readonly #maxBytes: number;
  #again = 0;

  /** `lines` are lines without their LF. A CR at the end of a line is removed. */
  constructor(lines: Buffer[], maxBytes: number) {
    this.#lines = lines.map((line) => (line.at(-1) === 13 ? line.subarray(0, -1) : line));
    this.#maxBytes = maxBytes;
    for (let at = 0; at < this.#lines.length;) at = this.#read(at);
  }

  get repaired(): number {
    return this.#signs.repaired;
  }

  /** Reads the line at index `at`. Returns the index of the next line to read. */
  #read(at: number): number {
    const bytes = this.#lines[at]!;
    if (bytes.every((byte) => byte === 13)) return this.#empty(at);
    if (bytes.length > this.#maxBytes) return this.#long(at);
    const text = textOf(bytes);
    const line =
      text === null || (text.trim() === "" && !this.#signs.inArray) ? null : lineOf(text, this.#signs);
    if (line === null || !this.#mayOpen(line.open)) return this.#malformed(at, text);
    this.#signs = line.signs;
    if (line.open !== null) return this.#openFrom(at, line.texts, line.open);
    if (line.texts.length === 0) return this.#empty(at);
    this.items.push(...line.texts.map((one) => ({ text: one })));
    return at + 1;
  }

  #mayOpen(open: string | null): boolean {
    if (open === null) return true;
    const object = objectIn(open);
    return object !== null && !("whole" in object) && object.depth <= MAX_DEPTH && this.#again <= MAX_AGAIN;
  }

  #empty(at: number): number {
    this.items.push("empty");
    return at + 1;
  }

  #malformed(at: number, text: string | null): number {
    this.items.push("malformed");
    this.#signs = { ...this.#signs, last: "record" };
    this.#passComma(text);
    return at + 1;
  }

  /** Reads to its end a record that continues after the line `first`. If the record has no end, counts the line
   * `first` as malformed. */
  #openFrom(first: number, before: string[], begin: string): number {
    this.items.push(...before.map((one) => ({ text: one })));
    let joined = begin;
    let bytes = this.#lines[first]!.length;
    let lines = 1;
    let empties = 0;
    let at = first + 1;
    for (; at < this.#lines.length; at += 1) {
      const raw = this.#lines[at]!;
      if (raw.every((byte) => byte === 13)) {
        empties += 1;
        continue;
      }
      if (raw.length > this.#maxBytes) break;
      const text = textOf(raw);
      if (text === null) break;
      const object = objectIn(joined);
      const last = joined.trimEnd().at(-1) ?? "";
      const inner = object !== null && !("whole" in object) ? object.inner : "";
      const takesObject = last === ":" || last === "[" || (last === "," && inner === "[");
      if (text.trimStart().startsWith("{") && !takesObject) break;
      const longer = `${joined}\n${text}`;
      const found = objectIn(longer);
      bytes += raw.length + 1;
      if (found === null || bytes > this.#maxBytes || lines >= MAX_LINES) break;
      if (!("whole" in found)) {
        if (found.depth > MAX_DEPTH) break;
        joined = longer;
        lines += 1;
        continue;
      }
      const rest = lineOf(longer.slice(found.whole.length), { ...this.#signs, last: "record" });
      if (!isJson(found.whole) || rest === null || !this.#mayOpen(rest.open)) break;
      for (; empties > 0; empties -= 1) this.items.push("empty");
      this.#signs = rest.signs;
      this.items.push(...[found.whole, ...rest.texts].map((one) => ({ text: one })));
      return rest.open === null ? at + 1 : this.#openFrom(at, [], rest.open);
    }
    this.#again += bytes;
    this.items.push("malformed");
    this.#signs = { ...this.#signs, last: "record" };
    this.#passComma(textOf(this.#lines[first]!));
    return first + 1;
  }

  /** A malformed line that looks like a record with a comma is followed by a comma. */
  #passComma(text: string | null): void {
    if (text !== null && /^\{[^]*\},$/.test(text)) this.#signs = sign(",", this.#signs)!;
  }

  #long(at: number): number {
    let rest = this.#lines[at]!.toString("latin1");
    let records = 0;
    while (rest !== "") {
      if (rest.startsWith("{")) {
        const object = objectIn(rest);
        const whole = object !== null && "whole" in object ? object.whole : null;
        const text = whole === null || whole.length > this.#maxBytes ? null : textOf(Buffer.from(whole, "latin1"));
        if (whole === null || text === null || !isJson(text)) break;
        this.items.push({ text });
        records += 1;
        this.#signs = { ...this.#signs, last: "record" };
        rest = rest.slice(whole.length);
        continue;
      } // prettier-ignore
      const next = sign(rest[0]!, this.#signs);
      if (next === null) break;
      this.#signs = next;
      rest = rest.slice(1);
    }
    if (rest !== "" || records === 0) this.items.push("malformed");
    return at + 1;
  }
}
