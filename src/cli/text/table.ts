// Writes tables and lists of facts as plain text. Control characters are removed from every cell.
import { safe } from "./safe-text.ts";
import { cutTo, padTo, widthOf } from "./width.ts";

export type Cell = string | number | null;

const GAP = "  ";
/** A last column that is narrower than this would show too little. If the terminal leaves less room than this for
 * the last column, lines may be longer than the terminal. */
const LAST_MIN = 12;

/** `columns` is the width of the terminal. The last cell of a line is cut to fit. Null: no line is cut. Numbers are
 * aligned on the right. */
export function table(
  headings: readonly string[],
  rows: readonly (readonly Cell[])[],
  columns: number | null,
): string[] {
  const texts = [headings, ...rows.map((row) => row.map(cellText))];
  const last = headings.length - 1;
  const widths = headings.map((_, column) => Math.max(...texts.map((row) => widthOf(row[column] ?? ""))));
  const isNumber = headings.map((_, column) => rows.some((row) => typeof row[column] === "number"));
  const before = widths.slice(0, last).reduce((sum, width) => sum + width + GAP.length, 0);
  return texts.map((row) =>
    row
      .map((text, column) => {
        const width = widths[column] ?? 0;
        if (isNumber[column]) return " ".repeat(width - widthOf(text)) + text;
        if (column < last) return padTo(text, width);
        return columns === null || columns - before < LAST_MIN ? text : cutTo(text, columns - before);
      })
      .join(GAP)
      .trimEnd(),
  );
}

/** Names on the left, values on the right. A fact without a value is left out. */
export function facts(pairs: readonly (readonly [name: string, value: Cell | undefined])[]): string[] {
  const shown = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
  const width = Math.max(0, ...shown.map(([name]) => widthOf(name)));
  return shown.map(([name, value]) => `${padTo(name, width)}${GAP}${cellText(value ?? null)}`);
}

function cellText(cell: Cell): string {
  if (cell === null) return "–";
  return safe(typeof cell === "number" ? cell.toLocaleString("en-US") : cell);
}
