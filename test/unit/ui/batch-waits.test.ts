// Tests what set-aside batches wait for, and which decisions the page offers.
import { describe, expect, it } from "vitest";
import type { RunStatusAnswer } from "../../../src/contract/api/api-types.ts";
import { batchesForPerson, helpsToRetry, waitsFor, wereSent } from "../../../src/ui/state/batch-waits.ts";

const runOf = (...problems: { kind: string; state: string; reason?: string }[]) =>
  ({ problems: problems.map((one) => ({ reason: "", ...one })) }) as Pick<RunStatusAnswer, "problems">;
const UNPROVEN = { kind: "batch", state: "held", reason: "live_batch_size_unproven: too few files" };
const OF_FILE = { kind: "batch", state: "held", reason: "stranded: suspicious" };
const TIMEOUT = { kind: "batch", state: "held", reason: "timeout" };
const SUSPICIOUS = { kind: "file", state: "suspicious" };

describe("a batch", () => {
  it.each([
    ["waits for the proof of the live batch size", UNPROVEN, "size"],
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

it("counts held batches as “needs you” only when one of them waits for its own decision", () => {
  expect(batchesForPerson(runOf(UNPROVEN, OF_FILE, SUSPICIOUS))).toEqual(["refused"]);
  expect(batchesForPerson(runOf(UNPROVEN, TIMEOUT))).toEqual(["refused", "held"]);
  expect(batchesForPerson(runOf())).toEqual(["refused", "held"]);
});

it("offers “Retry all” only when it changes something", () => {
  expect(helpsToRetry(runOf(SUSPICIOUS, OF_FILE, UNPROVEN))).toBe(false);
  expect(helpsToRetry(runOf({ kind: "file", state: "changed" }))).toBe(false);
  expect(helpsToRetry(runOf(SUSPICIOUS, { kind: "file", state: "failed" }))).toBe(true);
  expect(helpsToRetry(runOf(TIMEOUT))).toBe(true);
});
