// Compares docs/internals/constants.md with the code: each file of the table must declare the constant with the shown
// value.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { codes, document, tableRows } from "./markdown.ts";
import { DAY_MS } from "../../../src/contract/time-units.ts";

const UNITS: Readonly<Record<string, number>> = { "": 1, ms: 1, s: 1_000, min: 60_000, h: 3_600_000, MiB: 1_048_576 }; // prettier-ignore

/** "10 min" → 600000. */
function valueOf(text: string): number {
  const [, number = "", unit = ""] = /^([\d,]+) ?([a-zA-Z]*)$/.exec(text) ?? [];
  return Number(number.replaceAll(",", "")) * (UNITS[unit] ?? Number.NaN);
}

/** The product that a declaration writes (`5 * 60_000`). Null when the file does not declare the constant. */
function declared(file: string, name: string): number | null {
  const found = new RegExp(`^(?:export )?const ${name} = ([\\d_ *]+);`, "m").exec(
    readFileSync(file, "utf8").replaceAll("= DAY_MS", `= ${DAY_MS}`),
  );
  if (found?.[1] === undefined) return null;
  return found[1].split("*").reduce((product, factor) => product * Number(factor.trim().replaceAll("_", "")), 1); // prettier-ignore
}

const rows = tableRows(document("docs/internals/constants.md")).map(([name = "", value = "", file = ""]) => ({
  name: codes(name)[0] ?? "",
  value,
  file: codes(file)[0] ?? "",
}));

it.each(rows)("shows $name as $file declares it", ({ name, value, file }) => {
  expect(declared(file, name)).toBe(valueOf(value));
});
