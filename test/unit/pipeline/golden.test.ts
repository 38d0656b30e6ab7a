import { describe, expect, it } from "vitest";
import { instantOf, isInside, topLevelRule, topLevelVerdict } from "../../../src/pipeline/filter.ts";
import { parseLogKey } from "../../../src/pipeline/log-keys.ts";
import { signedUrl } from "../../../src/receivers/sign.ts";
import { FIELD_COUNT } from "../../../src/pipeline/transform/column.ts";
import { FORMATS } from "../../../src/pipeline/transform/formats/formats.ts";
import { COUNTRY_OF_COLO, COUNTRY_OF_COLO_2026_05 } from "../../../src/pipeline/transform/colo-country.ts";
import { LineFormatter } from "../../../src/pipeline/transform/line-formatter.ts";
import type { ParseVersion } from "../../../src/contract/parse-spec.ts";
import { fieldNames, lineDifferences } from "../../support/line-differences.ts";
import { golden, goldenText, parse } from "./support.ts";

type Json = Record<string, unknown>;

function msOf(record: Json): number | null {
  return instantOf(record, JSON.stringify(record), false)?.ms ?? null;
}

/** A field of the line, by its 1-based number. */
function fieldOf(version: ParseVersion, number: number, record: Json): string | undefined {
  return new LineFormatter({ parseVersion: version }).format(record, 0).split("\u0001")[number - 1];
}

const VERSIONS: ParseVersion[] = [1, 2];

describe.each(VERSIONS)("the golden lines in parse version %d", (version) => {
  const lineOf = (record: Json): string =>
    new LineFormatter({ parseVersion: version }).format(record, msOf(record));
  const table: Record<string, string> = JSON.parse(goldenText("colo-country-2026-05.json"));
  const rows = golden<{ name: string; record: Json; line: string }>("lines.ndjson");

  it("has all of its rows, so that an emptied fixture cannot pass", () => {
    expect(rows.length).toBeGreaterThan(300);
  });

  it.each(rows)("gives line $name byte for byte", ({ record, line }) => {
    const right = version === 1 ? line : withCountryOf2026(record, line);
    expect(lineDifferences(asBytes(lineOf(record)), asBytes(`${right}\n`), NAMES)).toEqual([]);
  });

  /** The golden rows are older than the table of May 2026, which adds data centres. */
  function withCountryOf2026(record: Json, line: string): string {
    const colo = String(record["EdgeColoCode"]).toUpperCase();
    if (COUNTRY_OF_COLO.has(colo) || !(colo in table)) return line;
    return line.split("\u0001").with(44, table[colo]!).join("\u0001");
  }

  it.each(golden<{ name: string; class: string; record: Json; line?: string }>("hazards.ndjson"))(
    "gives 145 fields and one LF for hazard $name, and the right line if there is one",
    ({ record, line }) => {
      const printed = lineOf(record);
      expect(printed.split("\u0001").length).toBe(FIELD_COUNT);
      expect(printed.indexOf("\n")).toBe(printed.length - 1);
      // Compares bytes, because a lone surrogate changes the text but not the bytes.
      if (line !== undefined)
        expect(lineDifferences(asBytes(printed), asBytes(`${line}\n`), NAMES)).toEqual([]);
    },
  );
});

const NAMES = fieldNames(goldenText("fields.tsv"));

function asBytes(text: string): string {
  return Buffer.from(text).toString();
}

describe("the golden data", () => {
  it("names a column for every non-constant field of fields.tsv, and no other", () => {
    const fromTable = goldenText("fields.tsv")
      .split("\n")
      .map((row) => row.split("\t"))
      .filter(([index, source]) => /^\d+$/.test(index!) && (source !== "(constant)" || index === "1"))
      .map(([index]) => Number(index));
    for (const version of VERSIONS) {
      const ours = FORMATS["edge-3.0"].versions[version].columns.flatMap((column) => column.at);
      expect(ours.toSorted((a, b) => a - b)).toEqual(fromTable);
      expect(new Set(ours).size).toBe(ours.length);
    }
  });

  it("holds the partner's table of data centres", () => {
    expect(Object.fromEntries(COUNTRY_OF_COLO)).toEqual(JSON.parse(goldenText("colo-country.json")));
  });

  it("adds the data centres of May 2026 in parse version 2, and changes none of the older table", () => {
    const table: Record<string, string> = JSON.parse(goldenText("colo-country-2026-05.json"));
    expect(Object.fromEntries(COUNTRY_OF_COLO_2026_05)).toEqual(table);
    expect(Object.keys(table)).toHaveLength(462);
    for (const [colo, country] of Object.entries(table))
      expect(fieldOf(2, 45, { EdgeColoCode: colo, ClientCountry: "nl" })).toBe(country);
    expect(
      ["SJC", "IAH", "WRO", "XAP"].map((colo) => fieldOf(2, 45, { EdgeColoCode: colo, ClientCountry: "nl" })),
    ).toEqual(["US", "US", "PL", "BR"]);
    expect(
      ["SJC", "IAH", "WRO", "XAP"].map((colo) => fieldOf(1, 45, { EdgeColoCode: colo, ClientCountry: "nl" })),
    ).toEqual(["NL", "NL", "NL", "NL"]);
  });

  it.each([-0.4, -0, "-0.0001", -1e-300, "-1e-9"])(
    "prints %s ms as 0.000, and as before in version 1",
    (ms) => {
      expect(fieldOf(2, 6, { EdgeTimeToFirstByteMs: ms })).toBe("0.000");
      expect(fieldOf(1, 6, { EdgeTimeToFirstByteMs: ms })).toBe((Number(ms) / 1000).toFixed(3));
      expect(fieldOf(2, 6, { EdgeTimeToFirstByteMs: -0.6 })).toBe("-0.001");
    },
  );

  it.each(golden<{ ts: unknown; ms: number | null }>("timestamps.ndjson"))(
    "agrees on timestamp $ts",
    ({ ts, ms }) => {
      expect(msOf({ EdgeStartTimestamp: ts })).toBe(ms);
    },
  );

  it.each(
    golden<{ name: string; startMs: number; endMs: number; record: Json; keep: boolean; reason: string }>(
      "filter.ndjson",
    ),
  )("agrees on filter $name", async ({ startMs, endMs, record, keep, reason }) => {
    const rule = topLevelRule(["00"]);
    const instant = instantOf(record, JSON.stringify(record), false);
    const inside = instant !== null && isInside(instant, { startMs, endMs, endExclusive: false });
    expect(topLevelVerdict(record, rule) === "top_level" && inside).toBe(keep);

    const { counts } = await parse(`${JSON.stringify(record)}\n`, { spec: { startMs, endMs } });
    expect({ ...counts.dropped, kept: counts.kept }).toMatchObject({ [reason]: 1 });
  });

  it.each(golden<{ key: string; startMs: number | null; endMs: number | null }>("keys.ndjson"))(
    "agrees on key $key",
    ({ key, startMs, endMs }) => {
      const range = parseLogKey(key);
      expect({ startMs: range?.startMs ?? null, endMs: range?.endMs ?? null }).toEqual({ startMs, endMs });
    },
  );

  it.each(
    golden<{ endpoint: string; uri: string; ts: number; rand: number; key: string; url: string }>(
      "signature.ndjson",
    ),
  )("agrees on signature $ts $rand", ({ endpoint, uri, ts, rand, key, url }) => {
    expect(signedUrl({ endpoint, uri, key, nowMs: (ts - 300) * 1000, rand })).toBe(url);
    expect(signedUrl({ endpoint, uri, key, nowMs: (ts - 300) * 1000 + 999, rand })).toBe(url);
  });
});
