// Turns one record into one partner line. Owns the layout of the line and the final check for control characters.
// This file never drops a record and never throws, whatever the types of the record's values.

import type { ParseVersion } from "../../contract/parse-spec.ts";
import { COLUMNS_BY_VERSION, FIELD_COUNT, type Column, type SourceField } from "./columns.ts";
import type { LogRecord } from "./log-record.ts";
import { Stamps } from "./stamp.ts";
import { NOTHING, hasControl, text, withoutControls } from "./text.ts";

const SEPARATOR = "\u0001";

/** The pieces of the line: a slot for each field that a column prints, and one fixed piece for adjoining fields
 * that are always "-". */
interface Layout {
  pieces: string[];
  /** For each column, the slots that it fills. */
  slots: number[][];
}

function layOut(columns: readonly Column[]): Layout {
  const columnAt = new Map(
    columns.flatMap((column, index) => column.at.map((field) => [field, index] as const)),
  );
  const pieces: string[] = [];
  const slots = columns.map((): number[] => []);
  let run: string[] = [];
  for (let field = 1; field <= FIELD_COUNT; field += 1) {
    const column = columnAt.get(field);
    if (column === undefined) {
      run.push(NOTHING);
      continue;
    }
    if (run.length > 0) pieces.push(run.join(SEPARATOR));
    run = [];
    slots[column]!.push(pieces.length);
    pieces.push("");
  }
  // The line end is part of the last fixed piece, so that it costs no concatenation for each line.
  pieces.push(`${run.join(SEPARATOR)}\n`);
  return { pieces, slots };
}

/** The versions differ in what a column prints, never in its position. */
const LAYOUT = layOut(COLUMNS_BY_VERSION[1]);

/** A formatter belongs to one file. It holds the file's cache of stamps and the count of sanitized fields. */
export class LineFormatter {
  /** Source fields whose control characters were replaced by spaces, counted once per record. */
  sanitizedFields = 0;
  readonly #stamps = new Stamps();
  readonly #pieces = [...LAYOUT.pieces];
  readonly #columns: readonly Column[];

  constructor(version: ParseVersion) {
    this.#columns = COLUMNS_BY_VERSION[version];
  }

  /** `ms` is the record's instant, or null when the instant is unreadable. With `mayHoldControls: false` the
   * caller guarantees that no string of the record holds a control character. The line is then not searched. */
  format(record: LogRecord, ms: number | null, mayHoldControls = true): string {
    const stamp = this.#stamps.of(ms);
    const pieces = this.#pieces;
    const columns = this.#columns;
    for (let index = 0; index < columns.length; index += 1) {
      const value = columns[index]!.print(record, stamp);
      const slots = LAYOUT.slots[index]!;
      for (let n = 0; n < slots.length; n += 1) pieces[slots[n]!] = value;
    }
    if (mayHoldControls) this.#sanitize(record);
    return pieces.join(SEPARATOR);
  }

  #sanitize(record: LogRecord): void {
    let copied = "";
    const columns = this.#columns;
    for (let index = 0; index < columns.length; index += 1)
      if (columns[index]!.copies.length > 0) copied += this.#pieces[LAYOUT.slots[index]![0]!]!;
    // Searches all copied values at once. A search per value would cost more than printing it.
    if (!hasControl(copied)) return;
    const fields = new Set<SourceField>();
    for (const [index, column] of columns.entries()) {
      const slots = LAYOUT.slots[index]!;
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
