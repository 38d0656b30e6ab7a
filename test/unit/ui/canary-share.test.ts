// Tests when the page says that a canary may be the whole run.
import { expect, it } from "vitest";
import { mayBeWholeRun } from "../../../src/ui/pages/new/canary-share.ts";

it("says it when the plan may have no more batches than the canary", () => {
  expect(mayBeWholeRun("3", { low: 3 })).toBe(true);
  expect(mayBeWholeRun("1,000", { low: 40 })).toBe(true);
  expect(mayBeWholeRun("3", { low: 4 })).toBe(false);
  expect(mayBeWholeRun("", { low: 1 })).toBe(false);
  expect(mayBeWholeRun("3", { low: 0 })).toBe(false);
});
