// Defines what a format of the line is, and the layout of its fields. Contains no single format.

import type { ParseVersion } from "../../../contract/parse-spec.ts";
import { FIELD_COUNT, type Column } from "../column.ts";
import { NOTHING } from "../text.ts";

export const SEPARATOR = "\u0001";

/** The pieces of the line: a place for each field that a column prints, and one fixed piece for adjoining fields
 * that are always "-". */
export interface Layout {
  pieces: readonly string[];
  /** For each column: the places in the line that it fills. */
  slots: readonly (readonly number[])[];
}

export interface FormatVersion {
  columns: readonly Column[];
  layout: Layout;
}

export interface Format {
  /** What the format prints in each parse version. */
  versions: Readonly<Record<ParseVersion, FormatVersion>>;
  /** The fields that the vars FORMAT_FIELD_<n> set. */
  constants: readonly number[];
  /** True: the format prints the time between EdgeStartTimestamp and EdgeEndTimestamp. */
  readsEnd: boolean;
}

interface Declared {
  columns: Readonly<Record<ParseVersion, readonly Column[]>>;
  constants?: readonly number[];
  readsEnd?: boolean;
}

export function formatOf({ columns, constants = [], readsEnd = false }: Declared): Format {
  return { versions: { 1: laidOut(columns[1]), 2: laidOut(columns[2]) }, constants, readsEnd };
}

function laidOut(columns: readonly Column[]): FormatVersion {
  return { columns, layout: layOut(columns) };
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
