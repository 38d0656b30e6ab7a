// While a file is sent, its counts are stored in the row of the sums. No reader sees a difference, and no crash
// loses one.
import { afterEach, beforeEach, expect, it } from "vitest";
import { countRows } from "../support/count-rows.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import { OK, PACK_MISSING, answered, opened, permitsOf, reportOf } from "../support/run-work.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());

const batches = (count: number): number[] => Array.from({ length: count }, () => 100);

async function progress(): Promise<object> {
  const [row] = await run.rows<{ progress_json: string }>("SELECT progress_json FROM totals");
  return JSON.parse(row!.progress_json) as object;
}

/** What GET …/files shows of the batches of each file. */
async function shown(): Promise<number[]> {
  const answer = await run.api.listFiles({ states: [], cursor: null, limit: 100 });
  if (!answer.ok) throw new Error(answer.detail);
  return answer.page.items.map(({ batches: { unsettled } }) => unsettled);
}

it("shows the present counts although the row of the file is older, also after an eviction", async () => {
  await opened(run, [batches(12)]);
  const permits = await permitsOf(run, 3);
  await run.api.done(
    "a.0",
    permits.slice(0, 2).map((permit) => reportOf(permit, OK)),
  );
  expect(await run.rows("SELECT unsettled, fresh, posted FROM files")).toEqual([
    { unsettled: 12, fresh: 1, posted: 0 },
  ]);
  expect(await progress()).toEqual({ 1: { settled: -2, fresh: 4 } });
  expect(await shown()).toEqual([10]);
  await run.expectBalanced();
  await run.evict();
  expect(await shown()).toEqual([10]);
  expect((await permitsOf(run, 1)).map(({ batch }) => batch)).toEqual([4]);
  await run.expectBalanced();
});

it("writes the row of a file with its last claim, and once with its last report", async () => {
  await opened(run, [batches(3), batches(9)]);
  const permits = await permitsOf(run, 4);
  expect(await run.rows("SELECT unsettled, fresh FROM files WHERE file = 1")).toEqual([
    { unsettled: 3, fresh: null },
  ]);
  await run.api.done(
    "a.0",
    permits.slice(0, 2).map((permit) => reportOf(permit, OK)),
  );
  const last = [reportOf(permits[2]!, OK)];
  const { written } = await countRows(run.stub, () => run.api.done("a.0", last));
  // The batch, the file and its index by state, and the sums.
  expect(written).toBeLessThanOrEqual(5);
  expect(await run.rows("SELECT state, unsettled FROM files WHERE file = 1")).toEqual([
    { state: "closed", unsettled: 0 },
  ]);
  expect(Object.keys(await progress())).toEqual(["2"]);
  await run.expectBalanced();
});

it("writes the counts with the row when the file gets another state", async () => {
  await opened(run, [batches(6)]);
  const permits = await permitsOf(run, 3);
  await run.api.done("a.0", [reportOf(permits[0]!, OK)]);
  await run.api.done("a.0", [reportOf(permits[1]!, PACK_MISSING)]);
  expect(await progress()).toEqual({});
  expect(await run.rows("SELECT state, unsettled, posted FROM files")).toEqual([
    { state: "listed", unsettled: 5, posted: 1 },
  ]);
  await run.api.done("a.0", [reportOf(permits[2]!, OK)]);
  expect(await progress()).toEqual({});
  await run.expectBalanced();
});

it("keeps the counts of at most eight files, however many have batches left", async () => {
  await opened(
    run,
    Array.from({ length: 11 }, () => batches(2)),
  );
  const permits = await permitsOf(run, 22);
  // One batch of each file is refused, so the file stays open.
  for (const permit of permits) {
    const outcome = permit.batch % 2 === 0 ? answered(400) : OK;
    await run.api.done("a.0", [reportOf(permit, outcome)]);
  }
  expect(Object.keys(await progress()).length).toBeLessThanOrEqual(8);
  expect((await shown()).filter((unsettled) => unsettled === 1).length).toBeGreaterThan(0);
  await run.expectBalanced();
});
