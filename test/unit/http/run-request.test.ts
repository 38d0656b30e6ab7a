import { describe, expect, it } from "vitest";
import { readConfig } from "../../../src/platform/config.ts";
import { readRunRequest } from "../../../src/http/runs/run-request.ts";

const NOW = Date.parse("2026-05-01T00:00:00Z");
const WINDOW = { start: "2026-04-22T14:00:00Z", end: "2026-04-22T15:00:00Z" };
const EARLIER = "20260422T140000Z_20260422T150000Z_20260423T010203Z";
const CONFIG = readConfig({});

function read(more: Record<string, unknown>, config = CONFIG) {
  return readRunRequest({ ...WINDOW, ...more }, config, "token", NOW);
}

function pointersOf(json: unknown, config = CONFIG): string[] {
  const answer = readRunRequest(json, config, "token", NOW);
  if (answer.ok || !("errors" in answer.refusal)) return [];
  return answer.refusal.errors.map((error) => ("pointer" in error ? error.pointer : "?"));
}

describe("the body of POST /runs", () => {
  it("needs only a window; everything else has the deployment's value, frozen into the specification", () => {
    expect(read({})).toEqual({
      ok: true,
      wanted: {
        actor: "token",
        note: null,
        parse: {
          startMs: Date.parse(WINDOW.start),
          endMs: Date.parse(WINDOW.end),
          endExclusive: false,
          batchLines: 1_000,
          maxBatchBytes: 4_194_304,
          gzipLevel: 3,
          formatVersion: "cf_vod_v3.0",
          format: "edge-3.0",
          topLevelParentRayIds: ["00"],
          dedupe: "off",
          onCorrupt: "fail",
          maxLineBytes: 1_048_576,
          parseVersion: 2,
          maxSuspectRatio: 0.01,
        },
        rate: "auto",
        maxLinesPerSecond: 100_000,
        logPrefix: "logs/",
        livePrefix: "processed/",
        folders: [],
        lateMarginMs: 600_000,
        lookbackMs: 3_600_000,
        singleStampSpanMs: 300_000,
        cleanupGraceMs: 7_200_000,
        onUncertain: "resend",
        onRefused: "keep",
        refusalIsAtomic: false,
        canary: null,
        replay: false,
        continueOf: null,
        resendInherited: false,
        maxRequestsPerSecond: null,
        maxBytesPerSecond: null,
        maxInFlight: 60,
        polite: false,
        sendBetween: null,
        dailyLines: null,
      },
    });
  });

  it("takes every option", () => {
    const options = {
      end_exclusive: true, batch_size: 100, rate: 100, max_lines_per_second: 100, note: "x".repeat(1_000),
      top_level_parent_ray_ids: ["00", "", null], on_corrupt: "salvage", dedupe: "file", folders: ["edge", "a/b/"],
      on_uncertain: "hold", on_refused: "split", refusal_is_atomic: true, canary: 10_000, replay: true,
      max_requests_per_second: 1, max_bytes_per_second: 10_000, max_in_flight: 1, polite: true, max_suspect_ratio: 1,
      format: "edge-3.0-2026-05",
      send_between: { from: "01:00", to: "07:00", zone: "Asia/Shanghai", days: ["tue", "mon", "tue"] }, daily_lines: 100,
    }; // prettier-ignore
    expect(read(options)).toMatchObject({
      ok: true,
      wanted: {
        parse: { endExclusive: true, batchLines: 100, topLevelParentRayIds: ["00", "", null], dedupe: "file", onCorrupt: "salvage", maxSuspectRatio: 1, format: "edge-3.0-2026-05" },
        rate: 100, maxLinesPerSecond: 100, note: "x".repeat(1_000), folders: ["edge/", "a/b/"],
        onUncertain: "hold", onRefused: "split", refusalIsAtomic: true, canary: 10_000, replay: true, continueOf: null,
        maxRequestsPerSecond: 1, maxBytesPerSecond: 10_000, maxInFlight: 1, polite: true,
        sendBetween: [{ from: "01:00", to: "07:00", zone: "Asia/Shanghai", days: ["mon", "tue"] }], dailyLines: 100,
      },
    }); // prettier-ignore
  });

  it.each<[string, unknown]>([
    ["batch_size", 99], ["batch_size", 5_001], ["batch_size", 100.5], ["batch_size", "1000"], ["batch_size", null],
    ["rate", 0], ["rate", 101], ["rate", "fast"], ["rate", 1.5],
    ["max_lines_per_second", 99], ["max_lines_per_second", 100_001], ["max_lines_per_second", "1000"],
    ["note", 1], ["note", "x".repeat(1_001)],
    ["end_exclusive", "true"], ["on_corrupt", "skip"], ["format", "edge-9"], ["format", ""], ["format", null], ["dedupe", true],
    ["top_level_parent_ray_ids", []], ["top_level_parent_ray_ids", "00"], ["top_level_parent_ray_ids", Array(11).fill("00")],
    ["folders", "edge"],
    ["on_uncertain", "ask"], ["on_refused", "drop"], ["refusal_is_atomic", 1],
    ["canary", 0], ["canary", 10_001], ["canary", true], ["replay", "yes"],
    ["max_requests_per_second", 0], ["max_requests_per_second", 100_001],
    ["max_bytes_per_second", 9_999], ["max_bytes_per_second", 10_000_000_001], ["max_in_flight", 0], ["max_in_flight", 61],
    ["polite", null],
    ["max_suspect_ratio", -0.01], ["max_suspect_ratio", 1.01], ["max_suspect_ratio", "0.01"], ["max_suspect_ratio", null],
    ["start", 1776866400], ["end", "2026-04-22"],
  ])("refuses %s = %j, pointing at the field", (name, value) => {
    expect(pointersOf({ ...WINDOW, [name]: value })).toEqual([`#/${name}`]);
  }); // prettier-ignore

  it("points into lists", () => {
    expect(pointersOf({ ...WINDOW, top_level_parent_ray_ids: ["00", 0], folders: ["ok", "", "20260422"] })).toEqual([
      "#/top_level_parent_ray_ids/1", "#/folders/1", "#/folders/2",
    ]); // prettier-ignore
  });

  it("refuses unknown fields, because a misspelt option must not mean its default", () => {
    expect(pointersOf({ ...WINDOW, batchSize: 100, "a/b~c d": 1 })).toEqual(["#/batchSize", "#/a~1b~0c%20d"]);
  });

  it("says what is missing and names every fault at once", () => {
    expect(pointersOf({})).toEqual(["#/start", "#/end"]);
    expect(pointersOf({ start: "x", rate: 0, foo: 1 })).toEqual(["#/start", "#/end", "#/rate", "#/foo"]);
  });

  it.each([[null], [[]], ["x"], [1]])("refuses %j, because only an object has fields", (json) => {
    expect(pointersOf(json)).toEqual(["#"]);
  });

  it("never lets a batch be larger than the cap: refuses the field, lowers the var", () => {
    expect(pointersOf({ ...WINDOW, batch_size: 500, max_lines_per_second: 499 })).toEqual(["#/batch_size"]);
    expect(pointersOf({ ...WINDOW, batch_size: 499, max_lines_per_second: 499 })).toEqual([]);
  });

  it.each([
    [100, "1000", 100],
    [499, "1000", 100],
    [1_000, "1000", 200],
    [2_503, "1000", 500],
    [5_000, "1000", 1_000],
    [100_000, "1000", 1_000],
    [100_000, "5000", 5_000],
    [20_000, "5000", 4_000],
  ])("turns a cap of %i and BATCH_SIZE %s into batches of %i lines, five in a second", (cap, size, lines) => {
    const config = readConfig({ BATCH_SIZE: size });
    expect(read({ max_lines_per_second: cap }, config)).toMatchObject({
      ok: true,
      wanted: { parse: { batchLines: lines } },
    });
  });

  it("takes the deployment's own cap as the run's when it makes its batches", () => {
    expect(read({}, readConfig({ MAX_LINES_PER_SECOND: "1000" }))).toMatchObject({
      ok: true,
      wanted: { parse: { batchLines: 200 } },
    });
  });

  it("lets a run lower the deployment's cap but not exceed it", () => {
    const config = readConfig({ MAX_LINES_PER_SECOND: "2000" });
    expect(pointersOf({ ...WINDOW, max_lines_per_second: 2_001 }, config)).toEqual([
      "#/max_lines_per_second",
    ]);
    expect(read({ max_lines_per_second: 2_000 }, config)).toMatchObject({ ok: true });
  });

  it.each([
    [["edge", "edge/"], "#/folders"],
    [["a", "a/b"], "#/folders"],
    [["/abs"], "#/folders/0"],
    [["a//b"], "#/folders/0"],
    [["a\u0000"], "#/folders/0"],
    [["20260422/"], "#/folders/0"],
    [["20260422/eu/"], "#/folders/0"],
    [["2026-04-22/eu"], "#/folders/0"],
    [["2026/04/22/"], "#/folders/0"],
    [["date=20260422/"], "#/folders/0"],
    [["{DATE}/"], "#/folders/0"],
    [["date={DATE}"], "#/folders/0"],
    [["{DATE}/{DATE}/"], "#/folders/0"],
    [["{date}/eu/"], "#/folders/0"],
    [["eu/{HOUR}/"], "#/folders/0"],
    [["{DATE}/eu", "{DATE}/eu/http"], "#/folders"],
  ])("refuses the folders %j, because a file read twice is sent twice", (folders, pointer) => {
    expect(pointersOf({ ...WINDOW, folders })).toEqual([pointer]);
  });

  it.each([["{DATE}/eu/"], ["eu/{DATE}/http/"], ["date={DATE}/edge/"], ["zone-{DATE}/"], ["日本/"]])(
    "takes the folder %s",
    (folder) => {
      expect(pointersOf({ ...WINDOW, folders: [folder] })).toEqual([]);
    },
  );

  it.each(["processed-backfill", "backfill-reports/x", "processed", "markers/y"])(
    "refuses to read packs, evidence or markers in %s as logs when LOG_PREFIX is the bucket's root",
    (folder) => {
      const config = readConfig({ LOG_PREFIX: "", LIVE_PREFIX: "markers/" });
      expect(pointersOf({ ...WINDOW, folders: ["ok", folder] }, config)).toEqual(["#/folders/1"]);
    },
  );

  it("takes the window from the id of the run that it continues", () => {
    const asked = {
      continue_of: EARLIER,
      on_uncertain: "resend",
      note: "go on",
      rate: 5,
      max_lines_per_second: 5_000,
    };
    expect(readRunRequest(asked, CONFIG, "token", NOW)).toMatchObject({
      ok: true,
      wanted: {
        continueOf: EARLIER,
        resendInherited: true,
        note: "go on",
        parse: { startMs: Date.parse(WINDOW.start), endMs: Date.parse(WINDOW.end) },
      },
    });
    expect(readRunRequest({ continue_of: EARLIER }, CONFIG, "token", NOW)).toMatchObject({
      ok: true,
      wanted: { resendInherited: false },
    });
  });

  it("leaves absent fields to the run that it continues", () => {
    const all = [
      "maxLinesPerSecond", "maxRequestsPerSecond", "maxBytesPerSecond", "maxInFlight", "rate", "polite", "onUncertain",
      "sendBetween", "dailyLines", "onRefused", "refusalIsAtomic",
    ]; // prettier-ignore
    expect(openOf({})).toEqual(all);
    expect(openOf({ canary: 5, note: "x", replay: true })).toEqual(all);
    const given = {
      max_lines_per_second: 5_000,
      max_requests_per_second: null,
      polite: false,
      on_refused: "keep",
      daily_lines: null,
    };
    expect(openOf(given)).toEqual([
      "maxBytesPerSecond",
      "maxInFlight",
      "rate",
      "onUncertain",
      "sendBetween",
      "refusalIsAtomic",
    ]);
    expect(read({})).not.toHaveProperty("wanted.takeOver");
  });

  it("freezes the deployment's format and the constants that the format has", () => {
    const vars = { FORMAT_FIELD_11: "192.0.2.11", FORMAT_FIELD_58: " x " };
    const formatFields = { 11: "192.0.2.11", 58: " x " };
    const newer = readConfig({ ...vars, LINE_FORMAT: "edge-3.0-2026-05" });
    expect(read({}, newer)).toMatchObject({
      wanted: { parse: { format: "edge-3.0-2026-05", formatFields } },
    });
    expect(read({ format: "edge-3.0" }, newer)).toMatchObject({ wanted: { parse: { format: "edge-3.0" } } });
    expect(read({ format: "edge-3.0" }, newer)).not.toHaveProperty("wanted.parse.formatFields");
    expect(read({ format: "edge-3.0-2026-05" })).not.toHaveProperty("wanted.parse.formatFields");
    expect(read({ format: "edge-3.0-2026-05" }, readConfig(vars))).toMatchObject({
      wanted: { parse: { format: "edge-3.0-2026-05", formatFields } },
    });
  });

  it("refuses fields that decide which lines exist when it continues a run", () => {
    const asked = {
      ...WINDOW, continue_of: EARLIER, end_exclusive: true, batch_size: 100, top_level_parent_ray_ids: [""],
      on_corrupt: "salvage", dedupe: "file", folders: ["edge"], max_suspect_ratio: 0.5,
      format: "edge-3.0",
    }; // prettier-ignore
    expect(pointersOf(asked).toSorted()).toEqual(
      Object.keys(asked).filter((name) => name !== "continue_of").map((name) => `#/${name}`).toSorted(),
    ); // prettier-ignore
  });

  it.each(["the last one", "20260422T140000Z_20260422T150000Z", 7, null])(
    "refuses to continue %j, which is no run's id",
    (id) => {
      expect(pointersOf({ continue_of: id })).toEqual(["#/continue_of"]);
    },
  );
});

/** The fields that a continuing request leaves to the continued run. */
function openOf(asked: object) {
  const answer = readRunRequest({ continue_of: EARLIER, ...asked }, CONFIG, "token", NOW);
  return answer.ok ? answer.wanted.takeOver : answer.refusal;
}
