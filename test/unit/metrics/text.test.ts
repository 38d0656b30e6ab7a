// The text of GET /metrics, read by a parser that shares no code with it.
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FAMILIES } from "../../../src/http/metrics/families.ts";
import { metricText } from "../../../src/http/metrics/metric-text.ts";
import { holesOf } from "../../../src/http/metrics/scrape.ts";
import { run as covering } from "../../support/auto-replay-watch.ts";
import { RUN_ID, aScrape, runMetrics } from "../../support/a-scrape.ts";
import { parseMetrics, type ParsedFamily } from "../../support/metrics-parser.ts";

const WANTED = parseMetrics(readFileSync("test/fixtures/metrics/names.txt", "utf8"));

function parsed(over: Parameters<typeof aScrape>[0] = {}): Map<string, ParsedFamily> {
  return parseMetrics(metricText(FAMILIES, aScrape(over)));
}

function labelNames({ samples }: ParsedFamily): string[] {
  return [...new Set(samples.flatMap(({ labels }) => Object.keys(labels)))].toSorted();
}

describe("the metrics", () => {
  it("have every agreed name, with its type and labels", () => {
    const shown = parsed();
    const wanted = [...WANTED.values()].map((family) => [family.name, family.type, labelNames(family)]);
    const found = [...WANTED.keys()].map((name) => {
      const family = shown.get(name);
      return [name, family?.type, family && labelNames(family)];
    });
    expect(found).toEqual(wanted);
  });

  it("include every agreed sample of a label that has fixed values", () => {
    const fixed = (family: ParsedFamily | undefined) =>
      (family?.samples ?? []).map(({ name, labels }) => {
        const { version: _version, le: _bound, ...rest } = labels;
        return JSON.stringify([name, rest]);
      });
    const shown = parsed();
    for (const [name, family] of WANTED) expect(fixed(shown.get(name))).toEqual(expect.arrayContaining(fixed(family))); // prettier-ignore
  });

  it("have the labels that each family declares, and no other", () => {
    const shown = parsed();
    for (const { name, labels, type } of FAMILIES) {
      const all = type === "histogram" ? [...labels, "le"] : [...labels];
      expect([name, labelNames(shown.get(name)!)]).toEqual([name, all.toSorted()]);
    }
  });

  it("have HELP and TYPE also when nothing answered", () => {
    const silent = parsed({
      receivers: [],
      isRegistryUp: false,
      coverage: null,
      holes: null,
      notifications: null,
      runs: [],
      receiver: "",
      isEnabled: false,
    });
    expect([...silent.keys()]).toEqual([...parsed().keys()]);
    const samples = [...silent.values()].flatMap((family) => family.samples);
    expect(samples.map(({ name, value }) => [name, value])).toEqual([
      ["backfill_info", 1],
      ["backfill_enabled", 0],
      ["backfill_source_up", 0],
      ["backfill_source_up", 0],
      ["backfill_source_up", 0],
    ]);
  });

  it("leave out what is not known yet", () => {
    const shown = parsed({ runs: [runMetrics({ lastPostEndedAt: null, etaSeconds: null })] });
    expect(shown.get("backfill_run_last_post_timestamp_seconds")?.samples).toEqual([]);
    expect(shown.get("backfill_run_eta_seconds")?.samples).toEqual([]);
  });

  it("show times in seconds, and no failure of R2 as a failed POST", () => {
    const shown = parsed();
    const values = (name: string) => shown.get(name)?.samples.map(({ labels, value }) => [labels["cause"], value]); // prettier-ignore
    expect(values("backfill_run_last_post_timestamp_seconds")).toEqual([[undefined, 1_776_906_201.25]]);
    expect(values("backfill_post_failures_total")).toEqual([["http_503", 2]]);
  });

  it("count each answer time within the bounds that it does not exceed", () => {
    const { samples } = parsed().get("backfill_post_duration_seconds")!;
    const upTo = (bound: string) => samples.find(({ labels }) => labels["le"] === bound)?.value;
    const bounds = ["0.064", "0.128", "0.512", "1.024", "262.144", "+Inf"];
    expect(bounds.map(upTo)).toEqual([0, 2, 3, 4, 4, 5]);
    expect(samples.find(({ name }) => name.endsWith("_sum"))?.value).toBe(401.27);
  });

  it("stay well formed with any text in a label", () => {
    const text = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom('"', "\\", "\n", 'a\\"\n}', "\\n"));
    fc.assert(
      fc.property(text, text, (run, cause) => {
        const scraped = aScrape({ runs: [runMetrics({ run, postFailures: { [cause]: 1 } })] });
        const families = FAMILIES.filter(({ name }) => name === "backfill_post_failures_total");
        const [[, family] = []] = [...parseMetrics(metricText(families, scraped))];
        const [sample] = family?.samples ?? [];
        expect(sample?.labels).toEqual({ run, cause });
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it("escape a line feed and a backslash in HELP", () => {
    const family = { name: "x", type: "gauge", help: "a\nb\\c", labels: [], samples: () => [] } as const;
    expect(metricText([family], null)).toBe("# HELP x a\\nb\\\\c\n# TYPE x gauge\n");
  });
});

describe("a cell that is not delivered", () => {
  const at = (minutes: number) => 1_776_900_000_000 + minutes * 60_000;
  const CELLS = [at(0), at(5), at(60)];

  it.each([
    ["covers it", covering({ startMs: at(0), endMs: at(10) }), 2],
    ["begins inside of it", covering({ startMs: at(8), endMs: at(50) }), 1],
    ["ends at its start", covering({ startMs: at(-60), endMs: at(0) }), 0],
    ["covers it and sends nothing", covering({ startMs: at(0), endMs: at(90), sends: false }), 0],
  ])("counts by whether a run %s", (_what, one, replayed) => {
    expect(holesOf(CELLS, [one])).toEqual({ replayed, open: 3 - replayed });
  });
});

describe("the parser of the tests", () => {
  const head = "# HELP x y\n# TYPE x gauge\n";
  it.each([
    ["a line without an end", `${head}x 1`],
    ["a second HELP", `${head}${head}`],
    ["a sample without a family", "x 1\n"],
    ["a sample of another family", `${head}y 1\n`],
    ["a second sample of a series", `${head}x{a="1",b="2"} 1\nx{b="2",a="1"} 2\n`],
    ["a second label of a name", `${head}x{a="1",a="2"} 1\n`],
    ["a quote in a label", `${head}x{a="""} 1\n`],
    ["an unknown escape", `${head}x{a="\\t"} 1\n`],
    ["a value that is no number", `${head}x Infinity\n`],
    ["an empty line", `${head}\nx 1\n`],
    [
      "a histogram that falls",
      '# HELP h y\n# TYPE h histogram\nh_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n',
    ],
    ["a histogram without +Inf", '# HELP h y\n# TYPE h histogram\nh_bucket{le="1"} 1\nh_sum 1\nh_count 1\n'],
  ])("refuses %s", (_what, text) => {
    expect(() => parseMetrics(text)).toThrow();
  });
});

const hasPromtool = spawnSync("promtool", ["--version"]).status === 0;
describe.skipIf(!hasPromtool)(
  "promtool (Debian package prometheus; skipped where it is not installed)",
  () => {
    it("accepts the metrics", () => {
      const input = metricText(
        FAMILIES,
        aScrape({ runs: [runMetrics(), runMetrics({ run: `${RUN_ID}-2` })] }),
      );
      expect(() => execFileSync("promtool", ["check", "metrics"], { input })).not.toThrow();
    });
  },
);
