// The text about malformed records for the partner.
import { expect, it } from "vitest";
import { malformedText } from "../../../src/ui/pages/run/malformed-text.ts";
import { loadTexts, needTexts } from "../../../src/ui/text/texts.ts";

await loadTexts("en");
await needTexts(["run", "rowReasons"]);

const id = "20260422T140000Z_20260422T150000Z_20260423T010203Z";
const window = { start: "2026-04-22T14:00:00Z", end: "2026-04-22T15:00:00Z", interval: "" };
const sample = { file: 7, line: 1_289, reason: "not_json", bytes: '{"RayID":"x' } as const;
const runWith = (malformed: number) => ({ id, window, lines: { malformed } }) as never;

it("names the run, the window in both zones, and each record", () => {
  const text = malformedText(runWith(1), [sample]);
  expect(text).toContain("1 record of 2026-04-22 22:00:00 Beijing");
  expect(text).toContain("2026-04-22 14:00:00 UTC");
  expect(text).toContain(id);
  expect(text).toMatch(/^File 7, line 1,289 .*: \{"RayID":"x$/m);
  expect(text).not.toContain("The first");
  expect(malformedText(runWith(1), [{ ...sample, key: "logs/a.log.gz" }])).toContain(
    "logs/a.log.gz, line 1,289",
  );
});

it("says when the run has more records than the text", () => {
  expect(malformedText(runWith(33), [sample])).toContain("The first 1 of 33 are shown.");
});
