// Tests how many SQL statements an answer of a run's Durable Object takes. Every sender's call waits while the object
// answers.
import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openedAs } from "../support/operator-play.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import { TIMEOUT, permitOf, reportOutcome, sendAll } from "../support/run-work.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());

/** The statements of the run's Durable Object during `call`. */
async function statementsOf(call: () => Promise<unknown>): Promise<number> {
  let count = 0;
  const prototype = await runInDurableObject(
    run.stub,
    (_object, { storage }) => Object.getPrototypeOf(storage.sql) as object,
  );
  const exec: (...args: unknown[]) => unknown = Reflect.get(prototype, "exec");
  Reflect.set(prototype, "exec", function counted(this: unknown, ...args: unknown[]): unknown {
    count += 1;
    return exec.apply(this, args);
  });
  try {
    await call();
  } finally {
    Reflect.set(prototype, "exec", exec);
  }
  return count;
}

it("shows the status of an undisturbed run with at most eight statements", async () => {
  await openedAs(run, [[1, 1, 1]], {});
  expect(await statementsOf(() => run.status())).toBeLessThanOrEqual(8);
});

it("shows an uncertain batch among the problems", async () => {
  await openedAs(run, [[1, 1, 1]], {});
  await reportOutcome(run, await permitOf(run), TIMEOUT);
  const uncertain = { batch: 1, state: "uncertain" };
  expect((await run.status()).problems).toMatchObject([{ ...uncertain, batch_state: "pending" }]);
  await sendAll(run);
  // The second attempt delivered the batch. What became of the first attempt is still unknown.
  expect((await run.status()).problems).toMatchObject([{ ...uncertain, batch_state: "done" }]);
});

it("shows a page of batches with the same statements, however many batches and attempts it has", async () => {
  await openedAs(run, [Array.from({ length: 50 }, () => 1)], {});
  for (let times = 0; times < 2; times += 1) await reportOutcome(run, await permitOf(run), TIMEOUT);
  const page = (limit: number) => run.api.listBatches({ states: [], cursor: null, limit });
  const listed = await page(50);
  const attempts = listed.ok ? listed.page.items.map((item) => item.exceptional_attempts.length) : [];
  expect([attempts.length, attempts.filter((count) => count > 0).length]).toEqual([50, 2]);
  expect(await statementsOf(() => page(50))).toBe(await statementsOf(() => page(1)));
  expect(await statementsOf(() => page(50))).toBe(3);
});
