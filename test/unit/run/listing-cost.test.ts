// The number of lists of a listing pass. Each list is billed and takes time.
import { describe, expect, it } from "vitest";
import { MAX_LOOKED } from "../../../src/listing/pass.ts";
import { listAll } from "../../support/listing-driver.ts";
import { HOUR, LIMITS, MINUTE, START, byBytes, dayOf, specOf, stampOf } from "../../support/run-listing.ts";

const DAY = 24 * HOUR;
const WEEK = Date.parse("2026-04-20T00:00:00Z");
const PAGES = { limit: () => 1_000, atOnce: 5 };

function logs(count: number, everyMs: number, name: (from: number) => string): string[] {
  return Array.from({ length: count }, (_, n) => `logs/${name(WEEK + n * everyMs)}_${n.toString(16)}.log.gz`);
}

describe("a listing pass", () => {
  it("takes hardly more lists than pages over 70,000 keys of seven days", () => {
    const keys = logs(70_000, (7 * DAY) / 70_000, (from) => `${dayOf(from)}/${stampOf(from)}`);
    const listed = listAll(keys, specOf(WEEK, WEEK + 7 * DAY - 1_000), LIMITS, PAGES);
    expect(listed.files).toHaveLength(70_000);
    expect(listed.pages).toBeLessThan(100);
  });

  it("takes one more list for each hour folder over the same keys", () => {
    const keys = logs(70_000, (7 * DAY) / 70_000, (from) => {
      const hour = String(new Date(from).getUTCHours()).padStart(2, "0");
      return `${dayOf(from)}/${hour}/${stampOf(from)}`;
    });
    const listed = listAll(keys, specOf(WEEK, WEEK + 7 * DAY - 1_000), LIMITS, PAGES);
    expect(listed.files).toHaveLength(70_000);
    expect(listed.pages).toBeLessThan(70 + 7 * 24);
  });

  it("takes no more lists in a bucket with years of day folders than in one of a week", () => {
    const keys = logs(1_500, -DAY, (from) => `${dayOf(from)}/${stampOf(from)}`);
    expect(listAll(keys, specOf(WEEK, WEEK + HOUR), LIMITS, PAGES).pages).toBeLessThan(20);
  });

  it("skips months of flat names without reading them", () => {
    const keys = logs(300_000, -5 * MINUTE, stampOf).toSorted(byBytes);
    const listed = listAll(keys, specOf(WEEK, WEEK + HOUR), LIMITS, PAGES);
    expect(listed.pages).toBeLessThan(60);
    expect(listed.named.size).toBe(0);
  });

  it("stops searching folders after a number of pages, names the rest, and still reads day folders", () => {
    const keys = Array.from({ length: 400 }, (_, n) => `logs/zone-${String(n).padStart(3, "0")}/`).flatMap(
      (folder) => Array.from({ length: 3 }, (_, n) => `${folder}${n}.txt`),
    );
    const behind = `logs/date=${dayOf(START)}/${stampOf(START)}_a.log.gz`;
    const listed = listAll([...keys, behind], specOf(START, START + HOUR), LIMITS, {
      limit: () => 2,
      atOnce: 5,
    });
    expect(listed.looked).toBe(MAX_LOOKED);
    // The walk itself did not finish.
    expect(listed.named.get("not_looked_through")).toContain("logs/");
    expect(listed.files.map(({ key }) => key)).toEqual([behind]);
  });
});
