// Tests when a batch may be sent. The cap must hold for every possible start of every POST, and a run must be able
// to use most of the cap.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  MAX_WAIT_MS,
  freshPace,
  issuePermit,
  persistPace,
  restorePace,
  reclaimPermit,
} from "../../../durable-objects/backfill-run/receiver/pace.ts";
import { issued, onlyLines, worstSecond, type BegunPost } from "../../support/pace-caps.ts";
import { MovingP95 } from "../../../durable-objects/backfill-run/receiver/latency.ts";

const SECOND = 1_000;

describe("the cap", () => {
  it("lets permits begin together while the rate allows them within 100 ms", () => {
    const ask = (cap: number, count: number, slackMs = 0): number[] => {
      const pace = freshPace(0);
      const request = { lines: 1_000, bytes: 0, now: 10_000, rate: cap, slackMs, minWaitMs: 20 };
      return Array.from({ length: count }, (_, n) => {
        const answer = issuePermit(pace, { ...request, key: `${n}`, caps: onlyLines(cap) });
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
    const request = {
      lines: 1_000,
      bytes: 0,
      caps: onlyLines(50_000),
      rate: 50_000,
      slackMs: 0,
      minWaitMs: 20,
    };
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
        caps: onlyLines(cap),
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
      caps: onlyLines(100),
      rate: 100,
      slackMs: 50,
      minWaitMs: 0,
    };
    expect(issuePermit(pace, request)).toEqual({ kind: "wait", waitMs: MAX_WAIT_MS });
  });

  it("holds for a second after the newest possible POST when the log was lost", () => {
    const pace = freshPace(0);
    const request = { lines: 10, bytes: 0, caps: onlyLines(100), rate: 100, slackMs: 400, minWaitMs: 20 };
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
      caps: onlyLines(100),
      rate: 100,
      slackMs: 50,
      minWaitMs: 20,
    };
    expect(issued(pace, request).at).toBeGreaterThanOrEqual(50_000 + SECOND);
  });

  it("gives the place of a returned permit to another batch", () => {
    const pace = freshPace(0);
    const request = { lines: 100, bytes: 0, caps: onlyLines(100), rate: 100_000, slackMs: 0, minWaitMs: 0 };
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
      caps: onlyLines(1_000),
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
