// Listing as the object does it: several pages at a time, each taken in as it arrives, whatever happens meanwhile.
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { runObject } from "../../src/objects.ts";
import { RunUnderTest, WINDOW_START } from "../support/run-under-test.ts";
import { stampOf } from "../support/run-listing.ts";

const run = new RunUnderTest();
const FILES = 240;
/** Small pages make a small folder a dense one. */
const PAGE = 4;

type List = (options?: R2ListOptions) => Promise<R2Objects>;
let really: List;

beforeEach(async () => {
  really = env.LOGS.list.bind(env.LOGS);
  await Promise.all(
    Array.from({ length: FILES }, (_, n) => {
      const from = WINDOW_START + n * 15_000;
      const day = stampOf(from).slice(0, 8);
      return env.LOGS.put(`logs-${run.id}/${day}/${stampOf(from)}_${stampOf(from + 14_000)}_x.log.gz`, "-");
    }),
  );
});

/** Each list of a page goes through `list`, with small pages. */
function listThrough(list: (call: number, page: () => Promise<R2Objects>) => Promise<R2Objects>): void {
  let calls = 0;
  vi.spyOn(env.LOGS, "list").mockImplementation((options) => {
    // what cleanup lists is none of this
    if (options?.prefix?.startsWith("logs-") !== true) return really(options);
    calls += 1;
    return list(calls, () => really({ ...options, limit: PAGE }));
  });
}

async function expectEveryFileOnce(): Promise<void> {
  for (let turns = 0; turns < 50 && (await run.status()).complete_as_of === null; turns += 1)
    await run.wait(31_000);
  const keys = (await run.rows<{ key: string }>("SELECT key FROM files ORDER BY key")).map(({ key }) => key);
  expect(keys).toHaveLength(FILES);
  expect(new Set(keys).size).toBe(FILES);
  expect((await run.status()).matched_raw_files).toBe(FILES);
  await run.expectBalanced();
}

describe("listing", () => {
  it("keeps five pages under way in a dense window and never more, because one connection stays free", async () => {
    let [open, most] = [0, 0];
    listThrough(async (_call, page) => {
      open += 1;
      most = Math.max(most, open);
      try {
        return await page();
      } finally {
        open -= 1;
      }
    });
    await run.start();
    await run.settle();
    expect(most).toBe(5);
    await expectEveryFileOnce();
  });

  it.each([1, 2, 3, 5, 8, 13, 21, 34])(
    "that dies at its page %i with others under way finds every file once in its next life, because cursors are kept",
    async (last) => {
      listThrough((call, page) => (call < last ? page() : Promise.reject(new Error("R2 is gone"))));
      await run.start();
      await run.settle();
      await run.evict();
      listThrough((_call, page) => page());
      await run.wait(31_000);
      await expectEveryFileOnce();
    },
  );

  it("begins no page after an abort, because what an abort stops must be quiet", async () => {
    let begun = 0;
    let begunAtAbort = 0;
    let aborted: Promise<unknown> | null = null;
    listThrough(async (call, page) => {
      begun = call;
      // a stub of its own: one made in the test is not for the object's own turn
      if (call === 12) aborted = runObject(env, run.id).abort({ force: false, actor: "token" });
      await aborted;
      if (call === 12) begunAtAbort = begun;
      return page();
    });
    await run.start();
    await run.settle();
    expect(begunAtAbort).toBeGreaterThanOrEqual(12);
    expect(begun).toBe(begunAtAbort);
    await run.wait(120_000);
    expect(await run.stage()).toBe("aborted");
    const { n } = await run.row<{ n: number }>("SELECT count(*) AS n FROM files");
    expect(n).toBeLessThan(FILES);
    await run.expectBalanced();
  });

  it("takes in the pages that came beside one that failed, because their cursors have moved on", async () => {
    const failing = new Set([9, 10, 11]);
    listThrough((call, page) => (failing.has(call) ? Promise.reject(new Error("R2 is busy")) : page()));
    await run.start();
    await run.settle();
    const { n } = await run.row<{ n: number }>("SELECT count(*) AS n FROM files");
    expect(n).toBeGreaterThan(0);
    await expectEveryFileOnce();
  });
});
