// The number of lines to which shares and forecasts of a run refer while some files are not read yet.
import { describe, expect, it } from "vitest";
import type { RunStatusAnswer } from "../../../src/contract/api/api-types.ts";
import {
  isCanaryOpen,
  neverFalling,
  rateNow,
  sendingAverage,
  shareOf,
  wholeOf,
} from "../../../src/ui/state/run-share.ts";

type Parts = { kept?: number; sent?: number; listed?: number; expected?: number | null };

function runOf({ kept = 300, sent = 100, listed = 0, expected = null }: Parts) {
  return {
    lines: { kept, sent },
    files: { listed, parsing: 0 },
    expected_lines: expected,
  } as unknown as RunStatusAnswer;
}

describe("the whole run", () => {
  it.each([
    ["is what was read when every file is read", { expected: 300 }, null, { lines: 300, isExact: true }],
    [
      "is estimated while files are unread",
      { listed: 51, expected: 2_000 },
      null,
      { lines: 2_000, isExact: false },
    ],
    [
      "is the plan while files are unread",
      { listed: 51, expected: 2_000 },
      1_926,
      { lines: 1_926, isExact: true },
    ],
    ["is what was read before any estimate", { listed: 51 }, null, { lines: 300, isExact: false }],
    [
      "has at least the lines that were read",
      { listed: 1, expected: 200 },
      250,
      { lines: 300, isExact: true },
    ],
  ] as const)("%s", (_, run, planned, whole) => {
    expect(wholeOf(runOf(run), planned)).toEqual(whole);
  });
});

describe("a canary", () => {
  const batches = { done: 0, refused: 0, held: 0, discarded: 0, split: 0, pending: 9, leased: 0 };
  const stateOf = (
    canary: number | null,
    changes: object,
    code: string | null = null,
    problems: object[] = [],
  ) =>
    ({
      spec: { canary },
      batches: { ...batches, ...changes },
      files: { listed: 0, parsing: 0 },
      problems,
      state_reason: code === null ? null : { code, detail: "" },
    }) as unknown as RunStatusAnswer;

  it.each([
    ["there is none", stateOf(null, {}), false],
    ["its batches are being sent", stateOf(3, { done: 2 }), true],
    ["it waits for a person", stateOf(3, { done: 3 }, "canary"), true],
    ["a person has resumed the run", stateOf(3, { done: 3 }), false],
    ["a batch of it is held", stateOf(3, { done: 1, held: 2 }), false],
    [
      "a batch is held before it was sent",
      stateOf(3, { done: 2, held: 1 }, null, [{ state: "held", attempts: 0 }]),
      true,
    ],
    ["every batch is sent, and there are fewer than the canary", stateOf(3, { done: 2, pending: 0 }), false],
  ])("limits the run only while its batches are under way or wait: %s", (_, run, isOpen) => {
    expect(isCanaryOpen(run)).toBe(isOpen);
  });
});

it("averages over the time of sending, and not over ten seconds or less", () => {
  const of = (sending_seconds: number | null) =>
    sendingAverage({ ...runOf({ sent: 1_000 }), sending_seconds });
  expect([of(20), of(9.9), of(null)]).toEqual([50, null, null]);
});

describe("the rate now", () => {
  const of = (stage_code: string, pending: number, leased = 0) =>
    rateNow({
      stage_code,
      batches: { pending, leased },
      rate: { lines_per_second: 700 },
    } as unknown as RunStatusAnswer);

  it("is the API's number while the run sends", () => {
    expect([of("sending", 3), of("scanning_and_queueing", 0, 1)]).toEqual([700, 700]);
  });

  it("is 0 after the end, during a pause, and while no batch is to be sent", () => {
    expect([of("sent_waiting_cleanup", 0), of("paused", 3), of("sending", 0)]).toEqual([0, 0, 0]);
  });
});

describe("the progress", () => {
  const of = (lines: object, whole: number, progress = 0.5) =>
    shareOf({ lines: { sent: 0, discarded: 0, inherited: 0, ...lines }, progress, dry_run: false } as never, {
      lines: whole,
      isExact: false,
    });

  it("refers to the number of lines that the page shows", () => {
    expect(of({ sent: 250 }, 1_000)).toBe(0.25);
    expect(of({ sent: 250, discarded: 500, inherited: 500 }, 1_000)).toBe(0.5);
    expect(of({}, 0)).toBe(0);
  });

  it("is complete only when the API says so", () => {
    expect([of({ sent: 1_000 }, 1_000), of({ sent: 900 }, 1_000, 1)]).toEqual([0.999, 1]);
  });

  it("never falls when a new estimate is higher", () => {
    expect([0.3, 0.2, 0.4].map((share) => neverFalling("one run", share))).toEqual([0.3, 0.3, 0.4]);
    expect(neverFalling("another run", 0.1)).toBe(0.1);
  });
});
