import { describe, expect, it } from "vitest";
import { topLevelRule, topLevelVerdict, instantOf, isInside } from "../../../src/pipeline/filter.ts";
import { parseLogKey } from "../../../src/pipeline/log-keys.ts";
import { signedUrl } from "../../../src/pipeline/send/sign.ts";
import { COLUMNS, FIELD_COUNT } from "../../../src/pipeline/transform/columns.ts";
import { COUNTRY_OF_COLO } from "../../../src/pipeline/transform/colo-country.ts";
import { LineFormatter } from "../../../src/pipeline/transform/line-formatter.ts";
import { golden, goldenText, parse } from "./support.ts";

type Json = Record<string, unknown>;

function msOf(record: Json): number | null {
  return instantOf(record, JSON.stringify(record), false)?.ms ?? null;
}

function lineOf(record: Json): string {
  return new LineFormatter().format(record, msOf(record));
}

describe("golden data: what the partner and the reference agree on, byte for byte", () => {
  const rows = golden<{ name: string; record: Json; line: string }>("lines.ndjson");

  it("has all of its rows, so that an emptied fixture cannot pass", () => {
    expect(rows.length).toBeGreaterThan(300);
  });

  it.each(rows)("line $name", ({ record, line }) => {
    expect(Buffer.from(lineOf(record)).equals(Buffer.from(`${line}\n`)), lineOf(record)).toBe(true);
  });

  it.each(golden<{ name: string; class: string; record: Json; line?: string }>("hazards.ndjson"))(
    "hazard $name: 145 fields and one LF, and the one right line where there is one",
    ({ record, line }) => {
      const printed = lineOf(record);
      expect(printed.split("\u0001").length).toBe(FIELD_COUNT);
      expect(printed.indexOf("\n")).toBe(printed.length - 1);
      if (line !== undefined)
        expect(Buffer.from(printed).equals(Buffer.from(`${line}\n`)), printed).toBe(true);
    },
  );

  it("every non-constant field of fields.tsv is printed by a column, and no other", () => {
    const fromTable = goldenText("fields.tsv")
      .split("\n")
      .map((row) => row.split("\t"))
      .filter(([index, source]) => /^\d+$/.test(index!) && (source !== "(constant)" || index === "1"))
      .map(([index]) => Number(index));
    const ours = COLUMNS.flatMap((column) => column.at);
    expect(ours.toSorted((a, b) => a - b)).toEqual(fromTable);
    expect(new Set(ours).size).toBe(ours.length);
  });

  it("the table of data centres is the partner's", () => {
    expect(Object.fromEntries(COUNTRY_OF_COLO)).toEqual(JSON.parse(goldenText("colo-country.json")));
  });

  it.each(golden<{ ts: unknown; ms: number | null }>("timestamps.ndjson"))("timestamp $ts", ({ ts, ms }) => {
    expect(msOf({ EdgeStartTimestamp: ts })).toBe(ms);
  });

  it.each(
    golden<{ name: string; startMs: number; endMs: number; record: Json; keep: boolean; reason: string }>(
      "filter.ndjson",
    ),
  )("filter $name", async ({ startMs, endMs, record, keep, reason }) => {
    const rule = topLevelRule(["00"]);
    const instant = instantOf(record, JSON.stringify(record), false);
    const inside = instant !== null && isInside(instant, { startMs, endMs, endExclusive: false });
    expect(topLevelVerdict(record, rule) === "top_level" && inside).toBe(keep);

    const { counts } = await parse(`${JSON.stringify(record)}\n`, { spec: { startMs, endMs } });
    expect({ ...counts.dropped, kept: counts.kept }).toMatchObject({ [reason]: 1 });
  });

  it.each(golden<{ key: string; startMs: number | null; endMs: number | null }>("keys.ndjson"))(
    "key $key",
    ({ key, startMs, endMs }) => {
      const range = parseLogKey(key);
      expect({ startMs: range?.startMs ?? null, endMs: range?.endMs ?? null }).toEqual({ startMs, endMs });
    },
  );

  it.each(
    golden<{ endpoint: string; uri: string; ts: number; rand: number; key: string; url: string }>(
      "signature.ndjson",
    ),
  )("signature $ts $rand", ({ endpoint, uri, ts, rand, key, url }) => {
    expect(signedUrl({ endpoint, uri, key, nowMs: (ts - 300) * 1000, rand })).toBe(url);
    expect(signedUrl({ endpoint, uri, key, nowMs: (ts - 300) * 1000 + 999, rand })).toBe(url);
  });
});
