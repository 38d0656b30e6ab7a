// Tests when a batch may be sent. The cap must hold for every possible start of every POST, and a run must be able
// to use most of the cap.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  MAX_WAIT_MS,
  extendPermit,
  freshPace,
  issuePermit,
  persistPace,
  postBegan,
  restorePace,
  reclaimPermit,
  type PermitRequest,
  type PaceState,
} from "../../../durable-objects/backfill-run/receiver/pace.ts";
import { MovingP95 } from "../../../durable-objects/backfill-run/receiver/latency.ts";

const SECOND = 1_000;

/** A POST on a clock that cannot be set. In real milliseconds. `hasBegun`: the sender has reported when. */
interface BegunPost {
  key: string;
  from: number;
  until: number;
  lines: number;
  hasBegun?: boolean;
}

/** The most lines that can fall into one second, if each POST may begin at any time inside its interval. */
function worstSecond(permits: readonly BegunPost[]): number {
  let worst = 0;
  for (const newest of permits) {
    const seen = permits.filter((one) => one.from <= newest.from && one.until > newest.from - SECOND);
    worst = Math.max(
      worst,
      seen.reduce((lines, one) => lines + one.lines, 0),
    );
  }
  return worst;
}

const action = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant("claim" as const),
      share: fc.double({ min: 0.001, max: 1, noNaN: true }),
      slackMs: fc.integer({ min: 0, max: 1_000 }),
      minWaitMs: fc.integer({ min: 0, max: 1_000 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("pass" as const), ms: fc.integer({ min: 0, max: 700 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("take_back" as const), nth: fc.nat(5) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("extend" as const),
      nth: fc.nat(5),
      slackMs: fc.integer({ min: 0, max: 1_000 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("begin" as const),
      nth: fc.nat(5),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      leastMs: fc.constantFrom(0, 50),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("evict" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("set_back" as const), ms: fc.integer({ min: 1, max: 60_000 }) }),
  },
);

/** Asks again, as a sender does, until a permit is issued. Returns when the batch may be sent, and when the permit
 * was issued. */
function issued(pace: PaceState, request: PermitRequest): { at: number; now: number } {
  let { now } = request;
  for (;;) {
    const answer = issuePermit(pace, { ...request, now });
    if (answer.kind === "issued") return { at: now + answer.waitMs, now };
    now += answer.waitMs;
  }
}

/** A cap of lines only, without caps of POSTs and bytes. */
function only(lines: number) {
  return { lines, requests: null, bytes: null };
}

describe("the cap", () => {
  it("holds in any one second, wherever in its interval each POST begins", () => {
    let extended = 0;
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 20_000 }),
        fc.array(action, { minLength: 20, maxLength: 120 }),
        (cap, actions) => {
          let real = 1_000_000;
          let clockBehind = 0;
          let pace = freshPace(0);
          const permits: BegunPost[] = [];
          for (const [n, step] of actions.entries()) {
            const now = real - clockBehind;
            switch (step.do) {
              case "claim": {
                const lines = Math.max(1, Math.floor(step.share * cap));
                const { slackMs, minWaitMs } = step;
                const key = String(n);
                const answer = issuePermit(pace, {
                  key,
                  lines,
                  bytes: 0,
                  now,
                  caps: only(cap),
                  rate: cap,
                  slackMs,
                  minWaitMs,
                });
                expect(answer.waitMs).toBeLessThanOrEqual(MAX_WAIT_MS);
                if (answer.kind === "wait") real += answer.waitMs;
                else {
                  expect(answer.waitMs).toBeGreaterThanOrEqual(minWaitMs);
                  const from = real + answer.waitMs;
                  permits.push({ key, from, until: from + slackMs, lines });
                }
                break;
              }
              case "pass":
                real += step.ms;
                break;
              case "take_back": {
                // Only a permit whose POST has not begun can be returned.
                const open = permits.filter((one) => one.from > real);
                const chosen = open[step.nth % Math.max(1, open.length)];
                if (!chosen) break;
                reclaimPermit(pace, chosen.key);
                permits.splice(permits.indexOf(chosen), 1);
                break;
              }
              case "extend": {
                // A sender that was too late.
                const late = permits.filter((one) => one.until < real && !one.hasBegun);
                const chosen = late.at(-1 - (step.nth % Math.max(1, late.length)));
                if (!chosen) break;
                const { key } = chosen;
                const granted = extendPermit(pace, key, { now, slackMs: step.slackMs, caps: only(cap) });
                if (granted) {
                  extended += 1;
                  Object.assign(chosen, { from: real, until: real + granted.slackMs });
                } else {
                  reclaimPermit(pace, key);
                  permits.splice(permits.indexOf(chosen), 1);
                }
                break;
              }
              case "begin": {
                // The POST begins at a moment of its interval, and its report comes later.
                const open = permits.filter((one) => one.from <= real && !one.hasBegun);
                const chosen = open.at(-1 - (step.nth % Math.max(1, open.length)));
                if (!chosen) break;
                const lateMs = Math.floor(step.share * (Math.min(real, chosen.until) - chosen.from));
                postBegan(pace, chosen.key, lateMs, step.leastMs);
                Object.assign(chosen, {
                  from: chosen.from + lateMs,
                  until: chosen.from + lateMs,
                  hasBegun: true,
                });
                break;
              }
              case "evict":
                pace = restorePace(structuredClone(persistPace(pace)), now);
                break;
              case "set_back":
                clockBehind += step.ms;
            }
          }
          expect(worstSecond(permits)).toBeLessThanOrEqual(cap);
        },
      ),
      { seed: 20260422, numRuns: 1_500 },
    );
    expect(extended).toBeGreaterThan(1_000);
  });

  const held = (key: string, now: number) => {
    const pace = freshPace(0);
    const ask = (of: string, at: number) =>
      issuePermit(pace, { key: of, lines: 100, bytes: 0, now: at, caps: only(200), rate: 1_000_000, slackMs: 50, minWaitMs: 0 }); // prettier-ignore
    expect(ask(key, now)).toEqual({ kind: "issued", waitMs: 0 });
    return { pace, ask };
  };

  it("counts the permit of a late sender until the end of its extension, and not twice", () => {
    const { pace, ask } = held("late", 10_000);
    expect(extendPermit(pace, "late", { now: 10_120, slackMs: 100, caps: only(200) })).toEqual({
      slackMs: 100,
    });
    expect(ask("second", 10_120)).toEqual({ kind: "issued", waitMs: 0 });
    expect(ask("third", 10_620)).toEqual({ kind: "issued", waitMs: 552 });
    // The extension ends at 10,220.
    expect(ask("fourth", 11_171)).toEqual({ kind: "issued", waitMs: 51 });
  });

  it("is used nearly as much when every twentieth sender is 80 ms late", () => {
    const share = (isLate: (n: number) => boolean): number => {
      const pace = freshPace(0);
      const first = 10_000;
      let at = first;
      for (let n = 0; n < 400; n += 1) {
        const request = { key: String(n), lines: 1_000, bytes: 0, now: at, caps: only(8_000), rate: 8_000, slackMs: 50, minWaitMs: 0 }; // prettier-ignore
        ({ at } = issued(pace, request));
        if (!isLate(n)) continue;
        expect(
          extendPermit(pace, String(n), { now: at + 80, slackMs: 50, caps: only(8_000) }),
        ).not.toBeNull();
        // The next sender claims before the late one begins.
        at += 1;
        pace.seenNow = at;
      }
      return (400 * 1_000) / ((at - first) / 1_000) / 8_000;
    };
    const without = share(() => false);
    expect(without).toBeGreaterThan(0.95);
    expect(share((n) => n % 20 === 19) / without).toBeGreaterThan(0.985);
  });

  it("refuses an extension into a second that is already full", () => {
    const { pace, ask } = held("late", 10_000);
    expect(ask("second", 10_500)).toEqual({ kind: "issued", waitMs: 0 });
    // This permit begins when the first one no longer counts.
    expect(ask("third", 10_500)).toEqual({ kind: "issued", waitMs: 552 });
    const before = structuredClone(pace.log);
    expect(extendPermit(pace, "late", { now: 10_520, slackMs: 20, caps: only(200) })).toBeNull();
    expect(pace.log).toEqual(before);
    expect(extendPermit(pace, "unknown", { now: 10_520, slackMs: 20, caps: only(200) })).toBeNull();
    expect(extendPermit(pace, "late", { now: 10_520, slackMs: 20, caps: only(300) })).not.toBeNull();
    expect(extendPermit(pace, "late", { now: 10_545, slackMs: 20, caps: only(300) })).toEqual({
      slackMs: 40,
    });
  });

  it("does not extend a permit beyond the end of the hours", () => {
    const { pace } = held("late", 10_000);
    const extend = (endBefore: number) =>
      extendPermit(pace, "late", { now: 10_100, slackMs: 50, caps: only(200), endBefore });
    expect([extend(10_150), extend(10_151)]).toEqual([null, { slackMs: 50 }]);
  });

  it("ends a permit at the beginning of its POST, but keeps the time for the network", () => {
    const untilAfter = (lateMs: number, leastMs: number) => {
      const { pace } = held("one", 10_000);
      extendPermit(pace, "one", { now: 10_100, slackMs: 200, caps: only(200) });
      postBegan(pace, "one", lateMs, leastMs);
      return pace.log[0]!.until;
    };
    expect([untilAfter(7, 0), untilAfter(7, 50), untilAfter(80, 50), untilAfter(500, 0)]).toEqual([
      10_107, 10_150, 10_180, 10_300,
    ]);
  });

  it("lets permits begin together while the rate allows them within 100 ms", () => {
    const ask = (cap: number, count: number, slackMs = 0): number[] => {
      const pace = freshPace(0);
      const request = { lines: 1_000, bytes: 0, now: 10_000, rate: cap, slackMs, minWaitMs: 20 };
      return Array.from({ length: count }, (_, n) => {
        const answer = issuePermit(pace, { ...request, key: `${n}`, caps: only(cap) });
        return answer.waitMs;
      });
    };
    expect(ask(100_000, 12)).toEqual([...Array(10).fill(20), 120, 120]);
    expect(ask(50_000, 6)).toEqual([20, 20, 20, 20, 20, 120]);
    expect(ask(8_000, 4)).toEqual([20, 145, 270, 395]);
    expect(ask(100_000, 10, 50)).toEqual([...Array(9).fill(20), 20 + 9 * 10.5]);
  });

  it("gives a later claim the moment of an earlier one only while its body can be ready by then", () => {
    const pace = freshPace(0);
    const request = { lines: 1_000, bytes: 0, caps: only(50_000), rate: 50_000, slackMs: 0, minWaitMs: 20 };
    const at = (key: string, now: number): number => now + issuePermit(pace, { ...request, key, now }).waitMs;
    expect([at("a", 10_000), at("b", 10_000), at("c", 10_001)]).toEqual([10_020, 10_020, 10_060]);
    // "c" begins 40 ms after "a" and "b", because each of the two takes 20 ms of the rate. "d" and "e" begin together
    // with "c".
    expect([at("d", 10_030), at("e", 10_040), at("f", 10_041)]).toEqual([10_060, 10_060, 10_120]);
  });

  it("is used to 90 % and more when there is enough work", () => {
    const cap = 8_000;
    const lines = 1_000;
    const slackMs = 50;
    const pace = freshPace(0);
    // Sixty sender loops. Each claims, waits, POSTs for 300 ms, and claims again.
    const lanes = Array.from({ length: 60 }, (_, lane) => lane * 3);
    const begun: BegunPost[] = [];
    for (let turn = 0; turn < 500_000; turn += 1) {
      const now = Math.min(...lanes);
      const lane = lanes.indexOf(now);
      if (now > 61_000) break;
      const key = String(turn);
      const answer = issuePermit(pace, {
        key,
        lines,
        bytes: 0,
        now,
        caps: only(cap),
        rate: cap,
        slackMs,
        minWaitMs: 20,
      });
      if (answer.kind === "issued") {
        const late = (turn * 7) % slackMs;
        const from = now + answer.waitMs + late;
        begun.push({ key, from, until: from, lines });
      }
      lanes[lane] = now + answer.waitMs + (answer.kind === "issued" ? 300 : 0);
    }
    const sent = begun.filter((one) => one.from >= 1_000 && one.from < 61_000).length * lines;
    expect(sent / 60).toBeGreaterThanOrEqual(0.9 * cap);
    expect(worstSecond(begun)).toBeLessThanOrEqual(cap);
  });

  it("never lets a batch leave that is larger than itself", () => {
    const pace = freshPace(0);
    const request = {
      key: "a",
      lines: 101,
      now: 5_000,
      bytes: 0,
      caps: only(100),
      rate: 100,
      slackMs: 50,
      minWaitMs: 0,
    };
    expect(issuePermit(pace, request)).toEqual({ kind: "wait", waitMs: MAX_WAIT_MS });
  });

  it("holds for a second after the newest possible POST when the log was lost", () => {
    const pace = freshPace(0);
    const request = { lines: 10, bytes: 0, caps: only(100), rate: 100, slackMs: 400, minWaitMs: 20 };
    const first = issuePermit(pace, { ...request, key: "a", now: 10_000 });
    if (first.kind !== "issued") throw new Error("no permit");
    const after = restorePace(persistPace(pace), 10_050);
    const { at: second } = issued(after, { ...request, key: "b", now: 10_050 });
    expect(second).toBeGreaterThanOrEqual(10_000 + first.waitMs + 400 + SECOND);
  });

  it("holds for a second after the last permit of the run before", () => {
    const pace = freshPace(50_000);
    const request = {
      key: "a",
      lines: 10,
      now: 50_000,
      bytes: 0,
      caps: only(100),
      rate: 100,
      slackMs: 50,
      minWaitMs: 20,
    };
    expect(issued(pace, request).at).toBeGreaterThanOrEqual(50_000 + SECOND);
  });

  it("gives the place of a returned permit to another batch", () => {
    const pace = freshPace(0);
    const request = { lines: 100, bytes: 0, caps: only(100), rate: 100_000, slackMs: 0, minWaitMs: 0 };
    expect(issuePermit(pace, { ...request, key: "a", now: 10_000 })).toEqual({ kind: "issued", waitMs: 0 });
    reclaimPermit(pace, "a");
    const answer = issuePermit(pace, { ...request, key: "b", now: 10_010 });
    expect(answer).toMatchObject({ kind: "issued" });
    expect(answer.waitMs).toBeLessThan(SECOND);
  });

  it("spaces batches evenly over the second", () => {
    const pace = freshPace(0);
    const request = {
      lines: 100,
      now: 10_000,
      bytes: 0,
      caps: only(1_000),
      rate: 1_000,
      slackMs: 50,
      minWaitMs: 0,
    };
    let now = 10_000;
    const leaves = Array.from({ length: 8 }, (_, n) => {
      const answer = issued(pace, { ...request, now, key: String(n) });
      ({ now } = answer);
      return answer.at;
    });
    for (const [n, at] of leaves.entries()) expect(at).toBeGreaterThanOrEqual(10_000 + n * 100);
  });
});

describe("the moving p95", () => {
  it("stays between floor and ceiling, whatever senders report", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100_000 }), { maxLength: 200 }), (samples) => {
        const p95 = new MovingP95(20, 1_000);
        for (const sample of samples) p95.add(sample);
        expect(p95.value).toBeGreaterThanOrEqual(20);
        expect(p95.value).toBeLessThanOrEqual(1_000);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it("follows what most senders need, and forgets what was long ago", () => {
    const p95 = new MovingP95(20, 1_000);
    for (let n = 0; n < 64; n += 1) p95.add(200);
    expect(p95.value).toBe(200);
    for (let n = 0; n < 64; n += 1) p95.add(50);
    expect(p95.value).toBe(50);
  });
});
