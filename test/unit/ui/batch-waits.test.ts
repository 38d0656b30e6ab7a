// Tests what set-aside batches wait for, and which decisions the page offers.
import { describe, expect, it } from "vitest";
import type { RunStatusAnswer } from "../../../src/contract/api/api-types.ts";
import {
  batchesForPerson,
  heldTone,
  helpsToRetry,
  mayHaveArrived,
  toneOfBatch,
  waitsFor,
  wereSent,
} from "../../../src/ui/state/batch-waits.ts";

interface Listed {
  kind: string;
  state: string;
  reason?: string;
  attempts?: number;
}

function runOf(problems: Listed[], batches: object = {}, files: object = {}) {
  return {
    problems: problems.map((one) => ({ reason: "", attempts: 1, ...one })),
    batches: { held: 0, refused: 0, ...batches },
    files: { failed: 0, missing: 0, ...files },
  } as unknown as Pick<RunStatusAnswer, "problems" | "batches" | "files">;
}
const UNPROVEN = { kind: "batch", state: "held", reason: "live_batch_size_unproven: too few files" };
const OF_FILE = { kind: "batch", state: "held", reason: "stranded: suspicious" };
const TIMEOUT = { kind: "batch", state: "held", reason: "timeout" };
const SUSPICIOUS = { kind: "file", state: "suspicious" };

describe("a batch", () => {
  it.each([
    ["waits for the proof of the size of the live worker's batches", UNPROVEN, "size"],
    ["waits for the same proof when its file is held", { ...OF_FILE, reason: "stranded: live_batch_size_unproven" }, "size"],
    ["waits for the decision about its file", OF_FILE, "file"],
    ["waits for its own decision when it may have arrived", TIMEOUT, "person"],
    ["waits for its own decision when it was refused", { state: "refused", reason: "http_400" }, "person"],
    ["waits for nothing while it is pending", { state: "pending", reason: "timeout" }, null],
  ])("%s", (_, batch, expected) => {
    expect(waitsFor(batch)).toBe(expected);
  }); // prettier-ignore

  it("is part of the canary only when it was sent", () => {
    expect(wereSent([{ attempts: 0 }, { attempts: 2 }])).toEqual([{ attempts: 2 }]);
  });
});

it("counts the batches that need a person, not those that wait for something else", () => {
  const held = { held: 2 };
  expect(batchesForPerson(runOf([UNPROVEN, OF_FILE, SUSPICIOUS], held))).toEqual({
    states: ["refused"],
    atLeast: 0,
    isExact: true,
  });
  expect(batchesForPerson(runOf([UNPROVEN, TIMEOUT], held))).toEqual({
    states: ["refused", "held"],
    atLeast: 1,
    isExact: true,
  });
  expect(batchesForPerson(runOf([])).atLeast).toBe(0);
});

it("knows only a lower bound when the API lists a part of the problems", () => {
  const many = Array.from({ length: 100 }, () => UNPROVEN);
  expect(batchesForPerson(runOf(many, { held: 300, refused: 3 }))).toEqual({
    states: ["refused", "held"],
    atLeast: 3,
    isExact: false,
  });
});

it("paints a batch that waits for the proof in no colour of a problem", () => {
  expect(toneOfBatch(UNPROVEN)).toBe("idle");
  expect(toneOfBatch(TIMEOUT)).toBe("amber");
  expect(heldTone(runOf([UNPROVEN], { held: 1 }))).toBe("idle");
  expect(heldTone(runOf([UNPROVEN, OF_FILE], { held: 2 }))).toBe("amber");
  expect(
    heldTone(
      runOf(
        Array.from({ length: 100 }, () => UNPROVEN),
        { held: 300 },
      ),
    ),
  ).toBe("amber");
});

it("offers “Retry all” only when it changes something", () => {
  expect(helpsToRetry(runOf([SUSPICIOUS, OF_FILE, UNPROVEN], { held: 2 }))).toBe(false);
  expect(helpsToRetry(runOf([{ kind: "file", state: "changed" }]))).toBe(false);
  expect(helpsToRetry(runOf([SUSPICIOUS], {}, { failed: 1 }))).toBe(true);
  expect(helpsToRetry(runOf([], { refused: 1 }))).toBe(true);
  expect(helpsToRetry(runOf([TIMEOUT], { held: 1 }))).toBe(true);
});

it("takes held batches that are not listed as ones that may have arrived", () => {
  const many = Array.from({ length: 100 }, () => SUSPICIOUS);
  expect(mayHaveArrived(runOf([{ ...TIMEOUT, attempts: 1 }], { held: 1 }))).toBe(true);
  expect(mayHaveArrived(runOf([{ ...TIMEOUT, attempts: 0 }], { held: 1 }))).toBe(false);
  expect(mayHaveArrived(runOf(many, { held: 1 }))).toBe(true);
  expect(mayHaveArrived(runOf(many))).toBe(false);
});
