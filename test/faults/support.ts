// Checks what must be true at the end of every run, whatever failed before.
import { expect } from "vitest";
import type { WholeRun } from "../support/run-driver.ts";
import type { RunUnderTest } from "../support/run-under-test.ts";

/** The run's outbox is empty, and the Notifier has got the end of the run under one id. */
export async function expectOneNotice(run: RunUnderTest, what: unknown): Promise<void> {
  await run.wait(10_000);
  expect([what, await run.rows("SELECT event FROM outbox WHERE handed_at IS NULL")]).toEqual([what, []]);
  const ids = run.notices.filter(({ type }) => type === "run.delivered").map(({ id }) => id);
  expect([what, new Set(ids).size]).toEqual([what, 1]);
}

/** The run is delivered. No line is lost, and no other line arrived. The ledger lists and counts each line that
 * arrived twice. */
export async function expectDelivered(whole: WholeRun, what: unknown): Promise<void> {
  const status = await whole.run.status();
  expect([what, status.stage_code]).toEqual([what, "sent_waiting_cleanup"]);
  const { lost, twice, foreign } = whole.receiver.compare(whole.kept);
  expect([what, { lost, foreign }]).toEqual([what, { lost: [], foreign: [] }]);
  expect([what, status.log_lines_sent]).toEqual([what, whole.kept.length]);
  const named = await whole.namedBatches();
  const unnamed = twice.filter((rayId) => !named.some(({ first, last }) => first <= rayId && rayId <= last));
  expect([what, unnamed]).toEqual([what, []]);
  const counted = status.duplicate_lines + status.possible_duplicate_lines;
  expect(twice.length, `${JSON.stringify(what)}: duplicates at the receiver`).toBeLessThanOrEqual(counted);
  await whole.run.expectBalanced();
}
