// Attempts that count as not delivered because of their answer's status: each counts once, by status, and a recount
// agrees.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { acted, openedAs } from "../support/operator-play.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import { answered, permitOf, reportOutcome } from "../support/run-work.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
afterEach(() => run.expectBalanced());

const LINES = 100;
const match = answered(200, { bodyStart: '{"code":0}', bodyMatches: true });
const open = (batches: number) => openedAs(run, [Array.from({ length: batches }, () => LINES)], {});

describe("attempts that count as not delivered because of their answer", () => {
  it("are counted by status, in the status, in the batches and in a recount", async () => {
    await open(4);
    await reportOutcome(run, await permitOf(run), match);
    const busy = await permitOf(run);
    await reportOutcome(run, busy, answered(429));
    const again = await permitOf(run);
    await reportOutcome(run, again, answered(503));
    for (let n = 0; n < 2; n += 1) {
      const permit = await permitOf(run);
      await reportOutcome(run, permit, answered(429));
    }
    const status = await run.status();
    expect(status).toMatchObject({
      assumed_not_delivered_attempts: 4,
      assumed_not_delivered_lines: 4 * LINES,
      assumed_not_delivered: {
        "429": { attempts: 3, lines: 3 * LINES },
        "503": { attempts: 1, lines: LINES },
      },
      uncertain_attempts: 0,
    });
    const listed = await run.api.listBatches({ states: [], cursor: null, limit: 10 });
    const all = listed.ok ? listed.page.items.flatMap((batch) => batch.assumed_not_delivered) : [];
    expect(all.length).toBeGreaterThan(1);
    await acted(run, { do: "verify" });
    await run.settle();
    expect((await run.status()).verification).toMatchObject({ last: { differences: [] } });
    await run.rows("UPDATE assumed_not_delivered SET attempts = attempts + 1 WHERE status = 503");
    await acted(run, { do: "verify" });
    await run.settle();
    const { last } = (await run.status()).verification;
    expect(last?.differences).toEqual([{ file: null, what: "assumed_not_delivered_attempts 503", recorded: 1, counted: 2 }]); // prettier-ignore
    await run.rows("UPDATE assumed_not_delivered SET attempts = attempts - 1 WHERE status = 503");
  });

  it("count once, also when the report is repeated after an eviction or comes late", async () => {
    await open(3);
    const first = await permitOf(run);
    await reportOutcome(run, first, answered(302));
    await run.evict();
    await reportOutcome(run, first, answered(302));
    expect(await run.status()).toMatchObject({ assumed_not_delivered: { "302": { attempts: 1 } } });
    const late = await permitOf(run);
    await run.wait(60_000);
    for (let times = 0; times < 2; times += 1) {
      await reportOutcome(run, late, answered(503));
      await run.evict();
    }
    expect(await run.status()).toMatchObject({ assumed_not_delivered: { "503": { attempts: 1 } } });
  });

  it("leave out those that never connected, and those the run may not know of", async () => {
    await open(3);
    await reportOutcome(run, await permitOf(run), { kind: "no_connection", detail: "refused" });
    await reportOutcome(run, await permitOf(run), answered(500));
    expect(await run.status()).toMatchObject({ assumed_not_delivered_attempts: 0, uncertain_attempts: 1 });
  });
});
