// The format edge-3.0-2026-05: the line as the partner gets it from live workers since May 2026. It differs from
// edge-3.0 in four fields and in values of white space alone.

import { COUNTRY_OF_COLO_2026_05 } from "../colo-country.ts";
import { column, copy, mapped, withColumns, type Column } from "../column.ts";
import type { LogRecord } from "../log-record.ts";
import { NOTHING, text, textOrEmpty } from "../text.ts";
import type { TextForm } from "../text-form.ts";
import { EDGE_3_0_COLUMNS } from "./edge-3.0.ts";
import { formatOf } from "./format.ts";

/** The live workers count traffic from an unknown data centre as traffic from Singapore. */
const UNKNOWN_COUNTRY = "SG";

const CHANGED: readonly Column[] = [
  column(
    [6],
    ["EdgeStartTimestamp", "EdgeEndTimestamp"],
    "end minus start in seconds, 3 decimals; `-` when either is unreadable or the end is earlier",
    [],
    (_r, _stamp, facts) => facts.elapsed,
  ),
  copy(
    [11],
    "EdgeServerIP",
    (r, _stamp, { constants, texts }) =>
      hasText(r.EdgeServerIP, texts) ? text(r.EdgeServerIP) : (constants[11] ?? NOTHING),
    "text; else `FORMAT_FIELD_11`; else `-`",
  ),
  mapped(
    [45],
    ["EdgeColoCode"],
    `country of the data centre; else \`${UNKNOWN_COUNTRY}\``,
    (r, _stamp, { texts }) => countryOf(r, texts) ?? UNKNOWN_COUNTRY,
  ),
  column(
    [58],
    [],
    "`FORMAT_FIELD_58`; else `-`",
    [],
    (_r, _stamp, { constants }) => constants[58] ?? NOTHING,
  ),
];

const COLUMNS = withColumns(EDGE_3_0_COLUMNS, CHANGED).map(withoutBlank);

export const EDGE_3_0_2026_05 = formatOf({
  columns: { 1: COLUMNS, 2: COLUMNS },
  constants: [11, 58],
  readsEnd: true,
});

/** A copied value of white space and control characters alone is "-". */
function withoutBlank(one: Column): Column {
  if (one.copies.length === 0) return one;
  const { print } = one;
  return {
    ...one,
    print: (record, stamp, facts) => {
      const value = print(record, stamp, facts);
      return facts.texts.isBlank(value) ? NOTHING : value;
    },
  };
}

function hasText(value: unknown, texts: TextForm): boolean {
  return value !== undefined && value !== null && !(typeof value === "string" && texts.isBlank(value));
}

function countryOf({ EdgeColoCode: code }: LogRecord, texts: TextForm): string | undefined {
  const colo = textOrEmpty(code);
  return COUNTRY_OF_COLO_2026_05.get(colo) ?? COUNTRY_OF_COLO_2026_05.get(texts.upper(colo));
}
