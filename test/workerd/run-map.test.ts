// GET /runs/:id/map of a run with rows: what it shows after each change, and how much one call reads.
import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ListQuery } from "../../src/contract/run.ts";
import type { RunMapView } from "../../src/contract/run-map.ts";
import { countRows } from "../support/count-rows.ts";
import { addBatches } from "../support/many-rows.ts";
import { RunUnderTest, WINDOW_START } from "../support/run-under-test.ts";
import { OK, opened, permitOf, reportOutcome, sendAll } from "../support/run-work.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
const WEEK_FILES = 70_000;

/** Asks until the map is complete. Returns it with the number of calls. */
async function mapped(): Promise<{ map: RunMapView; calls: number }> {
  for (let calls = 1; calls <= 100; calls++) {
    const answer = await run.api.map();
    if (!answer.ok) throw new Error(answer.detail);
    if (answer.map !== null) return { map: answer.map, calls };
  }
  throw new Error("the map has no end");
}

/** Adds files of one state, spread over the hour of the run. */
function addFiles(count: number): Promise<void> {
  return runInDurableObject(run.stub, (_object, { storage: { sql } }) => {
    sql.exec(
      `INSERT INTO files (file, key, size, etag, uploaded_at, range_start, range_end, state)
       WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?)
       SELECT (SELECT next_file FROM run) + i, 'many-' || i, 1, 'etag', 1,
         ? + (i % 12) * 300000, ? + (i % 12 + 1) * 300000, 'closed' FROM n`,
      count,
      WINDOW_START,
      WINDOW_START,
    );
    sql.exec("UPDATE totals SET files_closed = files_closed + ?", count);
    sql.exec("UPDATE run SET next_file = next_file + ?", count);
  });
}

/** The letter of the first file's cell. */
async function letter(): Promise<string> {
  const { states } = (await mapped()).map;
  return Array.from(states).find((one) => one !== "e") ?? "";
}

const numbersOf = async (query: Partial<ListQuery>) => {
  const answer = await run.api.listFiles({ states: [], cursor: null, limit: 5, ...query });
  if (!answer.ok) throw new Error(answer.detail);
  return answer.page;
};

it("lists the files of a range page by page, as the cells of the map count them", async () => {
  await opened(run, [[5]]);
  await addFiles(120);
  const range = { startMs: WINDOW_START + 600_000, endMs: WINDOW_START + 900_000 };
  const inCell = (await mapped()).map.files[2];
  const seen: number[] = [];
  for (let cursor: string | null = null, page = 0; page < 10; page++) {
    const { items, next_cursor } = await numbersOf({ range, cursor });
    seen.push(...items.map(({ file }) => file));
    for (const {
      range: { start },
    } of items)
      expect(Date.parse(start)).toBeLessThan(range.endMs);
    cursor = next_cursor;
    if (cursor === null) break;
  }
  expect(seen).toHaveLength(inCell ?? 0);
  expect(seen).toEqual([...new Set(seen)].toSorted((a, b) => a - b));
  expect((await numbersOf({ range, states: ["failed"] })).items).toEqual([]);
  expect((await numbersOf({ from: 100 })).items.map(({ file }) => file)).toEqual([100, 101, 102, 103, 104]);
  expect((await numbersOf({ from: 100, cursor: "110" })).items[0]?.file).toBe(111);
});

describe("the map of a run", () => {
  it("follows each change of a file, also over an eviction", async () => {
    await opened(run, [[5, 5]]);
    expect(await letter()).toBe("o");
    await reportOutcome(run, await permitOf(run), OK);
    expect(await letter()).toBe("o");
    await sendAll(run);
    expect(await letter()).toBe("d");
    await run.evict();
    expect(await letter()).toBe("d");
  });

  it("shows files with a refused or held batch", async () => {
    await opened(run, [[5]]);
    await addBatches(run, { count: 1, state: "held", file: "open" });
    // The file of these batches lies outside the window.
    await runInDurableObject(run.stub, (_object, { storage: { sql } }) => {
      sql.exec("UPDATE files SET range_start = ?, range_end = ?", WINDOW_START, WINDOW_START + 1_000);
    });
    await run.evict();
    const { states, worst, files } = (await mapped()).map;
    expect([states, files[0], worst[0]]).toEqual([`b${"e".repeat(11)}`, 2, 1]);
  });

  it("reads 70,000 files in bounded calls, and only what changed after that", async () => {
    await opened(run, [[5, 5]]);
    await addFiles(WEEK_FILES);
    for (let call = 1; call < 8; call++) {
      const { read } = await countRows(run.stub, async () => {
        expect(await run.api.map()).toEqual({ ok: true, map: null });
      });
      expect(read).toBeLessThan(10_100);
    }
    const { map } = await mapped();
    expect(map.files.reduce((sum, n) => sum + n, 0)).toBe(WEEK_FILES + 1);
    const again = await countRows(run.stub, async () => expect((await mapped()).calls).toBe(1));
    expect(again.read).toBeLessThan(100);
    await sendAll(run);
    const changed = await countRows(run.stub, async () =>
      expect((await mapped()).map.states).toBe("dddddddddddd"),
    );
    expect(changed.read).toBeLessThan(5_100);
  });
});
