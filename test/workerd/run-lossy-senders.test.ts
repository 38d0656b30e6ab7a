// Senders whose answers are lost, whose calls arrive late, and a Durable Object that is evicted between calls. Every batch is
// sent once, and no attempt is uncertain, because no lease is given that nobody uses.
import fc from "fast-check";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { SendPermit, SendReport } from "../../src/contract/sending.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import { OK, opened, reportOf, sendAll } from "../support/run-work.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
const BATCHES = 24;
const LINES = 100;

interface Call {
  lane: string;
  reports: SendReport[];
  want: number;
  call: number;
}

/** A sender. It repeats a call until it gets the answer, and begins a POST only with a permit that is valid now. */
class Sender {
  readonly lane: string;
  #reports: SendReport[] = [];
  #calls = 0;

  constructor(lane: string) {
    this.lane = lane;
  }

  begin(want: number): Call {
    this.#calls += 1;
    return { lane: this.lane, reports: this.#reports, want, call: this.#calls };
  }

  /** Begins the POSTs of the answer, and adds each batch to `sent`. The next call reports them. */
  async use(permits: readonly SendPermit[], sent: number[]): Promise<void> {
    this.#reports = [];
    for (const permit of permits) {
      const isValid = permit.slackMs >= 0 || (await run.api.regrant(permit)).ok;
      if (isValid) sent.push(permit.batch);
      const unsent = { kind: "not_sent", reason: "gave_up", detail: "too late" } as const;
      this.#reports.push(reportOf(permit, isValid ? OK : unsent));
    }
  }
}

async function make({ lane, reports, want, call }: Call): Promise<SendPermit[]> {
  const answer = await run.api.next(lane, reports, want, call);
  return answer.kind === "grants" ? answer.grants : [];
}

const STEPS = fc.array(
  fc.record({
    sender: fc.integer({ min: 0, max: 1 }),
    want: fc.integer({ min: 1, max: 4 }),
    lostAnswers: fc.integer({ min: 0, max: 2 }),
    isEvicted: fc.boolean(),
    /** Whether a copy of the call arrives again later. */
    isCopied: fc.boolean(),
    arrives: fc.option(fc.nat({ max: 9 })),
  }),
  { minLength: 10, maxLength: 25 },
);

it("sends every batch once, whatever is lost, late or evicted", async () => {
  await fc.assert(
    fc.asyncProperty(STEPS, async (steps) => {
      run.fresh();
      await opened(run, [Array.from({ length: BATCHES }, () => LINES)]);
      const senders = [new Sender("a.1"), new Sender("b.1")];
      const sent: number[] = [];
      const copies: Call[] = [];
      let mayArrive = true;
      for (const { sender: n, want, lostAnswers, isEvicted, isCopied, arrives } of steps) {
        const sender = senders[n];
        if (!sender) continue;
        const call = sender.begin(want);
        for (let lost = 0; lost < lostAnswers; lost += 1) {
          await make(call);
          if (isEvicted) await run.evict();
        }
        await sender.use(await make(call), sent);
        // After an eviction, the first call of a sender is always new. A late copy of it would get leases.
        if (isCopied && call.call > 1) copies.push(call);
        if (isEvicted && lostAnswers === 0) await run.evict();
        mayArrive ||= isEvicted;
        // Nobody gets the answer to a call that arrives late. After an eviction, the second of two late calls of a
        // sender would get leases: the run no longer knows how far the sender was.
        const [late] =
          arrives === null || !mayArrive ? [] : copies.splice(arrives % Math.max(1, copies.length), 1);
        if (late) {
          await make(late);
          mayArrive = false;
        }
        run.pass(200);
      }
      for (const sender of senders) await run.api.done(sender.lane, sender.begin(0).reports);
      const { in_flight } = await run.status();
      expect(in_flight).toBe(0);
      expect(new Set(sent).size).toBe(sent.length);
      await sendAll(run);
      expect(await run.status()).toMatchObject({
        uncertain_attempts: 0,
        duplicate_lines: 0,
        possible_duplicate_lines: 0,
        log_lines_sent: BATCHES * LINES,
      });
      await run.expectBalanced();
    }),
    { numRuns: 15, seed: 1936950383, endOnFailure: true },
  );
});
