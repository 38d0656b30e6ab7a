// A verb and the clock ask for the receiver's slot at the same time. Answers come late or in another order.
import { runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { SlotAnswer } from "../../src/contract/registry.ts";
import { RunRegistry } from "../../durable-objects/run-registry/run-registry.ts";
import { act, openedAs } from "../support/operator-play.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import { OK, answered, permitOf, reportOutcome } from "../support/run-work.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
afterEach(() => run.expectBalanced());

const LINES = 100;
const YES: SlotAnswer = { ok: true, fence: 7, notBefore: 0 };
const NO: SlotAnswer = { ok: false, code: "slot_taken", detail: "taken", holder: "other" };
const retry = { do: "retry_all" } as const;

/** Each request for the slot waits until the test answers. The request polls, because a promise may not cross between
 * Durable Objects. */
function requests(): ((answer: SlotAnswer) => void)[] {
  const waiting: ((answer: SlotAnswer) => void)[] = [];
  vi.spyOn(RunRegistry.prototype, "acquire").mockImplementation(async () => {
    const answers: SlotAnswer[] = [];
    waiting.push((given) => void answers.push(given));
    for (;;) {
      if (answers[0]) return answers[0];
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  });
  return waiting;
}

/** Makes a run with one refused batch, which has released the slot. */
async function withoutSlot(): Promise<void> {
  await openedAs(run, [[LINES, LINES]], {});
  await reportOutcome(run, await permitOf(run), OK);
  await reportOutcome(run, await permitOf(run), answered(400));
  await run.settle();
  expect(await slot()).toEqual({ slot: "none", slot_fence: 1 });
}

function slot() {
  return run.row("SELECT slot, slot_fence FROM run");
}

it("keeps the slot that the clock was granted when the verb's own request is refused late", async () => {
  await withoutSlot();
  const waiting = requests();
  const verb = act(run, retry);
  await vi.waitUntil(() => waiting.length === 1);
  const tick = runDurableObjectAlarm(run.stub);
  await vi.waitUntil(() => waiting.length === 2);
  waiting[1]?.(YES);
  await vi.waitUntil(async () => (await slot())["slot"] === "owned");
  waiting[0]?.(NO);
  expect(await verb).toMatchObject({ ok: false, code: "slot_taken" });
  await tick;
  expect(await slot()).toEqual({ slot: "owned", slot_fence: 7 });
  // The slot is not needed now, so it is released under the fence that came with it.
  await run.settle();
  expect(run.released.at(-1)).toMatchObject({ fence: 7 });
});

it("keeps the slot that a verb was granted when the clock's request is refused late", async () => {
  await withoutSlot();
  const waiting = requests();
  const first = act(run, retry);
  await vi.waitUntil(() => waiting.length === 1);
  const tick = runDurableObjectAlarm(run.stub);
  await vi.waitUntil(() => waiting.length === 2);
  waiting[0]?.(YES);
  expect(await first).toMatchObject({ ok: true, changed: 1 });
  waiting[1]?.(NO);
  await tick;
  expect(await slot()).toEqual({ slot: "owned", slot_fence: 7 });
  expect((await permitOf(run)).batch).toBe(2);
});

it("goes on asking after a refusal while another request was out, because that one may have been granted", async () => {
  await withoutSlot();
  const waiting = requests();
  const verb = act(run, retry);
  await vi.waitUntil(() => waiting.length === 1);
  const tick = runDurableObjectAlarm(run.stub);
  await vi.waitUntil(() => waiting.length === 2);
  waiting[0]?.(NO);
  await verb;
  expect(await slot()).toMatchObject({ slot: "asking" });
  vi.spyOn(RunRegistry.prototype, "acquire").mockResolvedValue(NO);
  waiting[1]?.(NO);
  await tick;
  await run.wait(2_000);
  expect(await slot()).toMatchObject({ slot: "none" });
});

it("keeps the slot while a request for it is out", async () => {
  await withoutSlot();
  const waiting = requests();
  const verb = act(run, retry);
  await vi.waitUntil(() => waiting.length === 1);
  const tick = runDurableObjectAlarm(run.stub);
  await vi.waitUntil(() => waiting.length === 2);
  const before = run.released.length;
  waiting[1]?.(YES);
  await tick;
  await run.settle();
  // The run needs an operator, and would release the slot at once.
  expect(await run.stage()).toBe("needs_attention");
  expect(run.released).toHaveLength(before);
  waiting[0]?.(YES);
  expect(await verb).toMatchObject({ ok: true, changed: 1 });
  expect(await slot()).toEqual({ slot: "owned", slot_fence: 7 });
});
