// No value that reaches SQLite comes near the production limit of 2 MB. The local runtime would accept larger values.
import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, expect, it } from "vitest";
import { jsonChunks } from "../../src/platform/sql.ts";
import { RunStore } from "../../durable-objects/backfill-run/ledger/store.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import { claim, entriesOf, listed, manifestOf } from "../support/run-work.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
afterEach(() => run.expectBalanced());

const MOST_BYTES = 2_000_000;

function longKey(n: number): string {
  return `${"長".repeat(340)}${n}`;
}

/** The largest value bound while `work` runs, in bytes. */
async function largestBound(work: () => Promise<unknown>): Promise<number> {
  const prototype = await runInDurableObject(run.stub, (_object, { storage }) => Object.getPrototypeOf(storage.sql) as object); // prettier-ignore
  const original: (...args: unknown[]) => unknown = Reflect.get(prototype, "exec");
  let largest = 0;
  Reflect.set(prototype, "exec", function exec(this: unknown, ...args: unknown[]): unknown {
    for (const value of args)
      if (typeof value === "string") largest = Math.max(largest, new TextEncoder().encode(value).length);
    return original.apply(this, args);
  });
  try {
    await work();
  } finally {
    Reflect.set(prototype, "exec", original);
  }
  return largest;
}

it("opens a manifest of 10,000 batches, in one page or in five", async () => {
  await listed(run, 2);
  const sizes = Array.from({ length: 10_000 }, () => 100);
  const largest = await largestBound(async () => {
    const whole = await claim(run, 1);
    await run.api.queued(manifestOf(1, whole.attempt, entriesOf(sizes, "x".repeat(300))));
    const paged = await claim(run, 2);
    const entries = entriesOf(sizes, "y".repeat(300));
    for (let page = 0; page < 5; page += 1) {
      const some = entries.slice(page * 2_000, (page + 1) * 2_000);
      const counts = manifestOf(2, paged.attempt, entries).counts;
      await run.api.queued(manifestOf(2, paged.attempt, some, { page, pages: 5, batches: 10_000, counts }));
    }
  });
  expect((await run.status()).batches.pending).toBe(20_000);
  expect(largest).toBeGreaterThan(100_000);
  expect(largest).toBeLessThan(MOST_BYTES);
});

it("takes pages of listed keys and inherited batches with the longest keys that R2 has", async () => {
  await listed(run, 1);
  const largest = await largestBound(() =>
    runInDurableObject(run.stub, (_object, { storage }) => {
      const store = new RunStore(storage);
      store.inherited.add(
        Array.from({ length: 2_000 }, (_, n) => ({ key: longKey(n), ordinal: n, digest: "d".repeat(64), state: "done" as const })), // prettier-ignore
      );
      const files = Array.from({ length: 1_000 }, (_, n) => ({
        file: n + 10,
        key: longKey(n),
        size: 1,
        etag: "e".repeat(200),
        uploaded_at: 1,
        range_start: 1,
        range_end: 1,
      }));
      const window = { startMs: 5, endMs: 6, endExclusive: false };
      store.transaction(() => store.files.insertListed(files, window));
    }),
  );
  expect(await run.rows("SELECT count(*) AS n FROM inherited")).toEqual([{ n: 2_000 }]);
  expect(largest).toBeLessThan(MOST_BYTES);
});

it("puts every row into exactly one chunk, also one that is too large for all", () => {
  const rows = [
    ...Array.from({ length: 50_000 }, (_, n) => ({ n })),
    { n: "x".repeat(900_000) },
    { n: "last" },
  ];
  const chunks = [...jsonChunks(rows)];
  expect(chunks.flatMap((chunk) => JSON.parse(chunk) as unknown[])).toEqual(rows);
  expect(chunks.length).toBeGreaterThan(2);
  expect([...jsonChunks([])]).toEqual([]);
});
