// The comparison of the demo and the stack tests must find every kind of disagreement. Otherwise its success proves
// nothing.
import { expect, test } from "vitest";
import { compare, type Ledger } from "../../local/demo/compare.ts";
import { emptyTruth } from "../../local/generate/truth.ts";
import { Tally } from "../../local/receiver/tally.ts";

const LOGS = [
  { ...emptyTruth("a"), lines: 4, kept: 2, kept_ray_ids: ["r1", "r2"], dropped: dropped(1, 0, 1) },
];

function dropped(notTopLevel: number, invalidTimestamp: number, outsideWindow: number) {
  return { not_top_level: notTopLevel, invalid_timestamp: invalidTimestamp, outside_window: outsideWindow };
}

function ledger(change: Partial<Ledger> = {}): Ledger {
  return {
    files: { closed: 1 },
    lines: { read: 4, kept: 2, malformed: 0, dropped: dropped(1, 0, 1) },
    log_lines_sent: 2,
    duplicate_lines: 0,
    possible_duplicate_lines: 0,
    ...change,
  };
}

function received(...rayIds: string[]) {
  const tally = new Tally();
  tally.accepted(tally.began(0), rayIds);
  return { stats: tally.stats(), rayIds: tally.rayIds };
}

function disagreements(status: Ledger, got: ReturnType<typeof received>): string[] {
  return compare(LOGS, status, got)
    .rows.filter((row) => !row.agrees)
    .map((row) => row.what);
}

test("agrees when three accounts are equal", () => {
  expect(disagreements(ledger(), received("r2", "r1"))).toEqual([]);
});

test.each([
  ["a lost line", ledger(), received("r1"), ["lines sent", "distinct RayIDs", "missing at the receiver"]],
  [
    "a line that was not sent",
    ledger(),
    received("r1", "r2", "x"),
    ["distinct RayIDs", "never in the logs", "received again"],
  ],
  ["a line sent twice in silence", ledger(), received("r1", "r2", "r2"), ["received again"]],
  [
    "a line swapped for another",
    ledger(),
    received("r1", "r1"),
    ["lines sent", "distinct RayIDs", "missing at the receiver", "received again"],
  ],
  [
    "a ledger that counts another number",
    ledger({ log_lines_sent: 3 }),
    received("r1", "r2"),
    ["lines sent"],
  ],
])("disagrees on %s", (_, status, got, rows) => {
  expect(disagreements(status, got)).toEqual(rows);
});

test("agrees on a repeated line when the ledger names as many", () => {
  expect(disagreements(ledger({ possible_duplicate_lines: 1 }), received("r1", "r2", "r2"))).toEqual([]);
});
