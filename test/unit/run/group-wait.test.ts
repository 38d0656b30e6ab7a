// How long a sender may wait for more of its loops before a call.
import { describe, expect, it } from "vitest";
import { groupWaitMs } from "../../../durable-objects/backfill-run/receiver/group-wait.ts";
import { NewestCalls } from "../../../durable-objects/backfill-run/context/newest-calls.ts";
import { ageOfCall } from "../../../durable-objects/backfill-run/sending/repeated-call.ts";

const NOW = 1_000_000;
const waitMs = (aheadMs: number, pending = 9): number =>
  groupWaitMs({ newestAt: NOW + 20 + aheadMs }, { now: NOW, readyMs: 20, pending });

describe("the wait of a sender before its next call", () => {
  it("is none while the next permit can begin as soon as a sender has the body", () => {
    expect(waitMs(0)).toBe(0);
    expect(waitMs(-5_000)).toBe(0);
  });

  it("is half of the time by which permits are ahead, and at most 100 ms", () => {
    expect(waitMs(30)).toBe(15);
    expect(waitMs(1_000)).toBe(100);
  });

  it("is 100 ms when no batch waits", () => {
    expect(waitMs(-5_000, 0)).toBe(100);
  });
});

describe("the age of a call", () => {
  it.each([
    [1, 0, 0, "new"],
    [5, 3, 0, "new"],
    [5, 4, 3, "new"],
    [3, 3, 3, "repeated"],
    [3, 0, 3, "repeated"],
    [2, 3, 0, "outdated"],
    [2, 0, 3, "outdated"],
    // After an eviction, it is not known whether a later call arrived before.
    [5, 0, 3, "repeated"],
    [5, 0, 0, "repeated"],
    [undefined, 3, 3, "new"],
  ] as const)("of number %s with %s in memory and %s stored is %s", (call, remembered, stored, age) => {
    expect(ageOfCall(call, remembered, stored)).toBe(age);
  });
});

describe("the newest call of a sender", () => {
  it("stays the newest when earlier calls arrive late, so each of them is outdated", () => {
    const newest = new NewestCalls();
    for (const call of [7, 5]) newest.answered("a.1", call);
    expect(newest.of("a.1")).toBe(7);
    expect([5, 6].map((call) => ageOfCall(call, newest.of("a.1"), 0))).toEqual(["outdated", "outdated"]);
  });

  it("is forgotten first for the sender that has not called for the longest time", () => {
    const newest = new NewestCalls();
    for (let n = 0; n < 1_000; n += 1) newest.answered(`s${n}`, 2);
    newest.answered("s0", 1);
    newest.answered("another", 1);
    expect([newest.of("s0"), newest.of("s1"), newest.of("another")]).toEqual([2, 0, 1]);
  });
});
