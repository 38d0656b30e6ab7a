// Makes the tables of the partner line's fields for the documents.
import { OLDEST_FORMAT, type LineFormat } from "../../src/contract/line-formats.ts";
import { CURRENT_PARSE_VERSION } from "../../src/contract/parse-spec.ts";
import type { Column } from "../../src/pipeline/transform/column.ts";
import { FORMATS } from "../../src/pipeline/transform/formats/formats.ts";
import { markdownTable } from "./markdown-table.ts";

/** All fields of the oldest format. */
export function fieldsTable(): string {
  return markdownTable([
    ["field", "source", "rule"],
    ...columnsOf(OLDEST_FORMAT).map(({ at, sources, rule }) => [at.join(", "), sources.join(", "), rule]),
    ["all others", "", "`-`"],
  ]);
}

/** The fields of the other formats whose source or rule differs from the oldest format. */
export function formatsTable(): string {
  const older = fieldsOf(OLDEST_FORMAT);
  const rows = Object.keys(FORMATS).flatMap((format) =>
    [...fieldsOf(format as LineFormat)]
      .filter(([field, one]) => older.get(field)?.rule !== one.rule)
      .toSorted(([a], [b]) => a - b)
      .map(([field, { sources, rule }]) => [`\`${format}\``, String(field), sources.join(", "), rule]),
  );
  return markdownTable([["format", "field", "source", "rule"], ...rows]);
}

function fieldsOf(format: LineFormat): Map<number, Column> {
  return new Map(columnsOf(format).flatMap((one) => one.at.map((field) => [field, one] as const)));
}

function columnsOf(format: LineFormat): readonly Column[] {
  return FORMATS[format].versions[CURRENT_PARSE_VERSION].columns;
}
