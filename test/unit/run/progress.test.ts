// Tests how much of a run is settled, and how long the remaining work takes.
import { describe, expect, it } from "vitest";
import type { Stage } from "../../../src/contract/states.ts";
import {
  etaSeconds,
  expectedLines,
  progressOf,
} from "../../../durable-objects/backfill-run/stage/progress.ts";
import { totalsOf } from "../../support/run-facts.ts";

const at = (stage: Stage) => ({ stage, reason: null });
const HALF = {
  files_closed: 1,
  files_open: 1,
  files_listed: 2,
  kept: 1_000,
  lines_done: 500,
  lines_pending: 500,
};

describe("the progress", () => {
  it("counts a file that is not parsed yet as an average file", () => {
    expect(progressOf(totalsOf(HALF), at("sending"), true)).toBe(0.25);
  });

  it("counts discarded lines as settled", () => {
    const totals = totalsOf({ ...HALF, lines_discarded: 500, lines_pending: 0 });
    expect(progressOf(totals, at("sending"), true)).toBe(0.5);
  });

  it.each([
    [true, 0.999],
    [false, 0.99],
  ])("stays below 1 until delivery, when the listing is final: %s", (listingFinal, most) => {
    const totals = totalsOf({ files_closed: 1, kept: 100, lines_done: 100 });
    expect(progressOf(totals, at("sending"), listingFinal)).toBe(most);
    expect(progressOf(totals, at("sent_waiting_cleanup"), listingFinal)).toBe(1);
  });

  it("is 0 while nothing is known", () => {
    expect(progressOf(totalsOf({}), at("scanning_and_queueing"), false)).toBe(0);
  });
});

describe("the expected lines", () => {
  it("count a file that is not parsed yet as an average file, and are exact when all are parsed", () => {
    expect(expectedLines(totalsOf(HALF))).toBe(2_000);
    expect(expectedLines(totalsOf({ ...HALF, files_listed: 0 }))).toBe(1_000);
    expect(expectedLines(totalsOf({ files_listed: 3 }))).toBeNull();
  });
});

describe("the forecast", () => {
  it("includes the files that are not parsed yet", () => {
    expect(etaSeconds(totalsOf(HALF), at("scanning_and_queueing"), 100)).toBe(15);
  });

  it("is missing without a rate, without a parsed file, and while the run does not send", () => {
    expect(etaSeconds(totalsOf(HALF), at("sending"), 0)).toBeNull();
    expect(etaSeconds(totalsOf({ files_listed: 3 }), at("sending"), 100)).toBeNull();
    expect(etaSeconds(totalsOf(HALF), at("suspended"), 100)).toBeNull();
  });

  it("is 0 after delivery", () => {
    expect(etaSeconds(totalsOf(HALF), at("cleaned"), 0)).toBe(0);
  });
});
