// One column of the partner line: its positions, what it reads and how it prints. A format is a list of columns. A
// field without a column is "-".

import type { LogRecord } from "./log-record.ts";
import type { Stamp } from "./stamp.ts";
import type { TextForm } from "./text-form.ts";

export const FIELD_COUNT = 145;

export type SourceField = keyof LogRecord;

/** What a line needs in addition to the record and its stamp. The formatter fills it before it prints the columns. */
export interface LineFacts {
  /** Seconds from the start to the end of the request, or "-". Set only for a format that reads the end. */
  elapsed: string;
  /** The constants of the run, by field number. A field that the deployment did not set is absent. They have the form
   * of the record's texts. */
  constants: Readonly<Record<number, string>>;
  /** The operations for the form of the record's texts. */
  texts: TextForm;
}

export type Print = (record: LogRecord, stamp: Stamp, facts: LineFacts) => string;

export interface Column {
  /** 1-based positions in the line. Several when the partner wants a value repeated. */
  at: readonly number[];
  /** The fields of the record that decide the value. A constant has none. */
  sources: readonly SourceField[];
  /** The rule, as the documents show it. */
  rule: string;
  /** The sources whose own text the value may contain: they can bring control characters into the line. */
  copies: readonly SourceField[];
  print: Print;
}

export function column(
  at: readonly number[],
  sources: readonly SourceField[],
  rule: string,
  copies: readonly SourceField[],
  print: Print,
): Column {
  return { at, sources, rule, copies, print };
}

export function constant(at: readonly number[], value: string): Column {
  return column(at, [], `\`${value}\``, [], () => value);
}

/** A column that prints the instant of the record. */
export function time(at: readonly number[], rule: string, print: Print): Column {
  return column(at, ["EdgeStartTimestamp"], rule, [], print);
}

/** A column that prints milliseconds as seconds. */
export function length(at: readonly number[], source: SourceField, print: Print): Column {
  return column(at, [source], "duration", [], print);
}

/** A column that prints the text of one field. */
export function copy(at: readonly number[], source: SourceField, print: Print, rule = "text"): Column {
  return column(at, [source], rule, [source], print);
}

/** A column that prints one of a few values that this format lists. */
export function mapped(
  at: readonly number[],
  sources: readonly SourceField[],
  rule: string,
  print: Print,
): Column {
  return column(at, sources, rule, [], print);
}

/** The columns of an older format with changes. A changed column takes its positions from the older columns. */
export function withColumns(older: readonly Column[], changed: readonly Column[]): readonly Column[] {
  const taken = new Set(changed.flatMap(({ at }) => at));
  const kept = older.map((one) => ({ ...one, at: one.at.filter((field) => !taken.has(field)) }));
  return [...kept.filter(({ at }) => at.length > 0), ...changed];
}
