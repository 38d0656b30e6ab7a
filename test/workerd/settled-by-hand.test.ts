// Batches whose lines were sent more than once before an operator settled them as delivered. The lines that may have
// arrived twice must stay counted.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { acted, openedAs } from "../support/operator-play.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import { OK, RESET, answered, permitOf, reportOutcome, sendAll } from "../support/run-work.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
afterEach(() => run.expectBalanced());

const LINES = 100;
const REFUSED = answered(400);

/** POSTs the one batch this many times. The outcome of each POST is unknown. */
async function sentUnknown(times: number) {
  const permits = [];
  for (let n = 0; n < times; n += 1) {
    if (n > 0) await acted(run, { do: "resolve_batch", batch: 1, outcome: "resend" });
    const permit = await permitOf(run);
    await reportOutcome(run, permit, RESET);
    permits.push(permit);
  }
  return permits;
}

function settle(batch = 1) {
  return acted(run, { do: "resolve_batch", batch, outcome: "delivered" }, "the partner found it");
}

describe("a batch that is settled as delivered after four POSTs without an outcome", () => {
  it("counts the lines of three POSTs as possible duplicates", async () => {
    await openedAs(run, [[LINES]], { onUncertain: "hold" });
    await sentUnknown(4);
    await settle();
    const counted = { log_lines_sent: LINES, uncertain_attempts: 3, possible_duplicate_lines: 3 * LINES };
    expect(await run.status()).toMatchObject(counted);
    expect(await run.rows("SELECT state, followed FROM attempts ORDER BY attempt")).toEqual([
      { state: "uncertain", followed: 2 },
      { state: "uncertain", followed: 3 },
      { state: "uncertain", followed: 4 },
      { state: "resolved", followed: 0 },
    ]);
  });

  it.each([1, 2, 3, 4])("counts the other three when a late 2xx names POST %i", async (named) => {
    await openedAs(run, [[LINES]], { onUncertain: "hold" });
    const permits = await sentUnknown(4);
    await settle();
    for (let times = 0; times < 2; times += 1) await reportOutcome(run, permits[named - 1]!, OK);
    expect(await run.status()).toMatchObject({
      log_lines_sent: LINES,
      duplicate_lines: 0,
      uncertain_attempts: 3,
      possible_duplicate_lines: 3 * LINES,
    });
    expect(await run.row("SELECT done_attempt FROM batches WHERE batch = 1")).toEqual({
      done_attempt: named,
    });
  });

  it("counts each further late 2xx as a sure duplicate", async () => {
    await openedAs(run, [[LINES]], { onUncertain: "hold" });
    const permits = await sentUnknown(4);
    await settle();
    for (const permit of permits) await reportOutcome(run, permit, OK);
    expect(await run.status()).toMatchObject({
      log_lines_sent: LINES,
      duplicate_lines: 3 * LINES,
      uncertain_attempts: 0,
      possible_duplicate_lines: 0,
    });
  });
});

describe("a part of a split batch, whose parent has a late 2xx", () => {
  /** A batch whose first POST has no outcome. The second POST is refused, so the batch is split. */
  async function splitAfterUnknown() {
    await openedAs(run, [[10, LINES]], { onUncertain: "hold", onRefused: "split", refusalIsAtomic: true });
    await reportOutcome(run, await permitOf(run), OK);
    const parent = await permitOf(run);
    await reportOutcome(run, parent, RESET);
    await acted(run, { do: "resolve_batch", batch: parent.batch, outcome: "resend" });
    await reportOutcome(run, await permitOf(run), REFUSED);
    return parent;
  }

  it("is a possible duplicate when its own POST has no outcome", async () => {
    const parent = await splitAfterUnknown();
    const part = await permitOf(run);
    await reportOutcome(run, part, RESET);
    expect(part.lines).toBe(LINES / 2);
    await reportOutcome(run, parent, OK);
    expect(await run.status()).toMatchObject({
      log_lines_sent: 10 + LINES,
      duplicate_lines: 0,
      uncertain_attempts: 1,
      possible_duplicate_lines: part.lines,
    });
    await reportOutcome(run, part, OK);
    const sure = { duplicate_lines: part.lines, uncertain_attempts: 0, possible_duplicate_lines: 0 };
    expect(await run.status()).toMatchObject(sure);
  });

  it("is a possible duplicate while its POST is open", async () => {
    const parent = await splitAfterUnknown();
    const part = await permitOf(run);
    await reportOutcome(run, parent, OK);
    expect(await run.status()).toMatchObject({ uncertain_attempts: 1, possible_duplicate_lines: part.lines });
  });

  it("is no sure duplicate when an operator settled it: the decision may have meant the parent's POST", async () => {
    const parent = await splitAfterUnknown();
    const part = await permitOf(run);
    await reportOutcome(run, part, RESET);
    await settle(part.batch);
    await reportOutcome(run, parent, OK);
    expect(await run.status()).toMatchObject({
      log_lines_sent: 10 + LINES,
      duplicate_lines: 0,
      uncertain_attempts: 1,
      possible_duplicate_lines: part.lines,
    });
    await sendAll(run);
  });
});
