// Pages of a run with many batches. Each page examines a bounded number of rows, and all pages together leave no row
// out.
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { BatchView } from "../../src/contract/views.ts";
import type { ListQuery } from "../../src/contract/run.ts";
import type { Page } from "../../src/contract/states.ts";
import { BackfillRun } from "../../durable-objects/backfill-run/backfill-run.ts";
import { BatchRows } from "../../durable-objects/backfill-run/ledger/batch-rows.ts";
import { RunStore } from "../../durable-objects/backfill-run/ledger/store.ts";
import { ledgerOf } from "../../src/http/runs/ledger-export.ts";
import { runObject } from "../../src/platform/objects.ts";
import { openedAs } from "../support/operator-play.ts";
import { RunUnderTest } from "../support/run-under-test.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
afterEach(() => run.expectBalanced());

/** More rows than two pages examine. */
const BATCHES = 4_500;
const MOST_LOOKED_AT = 2_000;
/** Rows at both sides of each page's end, and the last row. */
const RARE = [1, 2_000, 2_001, 4_000, 4_001, BATCHES];

/** All batches wait, except the rare ones. */
async function manyBatches(state: "held" | "done"): Promise<void> {
  await openedAs(run, [Array.from({ length: BATCHES }, () => 1)], {});
  await runInDurableObject(run.stub, (_object, { storage }) => {
    const store = new RunStore(storage);
    store.transaction(() => {
      for (const batch of RARE) {
        const row = store.batches.get(batch);
        if (row)
          store.moveBatch(row, state, {
            set_aside_at: state === "held" ? Date.now() : null,
            reason_code: "of_the_test",
          });
      }
    });
  });
}

async function pageOf(query: Partial<ListQuery>): Promise<Page<BatchView>> {
  const answer = await run.api.listBatches({ states: [], cursor: null, limit: 100, ...query });
  if (!answer.ok) throw new Error(answer.code);
  return answer.page;
}

/** Reads every page to the last, as a client does. */
async function walked(query: Partial<ListQuery>): Promise<Page<BatchView>[]> {
  const pages = [await pageOf(query)];
  for (;;) {
    const cursor = pages.at(-1)?.next_cursor ?? null;
    if (cursor === null) return pages;
    pages.push(await pageOf({ ...query, cursor }));
  }
}

function numbersOf(pages: Page<BatchView>[]): number[] {
  return pages.flatMap((page) => page.items.map(({ batch }) => batch));
}

it("finds each batch of a rare state once, over pages that may be short or empty", async () => {
  await manyBatches("held");
  const pages = await walked({ states: ["held"] });
  expect(numbersOf(pages)).toEqual(RARE);
  expect(pages.map(({ next_cursor }) => next_cursor)).toEqual(["2000", "4000", null]);
  const none = await walked({ states: ["refused"] });
  expect(none.map(({ items, next_cursor }) => [items.length, next_cursor])).toEqual([
    [0, "2000"],
    [0, "4000"],
    [0, null],
  ]);
});

it.each([1, 2, 7, 1_000])("finds each batch of a rare state once in pages of %i", async (limit) => {
  await manyBatches("held");
  expect(numbersOf(await walked({ states: ["held"], limit }))).toEqual(RARE);
});

it("looks at few rows in few statements for a page, because senders wait meanwhile", async () => {
  await manyBatches("held");
  const rows: number[] = [];
  // oxlint-disable-next-line typescript/unbound-method -- called on the same object below
  const { page } = BatchRows.prototype;
  vi.spyOn(BatchRows.prototype, "page").mockImplementation(function counted(this: BatchRows, after, limit) {
    const read = page.call(this, after, limit);
    rows.push(read.length);
    return read;
  });
  for (const limit of [1, 100, 1_000]) {
    rows.length = 0;
    await pageOf({ states: ["refused"], limit });
    expect(rows.reduce((sum, count) => sum + count, 0)).toBe(MOST_LOOKED_AT);
    expect(rows.length).toBeLessThanOrEqual(4);
    rows.length = 0;
    expect((await pageOf({ limit })).items).toHaveLength(limit);
    expect(rows).toEqual([limit]);
  }
});

it("lists each of many batches once in the ledger", async () => {
  await manyBatches("held");
  const lines = (await new Response(ledgerOf(run.api)).text()).trimEnd().split("\n");
  expect(lines).toHaveLength(1 + BATCHES + 1);
  expect(JSON.parse(lines.at(-1) ?? "")).toEqual({ kind: "end", files: 1, batches: BATCHES });
});

it("pages an inheritance by as few rows, and misses nothing that was delivered", async () => {
  await manyBatches("done");
  await run.api.abort({ force: false, actor: "token" });
  await run.settle();
  const earlier = run.id;
  const looked = vi.spyOn(BackfillRun.prototype, "inheritance");
  run.id = `run-${crypto.randomUUID()}`;
  const namespace: DurableObjectNamespace = env.BACKFILL_RUN;
  run.stub = namespace.getByName(run.id);
  run.api = runObject(env, run.id);
  await run.start({ continueOf: earlier });
  await run.settle();
  expect(looked.mock.calls).toEqual([[0], [2_000], [4_000]]);
  const inherited = await run.rows<{ ordinal: number }>("SELECT ordinal FROM inherited ORDER BY ordinal");
  expect(inherited.map(({ ordinal }) => ordinal + 1)).toEqual(RARE);
});
