// The rate below the cap: what slows it down, what speeds it up, and that it stays between floor and cap.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  rateFailed,
  rateOf,
  rateReopened,
  rateSucceeded,
  slowedBecause,
  startRate,
  type RateState,
} from "../../../durable-objects/backfill-run/receiver/rate.ts";

const CAP = 100_000;
const NOW = 1_000_000;
const plain = { cap: CAP, isPolite: false };
const polite = { cap: CAP, isPolite: true };

function halved(): RateState {
  return rateFailed(startRate(plain), plain, "http_503", NOW);
}

/** Applies one success every `everyMs`, for this many seconds. */
function wellFor(state: RateState, seconds: number, ackMs = 100, from = NOW, everyMs = 100): RateState {
  let next = state;
  for (let ms = everyMs; ms <= seconds * 1_000; ms += everyMs)
    next = rateSucceeded(next, plain, ackMs, from + ms);
  return next;
}

describe("the beginning of a run", () => {
  it("uses the cap, and a tenth of it for a polite run, which says so", () => {
    expect(rateOf(startRate(plain), CAP, NOW)).toBe(CAP);
    expect(slowedBecause(startRate(plain), CAP, NOW)).toBeNull();
    expect(rateOf(startRate(polite), CAP, NOW)).toBe(CAP / 10);
    expect(slowedBecause(startRate(polite), CAP, NOW)?.detail).toContain("polite");
  });
});

describe("a failure", () => {
  it.each(["http_429", "http_503"])(
    "halves the rate when it is %s, because the receiver asks for patience",
    (cause) => {
      expect(rateOf(rateFailed(startRate(plain), plain, cause, NOW), CAP, NOW)).toBe(CAP / 2);
    },
  );

  it.each(["timeout", "reset", "http_502"])("takes a fifth off when it is %s", (cause) => {
    expect(rateOf(rateFailed(startRate(plain), plain, cause, NOW), CAP, NOW)).toBeCloseTo(CAP * 0.8);
  });

  it("counts once a second, because sixty POSTs in flight fail together", () => {
    const once = halved();
    expect(rateFailed(once, plain, "http_503", NOW + 999)).toEqual(once);
    expect(rateOf(rateFailed(once, plain, "http_503", NOW + 1_000), CAP, NOW + 1_000)).toBe(CAP / 4);
    expect(rateFailed(once, plain, "timeout", NOW + 1_999)).toEqual(once);
    expect(rateOf(rateFailed(once, plain, "timeout", NOW + 2_000), CAP, NOW + 2_000)).toBeCloseTo(CAP * 0.4);
  });

  it("never takes the rate below a fiftieth of the cap", () => {
    let state = startRate(plain);
    for (let n = 0; n < 40; n += 1) state = rateFailed(state, plain, "http_429", NOW + n * 1_000);
    expect(rateOf(state, CAP, NOW + 40_000)).toBe(CAP / 50);
    expect(slowedBecause(state, CAP, NOW)).toMatchObject({ code: "slowed" });
  });
});

describe("success", () => {
  it("adds a twentieth of the cap each second, and reaches the cap after ten", () => {
    expect(rateOf(wellFor(halved(), 1), CAP, NOW + 1_000)).toBeCloseTo(CAP * 0.55);
    expect(rateOf(wellFor(halved(), 9), CAP, NOW + 9_000)).toBeLessThan(CAP);
    const back = wellFor(halved(), 11);
    expect([back.rate, back.because]).toEqual([null, ""]);
  });

  it("counts for five seconds at most after a long quiet", () => {
    const state = rateSucceeded(halved(), plain, 100, NOW + 3_600_000);
    expect(rateOf(state, CAP, NOW + 3_600_000)).toBeCloseTo(CAP * 0.75);
  });

  it("slows down once each two seconds when it takes three times as long, and names latency", () => {
    const usual = wellFor(startRate(plain), 20);
    const slow = wellFor(usual, 1, 5_000, NOW + 20_000);
    expect(rateOf(slow, CAP, NOW + 21_000)).toBeCloseTo(CAP * 0.8);
    expect(slow.because).toBe("latency");
  });

  it("slows down only a polite run when it takes half as long again", () => {
    const slow = (limits: typeof plain) => {
      let state: RateState = { ...startRate(plain), baselineMs: 300, latelyMs: 300 };
      for (let n = 1; n <= 8; n += 1) state = rateSucceeded(state, limits, 700, NOW + n * 10);
      return state.because;
    };
    expect([slow(plain), slow(polite)]).toEqual(["", "latency"]);
  });
});

describe("the ramp after an outage", () => {
  it("begins at a sixteenth and doubles each second, up to what it was and no further", () => {
    const state = rateReopened(halved(), plain, NOW);
    for (const [seconds, share] of [
      [0, 1 / 32],
      [1, 1 / 16],
      [3, 1 / 4],
      [4, 1 / 2],
      [60, 1 / 2],
    ] as const) {
      expect([seconds, rateOf(state, CAP, NOW + seconds * 1_000)]).toEqual([seconds, CAP * share]);
    }
  });

  it("leads to the first rate when another outage begins during the ramp", () => {
    const first = rateReopened(startRate(plain), plain, NOW);
    const second = rateReopened(first, plain, NOW + 1_000);
    expect(rateOf(second, CAP, NOW + 1_000)).toBe(CAP / 16);
    expect(rateOf(second, CAP, NOW + 60_000)).toBe(CAP);
  });
});

it("lowers the rate that a ramp leads to no further than a fiftieth of the cap", () => {
  let state = rateReopened(halved(), polite, NOW);
  for (let n = 1; n <= 8; n += 1) {
    state = rateFailed(state, polite, "http_429", NOW + n * 1_000);
    state = rateReopened(state, polite, NOW + n * 1_000);
  }
  expect(rateOf(state, CAP, NOW + 60_000)).toBe(CAP / 50);
});

it("stays between a fiftieth of the cap and the cap, whatever happens", () => {
  const step = fc.record({
    what: fc.constantFrom("ok", "http_429", "timeout", "reopened"),
    ackMs: fc.integer({ min: 1, max: 60_000 }),
    ms: fc.integer({ min: 0, max: 10_000 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.boolean(), (steps, isPolite) => {
      const limits = { cap: CAP, isPolite };
      let now = NOW;
      let state = startRate(limits);
      for (const { what, ackMs, ms } of steps) {
        now += ms;
        if (what === "ok") state = rateSucceeded(state, limits, ackMs, now);
        else if (what === "reopened") state = rateReopened(state, limits, now);
        else state = rateFailed(state, limits, what, now);
        const rate = rateOf(state, CAP, now);
        expect(rate).toBeLessThanOrEqual(CAP);
        // An outage ends at a sixteenth of the earlier rate, which was at least a fiftieth of the cap.
        expect(rate).toBeGreaterThanOrEqual(CAP / 50 / 16);
      }
    }),
  );
});
