// Turns one record into one partner line. Owns the layout of the line and the final check for control characters.
// This file never drops a record and never throws, whatever the types of the record's values.

import { OLDEST_FORMAT } from "../../contract/line-formats.ts";
import type { ParseSpec } from "../../contract/parse-spec.ts";
import type { Column, LineFacts, SourceField } from "./column.ts";
import { secondsBetween } from "./duration.ts";
import { SEPARATOR, type Layout } from "./formats/format.ts";
import { FORMATS } from "./formats/formats.ts";
import type { LogRecord } from "./log-record.ts";
import { Stamps } from "./stamp.ts";
import { NOTHING, hasControl, text, withoutControls } from "./text.ts";
import { BINARY, DECODED } from "./text-form.ts";
import { toBinary } from "../utf8.ts";

/** The members of a specification that decide how a record is printed. */
export type FormatSpec = Pick<ParseSpec, "format" | "formatFields" | "parseVersion">;

export interface FormatOptions {
  /** False: the caller guarantees that no string of the record contains a control character. The line is then not
   * searched. */
  mayHoldControls?: boolean;
  /** The end of the request, in epoch milliseconds. Null: it is unreadable, or the format does not use it. */
  endMs?: number | null;
  /** Whether the texts of the record are binary strings. */
  isBinary?: boolean;
}

/** A formatter belongs to one file. It has the file's cache of stamps and the count of sanitized fields. */
export class LineFormatter {
  /** Source fields whose control characters were replaced by spaces, counted once per record. */
  sanitizedFields = 0;
  readonly #stamps = new Stamps();
  /** True: `format` needs the end of the request. */
  readonly readsEnd: boolean;
  readonly #columns: readonly Column[];
  readonly #slots: Layout["slots"];
  readonly #pieces: string[];
  readonly #decoded: LineFacts;
  readonly #binary: LineFacts;

  /** @throws Error for a format that this code does not contain. Without this error, the formatter would print
   * wrong lines. */
  constructor({ format = OLDEST_FORMAT, formatFields = {}, parseVersion = 1 }: FormatSpec) {
    if (!Object.hasOwn(FORMATS, format))
      throw new Error(`this deployment does not know the format ${format}`);
    const { versions, readsEnd } = FORMATS[format];
    const { columns, layout } = versions[parseVersion];
    this.readsEnd = readsEnd;
    this.#columns = columns;
    this.#slots = layout.slots;
    this.#pieces = [...layout.pieces];
    const constants = Object.entries(formatFields).map(([field, value]) => [field, toBinary(value)] as const);
    this.#decoded = { elapsed: NOTHING, constants: formatFields, texts: DECODED };
    this.#binary = { elapsed: NOTHING, constants: Object.fromEntries(constants), texts: BINARY };
  }

  /** `ms` is the record's instant. Null: it is unreadable. The line is a binary string if the record's texts are. */
  format(
    record: LogRecord,
    ms: number | null,
    { mayHoldControls = true, endMs = null, isBinary = false }: FormatOptions = {},
  ): string {
    const stamp = this.#stamps.of(ms);
    const pieces = this.#pieces;
    const columns = this.#columns;
    const allSlots = this.#slots;
    const facts = isBinary ? this.#binary : this.#decoded;
    if (this.readsEnd) facts.elapsed = secondsBetween(ms, endMs);
    for (let index = 0; index < columns.length; index += 1) {
      const value = columns[index]!.print(record, stamp, facts);
      const slots = allSlots[index]!;
      for (let n = 0; n < slots.length; n += 1) pieces[slots[n]!] = value;
    }
    if (mayHoldControls) this.#sanitize(record);
    return pieces.join(SEPARATOR);
  }

  #sanitize(record: LogRecord): void {
    let copied = "";
    const columns = this.#columns;
    const allSlots = this.#slots;
    for (let index = 0; index < columns.length; index += 1)
      if (columns[index]!.copies.length > 0) copied += this.#pieces[allSlots[index]![0]!]!;
    // Searches all copied values at once. A search per value would cost more than printing it.
    if (!hasControl(copied)) return;
    const fields = new Set<SourceField>();
    for (const [index, column] of columns.entries()) {
      const slots = allSlots[index]!;
      const value = this.#pieces[slots[0]!]!;
      if (!hasControl(value)) continue;
      for (const slot of slots) this.#pieces[slot] = withoutControls(value);
      const { copies } = column;
      for (const field of copies)
        if (copies.length === 1 || hasControl(text(record[field]))) fields.add(field);
    }
    this.sanitizedFields += fields.size;
  }
}
