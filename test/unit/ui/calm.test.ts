// Tests what Home says when nothing is known to need a person, and how it counts holes.
import { expect, it } from "vitest";
import type { CoverageAnswer } from "../../../src/contract/api/api-types.ts";
import { calmOf } from "../../../src/ui/state/calm.ts";
import { countOfHoles } from "../../../src/ui/text/holes.ts";
import { loadTexts, needTexts, texts } from "../../../src/ui/text/texts.ts";

function coverage(complete: boolean, possible = 0): CoverageAnswer {
  return { complete, possible_holes: Array.from({ length: possible }) } as unknown as CoverageAnswer;
}

it("does not say that nothing needs a person before the whole day was looked at", () => {
  expect(calmOf(null, false)).toBe("looking");
  expect(calmOf(coverage(false), false)).toBe("looking");
  expect(calmOf(null, true)).toBe("unknown");
  expect(calmOf(coverage(true, 1), false)).toBe("possible");
  expect(calmOf(coverage(true), false)).toBe("nothing");
});

it("says of holes that were all replayed that nothing is open", async () => {
  await loadTexts("en");
  await needTexts(["coverage", "home"]);
  const name = texts.value.home.holes;
  expect(countOfHoles(name, 2, 0)).toBe("Windows not delivered: 2");
  expect(countOfHoles(name, 3, 1)).toBe("Windows not delivered: 3, replayed: 1, not replayed: 2");
  expect(countOfHoles(name, 1, 1)).toBe("Windows not delivered: 1, replayed, nothing is open");
});
