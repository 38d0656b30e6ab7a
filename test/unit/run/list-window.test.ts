// A window listed within one request: the files that a run would list, in few pages, and never beyond its bounds.
import { describe, expect, it } from "vitest";
import { listWindow } from "../../../src/listing/list-window.ts";
import {
  LIMITS,
  HOUR,
  MINUTE,
  START,
  byBytes,
  dayOf,
  listPage,
  specOf,
  stampOf,
} from "../../support/run-listing.ts";
import { listFully } from "../../support/listing-driver.ts";

const HOURS = 24;
/** Files of one day, evenly spread. */
function dayOfFiles(count: number): string[] {
  const midnight = START - (START % 86_400_000);
  return Array.from({ length: count }, (_, n) => {
    const from = midnight + Math.floor((n * HOURS * HOUR) / count);
    return `logs/${dayOf(from)}/${stampOf(from)}_${stampOf(from + 30_000)}_${n}.log.gz`;
  }).toSorted(byBytes);
}
const spec = specOf(START, START + HOUR);

async function listedBy(keys: string[], over: { maxPages?: number; limit?: number; fails?: number } = {}) {
  let pages = 0;
  let open = 0;
  let most = 0;
  const listing = await listWindow(
    spec,
    LIMITS,
    async (task) => {
      const page = (pages += 1);
      most = Math.max(most, (open += 1));
      await Promise.resolve();
      open -= 1;
      if (page === over.fails) throw new Error("R2 failed");
      return listPage(keys, task, over.limit ?? 1_000);
    },
    { maxPages: over.maxPages ?? 150, until: 1, now: () => 0 },
  );
  return { ...listing, most };
}

describe("a window listed at once", () => {
  it("has the files of a run's listing, in at most 40 pages for a day of 10,000 files", async () => {
    const keys = dayOfFiles(10_000);
    const { files, pages, isComplete, most } = await listedBy(keys);
    const run = listFully(keys, spec, LIMITS, { limit: () => 1_000 });
    expect(files.map(({ key }) => key).toSorted(byBytes)).toEqual(
      run.files.map(({ key }) => key).toSorted(byBytes),
    );
    expect(files.length).toBeGreaterThan(417);
    expect(isComplete).toBe(true);
    expect(pages).toBeLessThanOrEqual(40);
    expect(most).toBeLessThanOrEqual(5);
  });

  it("looks farther back for files with long ranges, as a run does", async () => {
    const long = `logs/${dayOf(START - 20 * HOUR)}/${stampOf(START - 20 * HOUR)}_${stampOf(START + MINUTE)}_long.log.gz`;
    const longer = `logs/${dayOf(START, -2)}/${stampOf(START - 44 * HOUR)}_${stampOf(START + MINUTE)}_longer.log.gz`;
    const { files } = await listedBy([long, longer].toSorted(byBytes));
    const run = listFully([long, longer], spec, LIMITS, { limit: () => 1_000 });
    expect(files.map(({ key }) => key).toSorted()).toEqual(run.files.map(({ key }) => key).toSorted());
  });

  it.each([1, 3, 7])("is incomplete after %i pages when no more are allowed", async (maxPages) => {
    const { pages, isComplete } = await listedBy(dayOfFiles(2_000), { maxPages, limit: 100 });
    expect([pages, isComplete]).toEqual([maxPages, false]);
  });

  it.each([1, 2, 5])("is incomplete when page %i fails", async (fails) => {
    const { isComplete } = await listedBy(dayOfFiles(2_000), { fails, limit: 100 });
    expect(isComplete).toBe(false);
  });
});
