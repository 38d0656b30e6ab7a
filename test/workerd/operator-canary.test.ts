// Canary: the first batches are sent alone. Then the run waits for an operator.
import { afterEach, beforeEach, expect, it } from "vitest";
import { acted, ACTOR, eventsOf, openedAs } from "../support/operator-play.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import { answered, permitOf, OK, sendAll, reportOutcome, TIMEOUT } from "../support/run-work.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
afterEach(() => run.expectBalanced());

const LINES = 100;
const FILES = [
  [LINES, LINES, LINES],
  [LINES, LINES, LINES],
];
const resume = { do: "resume", acceptReceiver: false, answers: null } as const;

/** Claims permits until the run issues no more. */
async function allPermits() {
  const permits = [];
  for (let tries = 0; tries < 20; tries += 1) {
    const next = await run.api.next("test.0", [], 10);
    if (next.kind === "nothing") break;
    if (next.kind === "grants") permits.push(...next.grants);
    await run.wait(next.kind === "wait" ? next.waitMs : 500);
  }
  return permits;
}

it("sends no further batch when an operator discards a canary batch", async () => {
  await openedAs(run, FILES, { canary: 3 });
  const permits = await allPermits();
  const [proven, discarded] = permits;
  await reportOutcome(run, proven!, OK);
  await reportOutcome(run, discarded!, answered(400));
  await acted(run, { do: "resolve_batch", batch: discarded!.batch, outcome: "discard" }, "not needed");
  expect(await allPermits()).toEqual([]);
});

it("sends exactly the canary batches, and pauses when they have ended", async () => {
  await openedAs(run, FILES, { canary: 2 });
  const permits = await allPermits();
  expect(permits).toHaveLength(2);
  expect((await run.status()).stage_code).not.toBe("paused");
  for (const permit of permits) await reportOutcome(run, permit, OK);
  await run.settle();
  expect(await run.status()).toMatchObject({
    stage_code: "paused",
    state_reason: {
      code: "canary",
      detail: "the first 2 batches are sent (2 delivered); resume sends the rest",
    },
    log_lines_sent: 2 * LINES,
  });
  await run.wait(3_600_000);
  expect(await allPermits()).toEqual([]);
  // A paused run keeps its slot.
  expect(run.released).toEqual([]);
});

it("sends all the rest when it is resumed, and pauses no more", async () => {
  await openedAs(run, FILES, { canary: 1 });
  await reportOutcome(run, await permitOf(run), OK);
  await run.settle();
  expect((await run.status()).state_reason?.detail).toBe(
    "the first batch is sent (1 delivered); resume sends the rest",
  );
  expect(await acted(run, resume, "looks good")).toMatchObject({ status: { stage_code: "sending" } });
  await run.evict();
  await sendAll(run);
  await run.wait(3_600_000);
  expect(await run.status()).toMatchObject({ stage_code: "sent_waiting_cleanup", log_lines_sent: 6 * LINES });
  expect(await eventsOf(run, "resume")).toMatchObject([{ actor: ACTOR, detail: { note: "looks good" } }]);
});

it("sends a canary that timed out again before it counts as ended", async () => {
  await openedAs(run, FILES, { canary: 1 });
  const first = await permitOf(run);
  await reportOutcome(run, first, TIMEOUT);
  await run.settle();
  const again = await permitOf(run);
  expect(again).toMatchObject({ batch: first.batch, attempt: 2 });
  await reportOutcome(run, again, OK);
  await run.settle();
  expect((await run.status()).state_reason?.code).toBe("canary");
  expect((await run.status()).possible_duplicate_lines).toBe(LINES);
});

it("counts a refused and a held canary as ended", async () => {
  await openedAs(run, FILES, { canary: 3, onUncertain: "hold" });
  await reportOutcome(run, await permitOf(run), OK);
  await reportOutcome(run, await permitOf(run), answered(400));
  await reportOutcome(run, await permitOf(run), TIMEOUT);
  await run.settle();
  expect(await run.status()).toMatchObject({
    stage_code: "paused",
    state_reason: { code: "canary" },
    batches: { done: 1, refused: 1, held: 1, pending: 3 },
  });
});

it("sends only the canary batches while the receiver never answers", async () => {
  await openedAs(run, FILES, { canary: 1 });
  for (let n = 0; n < 12; n += 1) {
    const permit = await permitOf(run);
    expect(permit.batch).toBe(1);
    await reportOutcome(run, permit, TIMEOUT);
    await run.wait(1_000);
  }
  expect(await run.rows("SELECT DISTINCT batch FROM attempts")).toEqual([{ batch: 1 }]);
});

it("changes nothing when it is larger than the run", async () => {
  await openedAs(run, FILES, { canary: 50 });
  await sendAll(run);
  await run.wait(3_600_000);
  expect((await run.status()).stage_code).toBe("sent_waiting_cleanup");
});
