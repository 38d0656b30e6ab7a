// Migration 0015 gives the kind of an answer its own column, and the slot its own states. A run that was under way
// must continue like a run that began after the migration.
import { afterEach, beforeEach, expect, it } from "vitest";
import type { AnswerWords } from "../../src/contract/answers.ts";
import type { BatchView } from "../../src/contract/views.ts";
import { leftBy } from "../support/earlier-schema.ts";
import { acted, openedAs } from "../support/operator-play.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import { answered, permitOf, permitsOf, reportOutcome } from "../support/run-work.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
afterEach(() => run.expectBalanced());

const body = (bodyStart: string) => answered(200, { bodyStart, isWhole: true });
const GOOD = body('{"code":0}');
const decide = (answers: AnswerWords) =>
  acted(run, { do: "resume", acceptReceiver: false, answers }, "asked the partner");

async function batches(): Promise<BatchView[]> {
  const listed = await run.api.listBatches({ states: [], cursor: null, limit: 100 });
  if (!listed.ok) throw new Error(listed.detail);
  return listed.page.items;
}
const attempts = () => run.rows("SELECT * FROM attempts ORDER BY batch, attempt");
const slot = () => run.row("SELECT slot, slot_fence FROM run");

/** Reports two usual answers, and answers of four other kinds. One answer comes late, and two kinds are refused. */
async function playAnswers(): Promise<void> {
  await openedAs(run, [Array.from({ length: 8 }, () => 100)], {});
  const lost = await permitOf(run);
  const others = await permitsOf(run, 6);
  const bodies = ['{"code":7,"message":"over quota"}', '{"code":8}', "", "k9 odd text"].map(body);
  for (const [n, outcome] of [GOOD, GOOD, ...bodies].entries()) await reportOutcome(run, others[n]!, outcome);
  await run.wait(31_000);
  await reportOutcome(run, lost, bodies[0]!);
  await run.settle();
  // Reverses what counted as the usual answer, so that attempts without a row get one.
  await decide({ usual: "refused", k2: "refused" });
}

/** Plays the scenario. With `last`, the rows are rewritten in the middle as the code of that migration left them. */
async function play(last: "0014-times-enqueued" | null): Promise<unknown> {
  await playAnswers();
  // An attempt from before migration 0025 has no known time of arrival.
  const unknown = last === null ? {} : { arrived_after: null };
  const rows = (await attempts()).map((row) => ({ ...row, ...unknown }));
  const before = { shown: await batches(), rows, slot: await slot() };
  if (last !== null) {
    await leftBy(run, last);
    expect(await slot()).toEqual({ slot: "held", slot_fence: 1 });
    expect((await attempts()).map(({ detail }) => detail)).toContain('k1 {"code":7,"message":"over quota"}');
  }
  await run.evict();
  expect({ shown: await batches(), rows: await attempts(), slot: await slot() }).toEqual(before);
  await run.expectBalanced();
  await decide({ k1: "success", k3: "resend" });
  await run.settle();
  return { shown: await batches(), slot: await slot(), left: (await run.status()).answers.unusual };
}

it("keeps every kind and every shown detail, and ends as a run that began with the new columns", async () => {
  const control = await play(null);
  expect(control).toMatchObject({ slot: { slot: "owned", slot_fence: 1 }, left: 1 });
  const details = (await batches()).flatMap((batch) =>
    batch.exceptional_attempts.map(({ detail }) => detail),
  );
  expect(details).toEqual(expect.arrayContaining(["usual", 'k2 {"code":8}', "k3 ", "k4 k9 odd text"]));
  run.fresh();
  expect(await play("0014-times-enqueued")).toEqual(control);
});
