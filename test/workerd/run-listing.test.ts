// Listing in the run's Durable Object. It reads several pages at a time and stores each page when it arrives,
// whatever happens meanwhile.
import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { runObject } from "../../src/platform/objects.ts";
import { HOUR, RunUnderTest, WINDOW_START } from "../support/run-under-test.ts";
import { stampOf } from "../support/run-listing.ts";
import { logKey, opened, sendAll } from "../support/run-work.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
const FILES = 240;
/** Small pages make a small folder large. */
const PAGE = 4;

type List = (options?: R2ListOptions) => Promise<R2Objects>;
let really: List;

beforeEach(() => {
  really = env.LOGS.list.bind(env.LOGS);
});

/** Each list of a page goes through `list`, with small pages. */
function listThrough(
  list: (call: number, page: () => Promise<R2Objects>, options: R2ListOptions) => Promise<R2Objects>,
): void {
  let calls = 0;
  vi.spyOn(env.LOGS, "list").mockImplementation((options) => {
    // Lists of the cleanup do not count.
    if (options?.prefix?.startsWith("logs-") !== true) return really(options);
    calls += 1;
    return list(calls, () => really({ ...options, limit: PAGE }), options);
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
  beforeEach(async () => {
    await Promise.all(
      Array.from({ length: FILES }, (_, n) => {
        const from = WINDOW_START + n * 15_000;
        const day = stampOf(from).slice(0, 8);
        return env.LOGS.put(`logs-${run.id}/${day}/${stampOf(from)}_${stampOf(from + 14_000)}_x.log.gz`, "-");
      }),
    );
  });

  it("keeps five pages under way in a dense window and never more", async () => {
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
    "finds every file once when it dies at its page %i with others under way",
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

  it.each([
    ["an abort", () => runObject(env, run.id).abort({ force: false, actor: "token" })],
    [
      "a pause",
      () => runObject(env, run.id).operate({ do: "pause", park: false, actor: "token", note: null }),
    ],
  ])("begins no page after %s, because what it stops must be quiet", async (_what, command) => {
    let begun = 0;
    let begunThen = 0;
    let commanded: Promise<unknown> | null = null;
    listThrough(async (call, page) => {
      begun = call;
      // A new stub, because code inside the Durable Object may not use the test's stub.
      if (call === 12) commanded = command();
      await commanded;
      if (call === 12) begunThen = begun;
      return page();
    });
    await run.start();
    await run.settle();
    expect(begunThen).toBeGreaterThanOrEqual(12);
    expect(begun).toBe(begunThen);
    const { n } = await run.row<{ n: number }>("SELECT count(*) AS n FROM files");
    expect(n).toBeLessThan(FILES);
    await run.expectBalanced();
  });

  it("takes in the pages that were under way with one that failed", async () => {
    const failed = Promise.withResolvers<void>();
    let tries = 0;
    let ill: string | undefined;
    let others = 0;
    listThrough(async (call, page, options) => {
      if (call === 12) ill = JSON.stringify(options);
      if (ill === undefined) return page();
      if (JSON.stringify(options) !== ill) {
        others += 1;
        await failed.promise;
        return page();
      }
      tries += 1;
      if (tries === 3) failed.resolve();
      if (tries <= 3) throw new Error("R2 is busy");
      return page();
    });
    await run.start();
    await run.settle();
    expect(tries).toBe(3);
    // The four pages requested with it were requested once, and no other page was requested.
    expect(others).toBe(4);
    const asked: string[] = [];
    listThrough((_call, page, options) => {
      asked.push(JSON.stringify(options));
      return page();
    });
    await expectEveryFileOnce();
    expect(asked).toContain(ill);
    expect(asked.length).toBeLessThan(FILES / PAGE + 40 - 12 - 4);
  });

  it("lets other due steps have their turn while lists are slow", async () => {
    listThrough(async (_call, page) => {
      run.pass(600);
      return page();
    });
    await run.start();
    const before = Date.now();
    await runDurableObjectAlarm(run.stub);
    expect(Date.now() - before).toBeLessThan(12_000);
    const tasks = await run.rows("SELECT task FROM list_tasks");
    expect(tasks.length).toBeGreaterThan(0);
    await expectEveryFileOnce();
  });
});

it("drops a page of a listing pass that is over", async () => {
  await opened(run, [[100]]);
  await sendAll(run);
  await run.settle();
  expect(await run.stage()).toBe("sent_waiting_cleanup");
  await env.LOGS.put(logKey(run, 7), "late");
  // The first inspection shows the late file. After an operator's command, the second inspection adds it to the
  // run.
  await run.wait(2 * HOUR + 60_000);
  const noted = { actor: "token", note: "later" };
  const accepted = await run.api.operate({ do: "accept_codes", codes: ["late_files"], ...noted });
  expect(accepted).toMatchObject({ ok: true });
  const meanwhile = `logs-${run.id}/${stampOf(WINDOW_START + 60_000)}_y.log.gz`;
  let isHeld = false;
  listThrough(async (_call, page, options) => {
    const result = await page();
    if (isHeld || options.prefix !== `logs-${run.id}/${stampOf(WINDOW_START).slice(0, 8)}T`) return result;
    // The inspection's page of flat names. Before it arrives, a file appears and an operator takes in the late file.
    isHeld = true;
    await env.LOGS.put(meanwhile, "later");
    const self = runObject(env, run.id);
    const take = { do: "take_late", actor: "token", note: null } as const;
    for (let answer = await self.operate(take); !answer.ok;) answer = await self.operate(take);
    return result;
  });
  await run.wait(2 * HOUR + 60_000);
  expect(isHeld).toBe(true);
  const keys = await run.rows<{ key: string }>("SELECT key FROM files");
  expect(keys.map(({ key }) => key)).toContain(meanwhile);
});
