// Reports about three attempts of one batch, in every order, with every outcome, and repeated. The final ledger
// depends only on what happened, not on the order of the reports.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { PostOutcome, SendPermit } from "../../src/contract/sending.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import {
  GAVE_UP,
  OK,
  PACK_MISSING,
  REFUSED_CONNECTION,
  TIMEOUT,
  permitOf,
  opened,
  reportOf,
  sendAll,
  reportOutcome,
} from "../support/run-work.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
const LINES = 100;

const OUTCOMES: Record<string, PostOutcome> = { done: OK, uncertain: TIMEOUT, refused: REFUSED_CONNECTION };
type Outcome = "done" | "uncertain" | "refused";
const ALL: Outcome[] = ["done", "uncertain", "refused"];

const STORIES = ALL.flatMap((one) => ALL.flatMap((two) => ALL.map((three) => [one, two, three] as const)));
const ORDERS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const;

/** Three attempts of each of `count` batches. The leases of two ran out, and the third is still leased. */
async function threeAttempts(count: number): Promise<SendPermit[][]> {
  await opened(run, [Array.from({ length: count }, () => LINES)]);
  const attempts = Array.from({ length: count }, (): SendPermit[] => []);
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    for (let n = 0; n < count; n += 1) {
      const permit = await permitOf(run);
      attempts[permit.batch - 1]?.push(permit);
    }
    if (attempt < 3) await run.wait(31_500);
  }
  for (const permits of attempts) expect(permits.map((permit) => permit.attempt)).toEqual([1, 2, 3]);
  return attempts;
}

describe.each(ORDERS)("reports in the order %i, %i, %i", (...order) => {
  it("lead to the ledger that the outcomes demand, however often each is repeated", async () => {
    const attempts = await threeAttempts(STORIES.length);
    for (const [n, story] of STORIES.entries()) {
      const reports = order.map((which) => {
        const permit = attempts[n]?.[which];
        if (!permit) throw new Error("no such attempt");
        return reportOf(permit, OUTCOMES[story[which] ?? ""] ?? OK);
      });
      for (const report of reports) {
        await run.api.done("a.0", [report]);
        await run.api.done("b.0", [report]);
      }
      await run.api.done("c.0", reports);
    }
    await run.expectBalanced();

    const batches = await run.rows<{ batch: number; state: string; done_attempt: number | null }>(
      "SELECT batch, state, done_attempt FROM batches ORDER BY batch",
    );
    const sums = { done: 0, duplicates: 0, uncertain: 0, possible: 0 };
    for (const [n, story] of STORIES.entries()) {
      const delivered = story.filter((outcome) => outcome === "done").length;
      const uncertain = story.filter((outcome) => outcome === "uncertain").length;
      const firstDone = order.find((which) => story[which] === "done");
      expect([story, batches[n]?.state, batches[n]?.done_attempt]).toEqual([
        story,
        delivered > 0 ? "done" : "pending",
        firstDone === undefined ? null : firstDone + 1,
      ]);
      sums.done += delivered > 0 ? LINES : 0;
      sums.duplicates += Math.max(0, delivered - 1) * LINES;
      sums.uncertain += uncertain;
      // An uncertain attempt is a possible duplicate when another POST followed it, or another attempt was accepted.
      const last = delivered === 0 && story[2] === "uncertain" ? 1 : 0;
      sums.possible += (uncertain - last) * LINES;
    }
    expect(await run.status()).toMatchObject({
      log_lines_sent: sums.done,
      duplicate_lines: sums.duplicates,
      uncertain_attempts: sums.uncertain,
      possible_duplicate_lines: sums.possible,
    });

    await sendAll(run);
    await run.expectBalanced();
    // Attempts that were uncertain before the last delivery may now have arrived twice.
    expect(await run.status()).toMatchObject({
      log_lines_sent: STORIES.length * LINES,
      duplicate_lines: sums.duplicates,
      uncertain_attempts: sums.uncertain,
      possible_duplicate_lines: sums.uncertain * LINES,
    });
  });
});

describe("a late report", () => {
  it.each([
    ["given back unsent", GAVE_UP],
    ["without a pack", PACK_MISSING],
    ["never connected", REFUSED_CONNECTION],
  ])("clears the uncertainty of an attempt that was %s", async (_how, outcome) => {
    await opened(run, [[LINES]]);
    const lost = await permitOf(run);
    await run.wait(30_100);
    expect(await run.status()).toMatchObject({ uncertain_attempts: 1 });
    await reportOutcome(run, lost, outcome);
    expect(await run.status()).toMatchObject({ uncertain_attempts: 0, possible_duplicate_lines: 0 });
    await run.expectBalanced();
  });

  it("counts as a 2xx in an aborted run, because the lines are there", async () => {
    await opened(run, [[LINES, LINES]]);
    const lost = await permitOf(run);
    await run.api.abort({ force: false, actor: "token" });
    await run.wait(35_000);
    expect(await run.stage()).toBe("aborted");
    expect(await run.status()).toMatchObject({ log_lines_sent: 0, uncertain_attempts: 1 });
    await reportOutcome(run, lost, OK);
    expect(await run.status()).toMatchObject({ log_lines_sent: LINES, uncertain_attempts: 0 });
    expect(await run.stage()).toBe("aborted");
    await run.expectBalanced();
  });

  it("changes nothing about an attempt never handed out, or a batch that is none, and logs both", async () => {
    const printed: string[] = [];
    vi.spyOn(console, "error").mockImplementation((line: string) => void printed.push(line));
    await opened(run, [[LINES]]);
    const permit = await permitOf(run);
    await reportOutcome(run, { batch: 99, attempt: 1 }, OK);
    await reportOutcome(run, { batch: permit.batch, attempt: 2 }, TIMEOUT);
    await reportOutcome(run, { batch: permit.batch, attempt: 2 }, TIMEOUT);
    const event = { level: "error", event: "report_of_unknown_attempt", run: run.id };
    expect(printed.map((line) => JSON.parse(line) as object)).toEqual(
      [
        { ...event, batch: 99, attempt: 1, cause: "no_such_batch", outcome: "answer", status: 200 },
        {
          ...event,
          batch: permit.batch,
          attempt: 2,
          cause: "attempt_never_claimed",
          outcome: "timeout",
          status: null,
        },
      ].map((line) => ({ ...line, at: expect.any(String) as string })),
    );
    expect(await run.status()).toMatchObject({ log_lines_sent: 0, in_flight: 1 });
    await run.expectBalanced();
  });

  it("settles a batch with its 2xx that was set aside in the meantime", async () => {
    await opened(run, [[LINES, LINES]]);
    const lost = await permitOf(run);
    await reportOutcome(run, await permitOf(run), OK);
    await run.wait(30_100);
    await reportOutcome(run, await permitOf(run), { kind: "answer", status: 400, bodyStart: "", bodyMatches: null, retryAfterMs: null }); // prettier-ignore
    expect((await run.status()).batches.refused).toBe(1);
    await run.wait(1_000);
    expect(await run.stage()).toBe("needs_attention");
    await reportOutcome(run, lost, OK);
    await run.wait(1_000);
    expect(await run.status()).toMatchObject({ stage_code: "sent_waiting_cleanup", log_lines_sent: 200 });
    await run.expectBalanced();
  });
});
