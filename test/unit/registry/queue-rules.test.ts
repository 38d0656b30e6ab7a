// The queue's rules, each as a table of cases.
import { describe, expect, it } from "vitest";
import {
  CAP_MS,
  NEXT_ATTEMPT_MS,
  afterReport,
  capWait,
  expiresAt,
  isTooOld,
  seriesState,
} from "../../../durable-objects/run-registry/queue/rules.ts";

const NOW = 1_000_000;
const DAY = 86_400_000;

describe("the cap", () => {
  it.each([
    ["nothing taken", [], null],
    ["one less than the cap", [{ at: NOW, count: 2 }], null],
    ["the cap, just now", [{ at: NOW, count: 3 }], CAP_MS],
    ["the cap, 20 s ago", [{ at: NOW - 20_000, count: 3 }], 40_000],
    ["the cap, a minute ago", [{ at: NOW - CAP_MS, count: 3 }], null],
    [
      "frees one place when the oldest leaves the minute",
      [
        { at: NOW - 50_000, count: 1 },
        { at: NOW, count: 2 },
      ],
      10_000,
    ],
    [
      "waits for the second when the cap is exceeded",
      [
        { at: NOW - 50_000, count: 1 },
        { at: NOW - 10_000, count: 3 },
      ],
      50_000,
    ],
  ])("with %s", (_what, taken, wait) => {
    expect(capWait(taken, 3, NOW)).toBe(wait);
  });
});

describe("age", () => {
  it.each([
    [NOW - 1, NOW, true],
    [NOW, NOW, false],
    [0, null, false],
  ])("a window that ends at %i with the oldest end %s", (end, oldest, dropped) => {
    expect(isTooOld(end, oldest)).toBe(dropped);
  });

  it.each([
    ["since it was queued", null, NOW + DAY],
    ["since it may start", NOW + 5, NOW + 5 + DAY],
    ["not from a time before it was queued", NOW - 5, NOW + DAY],
  ])("counts %s", (_what, notBefore, expires) => {
    expect(expiresAt(NOW, notBefore, DAY)).toBe(expires);
  });
});

describe("a report of the run", () => {
  const window = { attempts: 1, maxAttempts: 3, isCancelled: false };
  it.each([
    ["scanning_and_queueing", null, { state: "running" }],
    ["sending", null, { state: "running" }],
    ["paused", null, { state: "running" }],
    ["suspended", null, { state: "running" }],
    ["aborting", null, { state: "running" }],
    ["needs_attention", null, { state: "needs_attention" }],
    ["needs_attention", NOW, { state: "delivered" }],
    ["sent_waiting_cleanup", NOW, { state: "delivered" }],
    ["cleaned", NOW, { state: "delivered" }],
    ["aborted", null, { state: "queued", notBefore: NOW + NEXT_ATTEMPT_MS }],
  ] as const)("in stage %s, delivered at %s", (stage, deliveredAt, after) => {
    expect(afterReport(window, { stage, deliveredAt }, NOW)).toEqual(after);
  });

  it("fails the window when the last attempt is aborted", () => {
    const report = { stage: "aborted", deliveredAt: null } as const;
    expect(afterReport({ ...window, attempts: 2 }, report, NOW)).toMatchObject({ state: "queued" });
    expect(afterReport({ ...window, attempts: 3 }, report, NOW)).toEqual({ state: "failed" });
  });

  it("cancels a window that an operator cancelled while it ran, unless it is delivered", () => {
    const cancelled = { ...window, isCancelled: true };
    expect(afterReport(cancelled, { stage: "aborted", deliveredAt: null }, NOW)).toEqual({
      state: "cancelled",
    });
    expect(afterReport(cancelled, { stage: "cleaned", deliveredAt: NOW }, NOW)).toEqual({
      state: "delivered",
    });
  });
});

describe("a series", () => {
  it.each([
    ["has something left to cut", { delivered: 3 }, false, "running"],
    ["has a window that waits", { delivered: 3, queued: 1 }, true, "running"],
    ["has a window that runs", { failed: 1, running: 1 }, true, "running"],
    ["has only delivered windows", { delivered: 3 }, true, "delivered"],
    ["had nothing to send", {}, true, "delivered"],
    ["has a blocked window", { delivered: 3, blocked: 1 }, true, "needs_attention"],
    ["has a failed window", { delivered: 3, failed: 1 }, true, "needs_attention"],
    ["has an expired window", { expired: 1 }, true, "needs_attention"],
    ["has a window that an operator cancelled", { delivered: 3, cancelled: 1 }, true, "delivered"],
  ] as const)("that %s", (_what, counts, isCut, state) => {
    expect(seriesState(counts, isCut)).toBe(state);
  });
});
