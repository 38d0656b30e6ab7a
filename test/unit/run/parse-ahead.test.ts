// How many files are parsed at once, from the start of a run on.
import { describe, expect, it } from "vitest";
import { PARSE_AHEAD_FILES, mostAhead } from "../../../durable-objects/backfill-run/clock/parse-ahead.ts";
import { BATCH_STATES, FILE_STATES } from "../../../src/contract/states.ts";
import type { Totals } from "../../../durable-objects/backfill-run/ledger/totals.ts";

const NAMES = [
  ...FILE_STATES.map((state) => `files_${state}`),
  ...BATCH_STATES.map((state) => `batches_${state}`),
];
const totals = (over: Partial<Totals>): Totals =>
  ({ ...Object.fromEntries(NAMES.map((name) => [name, 0])), ...over }) as Totals;
const YOUNG = { isDry: false, ageMs: 0 };

describe("a young run without a batch", () => {
  it("parses one file", () => {
    expect(mostAhead(totals({ files_listed: 500 }), YOUNG)).toBe(1);
    expect(mostAhead(totals({ files_listed: 499, files_parsing: 1 }), YOUNG)).toBe(1);
  });

  it.each([
    [1, 2],
    [3, 4],
    [5, 6],
    [90, 6],
  ])("parses more files for each file without a line of the window (%i: %i)", (closed, most) => {
    expect(mostAhead(totals({ files_listed: 500, files_closed: closed }), YOUNG)).toBe(most);
  });

  it("waits for the first file no longer than 15 s", () => {
    expect(mostAhead(totals({ files_parsing: 1 }), { isDry: false, ageMs: 14_999 })).toBe(1);
    expect(mostAhead(totals({ files_parsing: 1 }), { isDry: false, ageMs: 15_000 })).toBe(PARSE_AHEAD_FILES);
  });

  it("waits for nothing when the clock was set back", () => {
    expect(mostAhead(totals({}), { isDry: false, ageMs: -1 })).toBe(PARSE_AHEAD_FILES);
  });
});

describe("a run that may keep all parsers busy", () => {
  it.each(BATCH_STATES)("has a batch that is %s", (state) => {
    expect(mostAhead(totals({ [`batches_${state}`]: 1 }), YOUNG)).toBe(PARSE_AHEAD_FILES);
  });

  it("is a dry run", () => {
    expect(mostAhead(totals({}), { isDry: true, ageMs: 0 })).toBe(PARSE_AHEAD_FILES);
  });
});
