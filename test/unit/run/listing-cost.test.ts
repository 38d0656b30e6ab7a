// How many lists a pass takes: each is billed, and each takes its time.
import { describe, expect, it } from "vitest";
import { MAX_LOOKED } from "../../../durable-objects/backfill-run/files/listing-pass.ts";
import { listAll } from "../../support/listing-driver.ts";
import { HOUR, LIMITS, MINUTE, START, byBytes, dayOf, specOf, stampOf } from "../../support/run-listing.ts";

const DAY = 24 * HOUR;
const WEEK = Date.parse("2026-04-20T00:00:00Z");
const PAGES = { limit: () => 1_000, atOnce: 5 };

function logs(count: number, everyMs: number, name: (from: number) => string): string[] {
  return Array.from({ length: count }, (_, n) => `logs/${name(WEEK + n * everyMs)}_${n.toString(16)}.log.gz`);
}

describe("a pass", () => {
  it("over 70,000 keys of seven days takes hardly more lists than pages of keys", () => {
    const keys = logs(70_000, (7 * DAY) / 70_000, (from) => `${dayOf(from)}/${stampOf(from)}`);
    const listed = listAll(keys, specOf(WEEK, WEEK + 7 * DAY - 1_000), LIMITS, PAGES);
    expect(listed.files).toHaveLength(70_000);
    expect(listed.pages).toBeLessThan(100);
  });

  it("over the same keys in hour folders takes one more for each folder", () => {
    const keys = logs(70_000, (7 * DAY) / 70_000, (from) => {
      const hour = String(new Date(from).getUTCHours()).padStart(2, "0");
      return `${dayOf(from)}/${hour}/${stampOf(from)}`;
    });
    const listed = listAll(keys, specOf(WEEK, WEEK + 7 * DAY - 1_000), LIMITS, PAGES);
    expect(listed.files).toHaveLength(70_000);
    expect(listed.pages).toBeLessThan(70 + 7 * 24);
  });

  it("over an hour of a bucket with years of day folders takes no more lists than over that of a week", () => {
    const keys = logs(1_500, -DAY, (from) => `${dayOf(from)}/${stampOf(from)}`);
    expect(listAll(keys, specOf(WEEK, WEEK + HOUR), LIMITS, PAGES).pages).toBeLessThan(20);
  });

  it("over an hour of flat names of years jumps over months, and asks no word", () => {
    const keys = logs(300_000, -5 * MINUTE, stampOf).toSorted(byBytes);
    const listed = listAll(keys, specOf(WEEK, WEEK + HOUR), LIMITS, PAGES);
    expect(listed.pages).toBeLessThan(60);
    expect(listed.named.size).toBe(0);
  });

  it("stops looking after so many pages, and still reads the folders that it did not come to", () => {
    const keys = Array.from({ length: 400 }, (_, n) => `logs/zone-${String(n).padStart(3, "0")}/`).flatMap(
      (folder) => Array.from({ length: 3 }, (_, n) => `${folder}${n}.txt`),
    );
    const behind = `logs/date=${dayOf(START)}/${stampOf(START)}_a.log.gz`;
    const listed = listAll([...keys, behind], specOf(START, START + HOUR), LIMITS, {
      limit: () => 2,
      atOnce: 5,
    });
    expect(listed.looked).toBe(MAX_LOOKED);
    // the walk itself did not come to its end
    expect(listed.named.get("not_looked_through")).toContain("logs/");
    expect(listed.files.map(({ key }) => key)).toEqual([behind]);
  });
});
