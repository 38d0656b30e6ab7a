// Makes the table of the partner line's fields for the documents.
import { COLUMNS_BY_VERSION } from "../../src/pipeline/transform/columns.ts";
import { markdownTable } from "./markdown-table.ts";

export function fieldsTable(): string {
  const rows = COLUMNS_BY_VERSION[2].map(({ at, sources, rule }) => [
    at.join(", "),
    sources.join(", "),
    rule,
  ]);
  return markdownTable([["field", "source", "rule"], ...rows, ["all others", "", "`-`"]]);
}
