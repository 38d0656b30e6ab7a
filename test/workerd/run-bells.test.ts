// Bells of a run whose senders fall silent: a lease that nobody reports any more must not stand for a sender at work.
import { expect, it } from "vitest";
import { RunUnderTest } from "../support/run-under-test.ts";
import { grantOf, OK, opened, tell } from "../support/run-work.ts";

const run = new RunUnderTest();

it("rings on although a superseded sender never says anything, because its lease is over at its end", async () => {
  await opened(run, [[100, 100]]);
  const first = await grantOf(run);
  await run.wait(31_000);
  await run.wait(2_000);
  const second = await grantOf(run);
  expect(second).toMatchObject({ batch: first.batch, attempt: 2 });
  await tell(run, first, OK);
  const before = run.bells;
  await run.wait(60_000);
  await run.wait(60_000);
  expect(run.bells).toBeGreaterThan(before);
});

it("rings for the others as soon as the first bell is heard, because a sender at work keeps six POSTs open and no more", async () => {
  await opened(run, [Array.from({ length: 30 }, () => 100)]);
  expect(run.bells).toBe(1);
  await run.wait(1_000);
  expect(run.bells).toBe(1);
  await grantOf(run);
  await run.settle();
  // thirty batches keep five senders busy; bells that come together are answered by one
  expect(run.bells).toBe(1 + 2 * 3 + 1);
  await run.wait(4_000);
  expect(run.bells).toBe(8);
});
