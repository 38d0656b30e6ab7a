// PATCH: each limit applies from the next claim or report on. The audit trail shows the old and the new value.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { act, acted, eventsOf, openedAs, statesOf } from "../support/operator-play.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import { permitOf, OK, sendAll, reportOutcome, TIMEOUT } from "../support/run-work.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
afterEach(() => run.expectBalanced());

const LINES = 100;
const many = (count: number): number[] => Array.from({ length: count }, () => LINES);

describe("PATCH", () => {
  it("shows the old and the new value of each limit that it changed, and counts only those", async () => {
    await run.start({ maxRequestsPerSecond: 5 });
    const limits = {
      maxLinesPerSecond: 2_000, maxRequestsPerSecond: null, maxBytesPerSecond: 50_000, maxInFlight: 60, rate: 9, polite: true,
      onUncertain: "hold",
    } as const; // prettier-ignore
    expect(await acted(run, { do: "patch", limits }, "partner is weak")).toMatchObject({ changed: 6 });
    expect((await eventsOf(run, "patch"))[0]?.detail).toEqual({
      changes: {
        max_lines_per_second: { from: 100_000, to: 2_000 },
        max_requests_per_second: { from: 5, to: null },
        max_bytes_per_second: { from: null, to: 50_000 },
        rate: { from: "auto", to: 9 },
        polite: { from: false, to: true },
        on_uncertain: { from: "resend", to: "hold" },
      },
      note: "partner is weak",
      changed: 6,
    });
    expect((await run.status()).limits).toEqual({
      max_lines_per_second: 2_000, max_requests_per_second: null, max_bytes_per_second: 50_000, max_in_flight: 60, rate: 9,
      polite: true, on_uncertain: "hold", send_between: null, daily_lines: null,
    }); // prettier-ignore
  });

  it("spaces the next permits by max_requests_per_second, and null frees them", async () => {
    await openedAs(run, [many(12)], {});
    await acted(run, { do: "patch", limits: { maxRequestsPerSecond: 1 } });
    expect(await gaps(3)).toSatisfy((waits: number[]) => waits.slice(1).every((wait) => wait >= 990));
    await acted(run, { do: "patch", limits: { maxRequestsPerSecond: null } });
    await gaps(1);
    expect(await gaps(3)).toSatisfy((waits: number[]) => waits.slice(1).every((wait) => wait < 500));
  });

  it("spaces the next permits by max_bytes_per_second", async () => {
    await openedAs(run, [many(8)], {});
    const [{ length } = { length: 0 }] = await run.rows<{ length: number }>(
      "SELECT length FROM batches LIMIT 1",
    );
    await acted(run, { do: "patch", limits: { maxBytesPerSecond: length } });
    expect(await gaps(3)).toSatisfy((waits: number[]) => waits.slice(1).every((wait) => wait >= 990));
  });

  it("starts at a tenth of the cap with polite, and runs at the cap without it", async () => {
    await openedAs(run, [many(2)], {});
    expect((await run.status()).rate).toMatchObject({ target_lines_per_second: 100_000 });
    await acted(run, { do: "patch", limits: { polite: true } });
    expect((await run.status()).rate).toMatchObject({ target_lines_per_second: 10_000 });
    await run.evict();
    expect((await run.status()).rate).toMatchObject({ target_lines_per_second: 10_000 });
    await acted(run, { do: "patch", limits: { polite: false } });
    expect((await run.status()).rate).toMatchObject({ target_lines_per_second: 100_000 });
  });

  it("holds uncertain batches after on_uncertain hold, also those that wait to be sent again", async () => {
    await openedAs(run, [many(4)], {});
    const [first, second, third] = [await permitOf(run), await permitOf(run), await permitOf(run)];
    await reportOutcome(run, first, OK);
    await reportOutcome(run, second, TIMEOUT);
    expect((await statesOf(run))[second.batch]).toBe("pending");
    await acted(run, { do: "patch", limits: { onUncertain: "hold" } });
    expect((await statesOf(run))[second.batch]).toBe("held");
    await reportOutcome(run, third, TIMEOUT);
    expect((await statesOf(run))[third.batch]).toBe("held");
    // An operator's decision about one batch overrides the limit.
    await acted(run, { do: "retry_batch", batch: second.batch });
    await acted(run, { do: "patch", limits: { onUncertain: "resend" } });
    await acted(run, { do: "patch", limits: { onUncertain: "hold" } });
    expect((await statesOf(run))[second.batch]).toBe("pending");
    await sendAll(run);
    expect(await statesOf(run)).toMatchObject({ [second.batch]: "done", [third.batch]: "held" });
  });

  it("names the smallest cap that works when it is below the largest batch", async () => {
    await openedAs(run, [many(1)], {});
    const limits = { maxLinesPerSecond: LINES - 1 };
    expect(await act(run, { do: "patch", limits })).toMatchObject({
      code: "invalid_value",
      detail: expect.stringContaining(`at least ${LINES}`) as string,
    });
  });
});

/** For each of the next permits: how long after the previous permit it begins. The first counts from now. */
async function gaps(count: number): Promise<number[]> {
  const waits: number[] = [];
  let last = Date.now();
  for (let n = 0; n < count; n += 1) {
    const { waitMs, ...permit } = await permitOf(run);
    const at = Date.now() + waitMs;
    waits.push(at - last);
    last = at;
    await reportOutcome(run, permit, OK);
  }
  return waits;
}
