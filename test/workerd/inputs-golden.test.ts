// The golden hazards from R2 to the receiver: exactly the golden bytes must arrive.
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, it } from "vitest";
// @ts-expect-error -- the bundler reads the fixture as text; inside the runtime there is no file system
import fixture from "../fixtures/golden/hazards.ndjson?raw";
// @ts-expect-error -- as above
import timestamps from "../fixtures/golden/timestamps.ndjson?raw";
// @ts-expect-error -- as above
import fields from "../fixtures/golden/fields.tsv?raw";
import { InputsUnderTest } from "../support/inputs-under-test.ts";
import { fieldNames, lineDifferences } from "../support/line-differences.ts";

const run = new InputsUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
const NAMES = fieldNames(fields as string);
const START = Date.parse("2026-04-22T14:00:00Z");
const DAY = 86_400_000;
const NAME = "20260422/20260422T140000Z_20260422T140030Z_a.log.gz";

interface Hazard {
  class: string;
  record: { EdgeStartTimestamp?: unknown };
  line?: string;
}

function rowsOf<Row>(text: string): Row[] {
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as Row); // prettier-ignore
}

/** Odd timestamps and their meaning. Null: unreadable. "12" has no row here, because it means twelve seconds after
 * 1970. */
const ODD = new Map<string, number | null>(
  rowsOf<{ ts: unknown; ms: number | null }>(timestamps as string).map(({ ts, ms }) => [
    JSON.stringify(ts),
    ms,
  ]),
);

ODD.set('"12"', 12_000);

function verdict(hazard: Hazard): "keep" | "invalid_timestamp" | "outside_window" {
  if (hazard.class !== "ts-quirk") return "keep";
  const ms = ODD.get(JSON.stringify(hazard.record.EdgeStartTimestamp));
  if (ms === null || ms === undefined) return "invalid_timestamp";
  return ms >= START && ms <= START + DAY ? "keep" : "outside_window";
}

/** The record's text from the fixture. Parsing and printing it would round the numbers under test. */
function rawRecord(text: string): string {
  const from = text.indexOf('"record":') + '"record":'.length;
  const to = text.lastIndexOf(',"line":');
  return text.slice(from, to > from ? to : -1);
}

it("delivers every hazard as the right line, drops what has no readable time, and loses none", async () => {
  const texts = (fixture as string).split("\n").filter((text) => text !== "");
  const hazards = rowsOf<Hazard>(fixture as string);
  expect(hazards.length).toBeGreaterThan(100);
  await run.put(NAME, gzipSync(texts.map((text) => `${rawRecord(text)}\n`).join("")));
  const status = await run.deliver({ startMs: START, endMs: START + DAY, maxSuspectRatio: 1 });

  const kept = hazards.filter((hazard) => verdict(hazard) === "keep");
  const count = (why: string) => hazards.filter((hazard) => verdict(hazard) === why).length;
  expect(status).toMatchObject({
    stage_code: "sent_waiting_cleanup",
    lines: {
      read: hazards.length,
      kept: kept.length,
      malformed: 0,
      dropped: {
        invalid_timestamp: count("invalid_timestamp"),
        outside_window: count("outside_window"),
        not_top_level: 0,
      },
    },
  });
  const sent = run.posts.flat();
  expect(sent).toHaveLength(kept.length);
  for (const [n, hazard] of kept.entries()) {
    expect(sent[n]?.split("\u0001").length, hazard.class).toBe(145);
    if (hazard.line !== undefined) expect(lineDifferences(sent[n] ?? "", hazard.line, NAMES)).toEqual([]);
  }
  expect(kept.filter((hazard) => hazard.line !== undefined).length).toBeGreaterThan(50);
});
