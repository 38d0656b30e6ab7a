// One record → one partner line. Owns the layout of the line and the last look for control characters;
// never drops a record and never throws, whatever the types of its values.

import type { ParseVersion } from "../../contract/parse-spec.ts";
import { COLUMNS_BY_VERSION, FIELD_COUNT, type Column, type SourceField } from "./columns.ts";
import type { LogRecord } from "./log-record.ts";
import { Stamps } from "./stamp.ts";
import { NOTHING, hasControl, text, withoutControls } from "./text.ts";

const SEPARATOR = "\u0001";

/** The line in pieces: a slot for each field that a column prints, and one ready-made piece for each run of "-". */
interface Layout {
  pieces: string[];
  /** For each column, the slots it fills. */
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
  // The line's end belongs to the last run, so that it costs no concatenation.
  pieces.push(`${run.join(SEPARATOR)}\n`);
  return { pieces, slots };
}

/** The versions differ in what a column prints, never in where. */
const LAYOUT = layOut(COLUMNS_BY_VERSION[1]);

/** Belongs to one file: holds its cache of stamps and its count of sanitized fields. */
export class LineFormatter {
  /** Source fields, once per record, whose control characters were replaced by spaces in the line. */
  sanitizedFields = 0;
  readonly #stamps = new Stamps();
  readonly #pieces = [...LAYOUT.pieces];
  readonly #columns: readonly Column[];

  constructor(version: ParseVersion) {
    this.#columns = COLUMNS_BY_VERSION[version];
  }

  /**
   * `ms` is the record's instant, null when it has none that can be read. `mayHoldControls: false` is the caller's word
   * that no string of the record holds a control character: then nothing is looked through.
   */
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
    // One look at all copied values: a look at each would cost more than printing it.
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
