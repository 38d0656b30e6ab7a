// When may a batch leave: the cap against every possible moment of every POST, and how much of it is used.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  MAX_WAIT_MS,
  freshPace,
  grant,
  persistPace,
  restorePace,
  takeBack,
  type GrantWish,
  type PaceState,
} from "../../../durable-objects/backfill-run/receiver/pace.ts";
import { MovingP95 } from "../../../durable-objects/backfill-run/receiver/latency.ts";

const SECOND = 1_000;

/** A grant on a clock that cannot be set: real milliseconds. */
interface RealGrant {
  key: string;
  from: number;
  until: number;
  lines: number;
}

/** The most lines that any one second can see, whenever inside its interval each POST begins. */
function worstSecond(grants: readonly RealGrant[]): number {
  let worst = 0;
  for (const newest of grants) {
    const seen = grants.filter((one) => one.from <= newest.from && one.until > newest.from - SECOND);
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
  { weight: 1, arbitrary: fc.record({ do: fc.constant("evict" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("set_back" as const), ms: fc.integer({ min: 1, max: 60_000 }) }),
  },
);

/** Asks again as a sender does until the batch is granted; gives the instant at which it may leave, and when it was granted. */
function granted(pace: PaceState, wish: GrantWish): { at: number; now: number } {
  let { now } = wish;
  for (;;) {
    const answer = grant(pace, { ...wish, now });
    if (answer.kind === "granted") return { at: now + answer.waitMs, now };
    now += answer.waitMs;
  }
}

/** No bound but that of lines. */
function only(lines: number) {
  return { lines, requests: null, bytes: null };
}

describe("the cap", () => {
  it("holds in any one second, wherever in its interval each POST begins", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 20_000 }),
        fc.array(action, { minLength: 20, maxLength: 120 }),
        (cap, actions) => {
          let real = 1_000_000;
          let clockBehind = 0;
          let pace = freshPace(0);
          const grants: RealGrant[] = [];
          for (const [n, step] of actions.entries()) {
            const now = real - clockBehind;
            switch (step.do) {
              case "claim": {
                const lines = Math.max(1, Math.floor(step.share * cap));
                const { slackMs, minWaitMs } = step;
                const key = String(n);
                const answer = grant(pace, {
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
                  grants.push({ key, from, until: from + slackMs, lines });
                }
                break;
              }
              case "pass":
                real += step.ms;
                break;
              case "take_back": {
                // Only what did not begin can be given back.
                const open = grants.filter((one) => one.from > real);
                const chosen = open[step.nth % Math.max(1, open.length)];
                if (!chosen) break;
                takeBack(pace, chosen.key);
                grants.splice(grants.indexOf(chosen), 1);
                break;
              }
              case "evict":
                pace = restorePace(structuredClone(persistPace(pace)), now);
                break;
              case "set_back":
                clockBehind += step.ms;
            }
          }
          expect(worstSecond(grants)).toBeLessThanOrEqual(cap);
        },
      ),
      { seed: 20260422, numRuns: 1_500 },
    );
  });

  it("is used to 90 % and more when there is enough work", () => {
    const cap = 8_000;
    const lines = 1_000;
    const slackMs = 50;
    const pace = freshPace(0);
    // Sixty lanes that each claim, wait, POST for 300 ms and claim again.
    const lanes = Array.from({ length: 60 }, (_, lane) => lane * 3);
    const begun: RealGrant[] = [];
    for (let turn = 0; turn < 500_000; turn += 1) {
      const now = Math.min(...lanes);
      const lane = lanes.indexOf(now);
      if (now > 61_000) break;
      const key = String(turn);
      const answer = grant(pace, {
        key,
        lines,
        bytes: 0,
        now,
        caps: only(cap),
        rate: cap,
        slackMs,
        minWaitMs: 20,
      });
      if (answer.kind === "granted") {
        const late = (turn * 7) % slackMs;
        const from = now + answer.waitMs + late;
        begun.push({ key, from, until: from, lines });
      }
      lanes[lane] = now + answer.waitMs + (answer.kind === "granted" ? 300 : 0);
    }
    const sent = begun.filter((one) => one.from >= 1_000 && one.from < 61_000).length * lines;
    expect(sent / 60).toBeGreaterThanOrEqual(0.9 * cap);
    expect(worstSecond(begun)).toBeLessThanOrEqual(cap);
  });

  it("never lets a batch leave that is larger than itself", () => {
    const pace = freshPace(0);
    const wish = {
      key: "a",
      lines: 101,
      now: 5_000,
      bytes: 0,
      caps: only(100),
      rate: 100,
      slackMs: 50,
      minWaitMs: 0,
    };
    expect(grant(pace, wish)).toEqual({ kind: "wait", waitMs: MAX_WAIT_MS });
  });

  it("holds for a second after the newest possible POST when the log was lost", () => {
    const pace = freshPace(0);
    const wish = { lines: 10, bytes: 0, caps: only(100), rate: 100, slackMs: 400, minWaitMs: 20 };
    const first = grant(pace, { ...wish, key: "a", now: 10_000 });
    if (first.kind !== "granted") throw new Error("not granted");
    const after = restorePace(persistPace(pace), 10_050);
    const { at: second } = granted(after, { ...wish, key: "b", now: 10_050 });
    expect(second).toBeGreaterThanOrEqual(10_000 + first.waitMs + 400 + SECOND);
  });

  it("holds for a second after the last permit of the run before", () => {
    const pace = freshPace(50_000);
    const wish = {
      key: "a",
      lines: 10,
      now: 50_000,
      bytes: 0,
      caps: only(100),
      rate: 100,
      slackMs: 50,
      minWaitMs: 20,
    };
    expect(granted(pace, wish).at).toBeGreaterThanOrEqual(50_000 + SECOND);
  });

  it("gives the place of a returned permit to another batch", () => {
    const pace = freshPace(0);
    const wish = { lines: 100, bytes: 0, caps: only(100), rate: 100_000, slackMs: 0, minWaitMs: 0 };
    expect(grant(pace, { ...wish, key: "a", now: 10_000 })).toEqual({ kind: "granted", waitMs: 0 });
    takeBack(pace, "a");
    const answer = grant(pace, { ...wish, key: "b", now: 10_010 });
    expect(answer).toMatchObject({ kind: "granted" });
    expect(answer.waitMs).toBeLessThan(SECOND);
  });

  it("spaces batches evenly over the second", () => {
    const pace = freshPace(0);
    const wish = {
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
      const answer = granted(pace, { ...wish, now, key: String(n) });
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
