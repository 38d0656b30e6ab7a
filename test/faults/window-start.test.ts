// Fails the n-th SQL statement or call of a run while the registry starts a window, for every n: before its effect, or
// after it. The window must start exactly once, and the run must get its start.
import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BackfillRun } from "../../durable-objects/backfill-run/backfill-run.ts";
import { NEXT_ATTEMPT_MS } from "../../durable-objects/run-registry/queue/rules.ts";
import { QueueUnderTest, hours } from "../support/queue-under-test.ts";

type When = "before" | "after";
const LIMITS = { ok: false as const, code: "unknown_run" as const, detail: "no limits of its own" };

const queue = new QueueUnderTest();
beforeEach(() => queue.setUp());
afterEach(() => queue.tearDown());

/** A new registry without windows. */
function fresh(): void {
  queue.tearDown();
  queue.setUp();
  for (const level of ["warn", "error"] as const) vi.spyOn(console, level).mockReturnValue();
  vi.spyOn(BackfillRun.prototype, "limits").mockResolvedValue(LIMITS);
}

/** Counts calls, and throws at the n-th. */
class Fault {
  readonly #nth: number;
  readonly #when: When;
  calls = 0;

  constructor(nth: number, when: When) {
    this.#nth = nth;
    this.#when = when;
  }

  get isMade(): boolean {
    return this.calls >= this.#nth;
  }

  around<T>(work: () => T): T {
    this.calls += 1;
    if (this.calls !== this.#nth) return work();
    const done: unknown = this.#when === "after" ? work() : null;
    // A cursor that is left open would keep its transaction open.
    if (typeof done === "object" && done !== null && "toArray" in done)
      (done as SqlStorageCursor<never>).toArray();
    throw new Error(`fault at call ${this.#nth}`);
  }
}

/** Puts the fault around every statement of this registry, and every call of a run. */
async function faulty(fault: Fault, work: () => Promise<void>): Promise<void> {
  const undo = await runInDurableObject(queue.stub, (_object, { storage }) => {
    const prototype: object = Object.getPrototypeOf(storage.sql);
    const exec: (...args: unknown[]) => unknown = Reflect.get(prototype, "exec");
    Reflect.set(prototype, "exec", function faultyExec(this: unknown, ...args: unknown[]) {
      return fault.around(() => exec.apply(this, args));
    });
    return () => Reflect.set(prototype, "exec", exec);
  });
  const start = queue.runs.start.bind(queue.runs);
  queue.runs.start = (...args) => fault.around(() => start(...args));
  vi.spyOn(BackfillRun.prototype, "limits").mockImplementation(async () => fault.around(() => LIMITS));
  try {
    await work();
  } finally {
    undo();
    queue.runs.start = start;
    vi.spyOn(BackfillRun.prototype, "limits").mockResolvedValue(LIMITS);
  }
}

async function startsOnce(fault: Fault, started: string[], work: () => Promise<void>): Promise<void> {
  await faulty(fault, work);
  // The alarm repeats the failed call by itself.
  for (let n = 0; n < 4; n += 1) await queue.later(5_000);
  const ids = new Set(queue.runs.started.map(({ spec }) => spec.runId));
  expect(ids.size, `call ${fault.calls}`).toBe(started.length);
  expect(await queue.states()).toEqual(started);
  expect((await queue.everyRun()).filter(({ active }) => active)).toHaveLength(1);
  expect((await queue.window(1)).runs).toEqual([...ids]);
}

describe.each(["before", "after"] as const)("a fault %s the effect of one call", (when) => {
  it("starts a window once, whichever call fails", async () => {
    let calls = 0;
    for (let nth = 1; ; nth += 1) {
      fresh();
      const fault = new Fault(nth, when);
      await queue.queue({ windows: [hours(0, 1)] });
      await startsOnce(fault, ["1 running"], () => queue.turn().catch(() => undefined));
      if (!fault.isMade) break;
      calls = nth;
    }
    expect(calls).toBeGreaterThan(20);
  }, 120_000);

  it("starts a further attempt once, whichever call fails", async () => {
    let calls = 0;
    for (let nth = 1; ; nth += 1) {
      fresh();
      const fault = new Fault(nth, when);
      await queue.queued({ windows: [hours(0, 1)] });
      await queue.ends(queue.lastRun(), { stage: "aborted", finished: true });
      const work = async () => queue.later(NEXT_ATTEMPT_MS).catch(() => undefined);
      await faulty(fault, work);
      for (let n = 0; n < 4; n += 1) await queue.later(5_000);
      expect(await queue.window(1), `call ${nth}`).toMatchObject({ state: "running", attempts: 2 });
      expect(new Set(queue.runs.started.map(({ spec }) => spec.runId)).size).toBe(2);
      if (!fault.isMade) break;
      calls = nth;
    }
    expect(calls).toBeGreaterThan(20);
  }, 120_000);
});
