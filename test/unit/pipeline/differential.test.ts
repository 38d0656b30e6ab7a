// Compares the fast parse step with the straightforward one of bench/, which shares no code with it: every byte and
// every count. Uses 40,000 records in 200 files. DIFFERENTIAL_RECORDS=1000000 uses a million, DIFFERENTIAL_SEED uses
// others.
import { describe, expect, it } from "vitest";
import { OddRecords, WINDOW } from "../../../bench/straightforward/odd-records.ts";
import { ListFile } from "../../../bench/straightforward/lists.ts";
import { StraightforwardParse } from "../../../bench/straightforward/parse.ts";
import { seededRandom, type Random } from "../../../local/generate/random.ts";
import { rangesOf } from "../../../src/contract/live.ts";
import type { LiveParse } from "../../../src/pipeline/types.ts";
import type { ParseSpec } from "../../../src/contract/parse-spec.ts";
import { contentDifferences } from "../../support/line-differences.ts";
import { SPEC, parse, type Parsed } from "./support.ts";

const RECORDS = Number(process.env["DIFFERENTIAL_RECORDS"] ?? 40_000);
const SEED = Number(process.env["DIFFERENTIAL_SEED"] ?? 1);
/** Small files, so that each combination of settings meets several files. */
const LINES = 200;
const PARTS = 10;
/** A slow machine needs 0.3 ms per record for both. */
const LIMIT_MS = 30_000 + RECORDS;

const SPECS: Partial<ParseSpec>[] = [
  {},
  { batchLines: 100, dedupe: "file" },
  { maxBatchBytes: 20_000, endExclusive: true },
  { topLevelParentRayIds: ["00", "", null] },
  { topLevelParentRayIds: ["7d3c1a2b3c4d5e6f", "0"], maxLineBytes: 1_024 },
  { topLevelParentRayIds: ['"'] },
];
const FORMATS: Partial<ParseSpec>[] = [
  {},
  { format: "edge-3.0" },
  { format: "edge-3.0-2026-05" },
  { format: "edge-3.0-2026-05", formatFields: { 11: "192.0.2.11", 58: "0123456789abcdef" } },
];

/** The texts of the timestamps' numbers. Duplicate and escaped keys follow the rule of JSON.parse. */
function readExactly(line: string): { record: unknown; spelled: string; spelledEnd: string } {
  const spelled = new Map<unknown, string>();
  const spelledEnd = new Map<unknown, string>();
  const record: unknown = JSON.parse(
    line,
    function note(this: unknown, key, value, context?: { source?: string }) {
      const source = context?.source ?? "";
      if (key === "EdgeStartTimestamp" && typeof value === "number") spelled.set(this, source);
      if (key === "EdgeEndTimestamp" && typeof value === "number") spelledEnd.set(this, source);
      return value as unknown;
    },
  );
  return { record, spelled: spelled.get(record) ?? "", spelledEnd: spelledEnd.get(record) ?? "" };
}

/** The index that the live worker gives to the record on a line: written out from its rule. */
class LiveCount {
  records = 0;
  readonly #live: LiveParse | undefined;

  constructor(live: LiveParse | undefined) {
    this.#live = live;
  }

  /** Whether the live worker delivered the line. */
  take(line: string): boolean {
    const trimmed = line.trim();
    if (trimmed === "" || this.#live === undefined) return false;
    try {
      JSON.parse(trimmed);
    } catch {
      return false;
    }
    const batch = Math.floor(this.records / this.#live.batchSize);
    this.records += 1;
    return this.#live.skip.some(([first, last]) => first <= batch && batch <= last);
  }
}

/** The same file with the characters themselves instead of their escapes, and without bytes that are not UTF-8. The
 * parser reads such a file as binary strings. */
function withoutWideEscapes(bytes: Buffer): Buffer {
  const spelled = bytes.toString().replaceAll(/\\u(?!00[0-7])([0-9a-fA-F]{4})/g, (_, digits: string) => {
    return String.fromCharCode(Number.parseInt(digits, 16));
  });
  return Buffer.from(spelled);
}

function someLive(random: Random): LiveParse {
  const batchSize = random.pick([1, 7, 100, 500]);
  const indexes = Array.from({ length: Math.ceil(LINES / batchSize) }, (_, index) => index);
  const share = random.pick([0, 0.1, 0.5, 1]);
  return { batchSize, skip: rangesOf(indexes.filter(() => random.chance(share))), hasMarkers: true };
}

async function straightforwardly(bytes: Buffer, spec: ParseSpec, live?: LiveParse) {
  const counted = new LiveCount(live);
  const contents: string[] = [];
  const file = new StraightforwardParse(spec, async (content) => void contents.push(content), readExactly);
  const body = bytes.subarray(0, 3).equals(Buffer.from("\ufeff")) ? bytes.subarray(3) : bytes;
  const lines: Buffer[] = [];
  for (let start = 0; start < body.length;) {
    const lf = body.indexOf(10, start);
    const end = lf < 0 ? body.length : lf;
    lines.push(body.subarray(start, end));
    start = end + 1;
  }
  let repaired = 0;
  if (spec.parseVersion === 2) {
    const list = new ListFile(lines, spec.maxLineBytes);
    ({ repaired } = list);
    // With known borders each record is alone on its line.
    const ofRecords = lines.flatMap((line) => {
      const isLive = counted.take(line.toString());
      return isObject(line.toString()) ? [isLive] : [];
    });
    for (const item of list.items) {
      if (typeof item === "string") await file.take(item === "empty" ? "" : "x", item === "empty");
      else await file.take(item.text, true, ofRecords.shift());
    }
  } else {
    for (const bytesOfLine of lines) {
      const line = textOf(bytesOfLine);
      await file.take(line ?? "invalid", line !== null, line !== null && counted.take(line));
    }
  }
  await file.finish();
  return { counts: { ...file.counts, repaired }, contents, records: counted.records };
}

function isObject(line: string): boolean {
  try {
    const value: unknown = JSON.parse(line.trim());
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function textOf(line: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(line);
  } catch {
    return null;
  }
}

/** The counts that both have. A malformed line that looks like a subrequest may count as not top-level: decision
 * 0004. */
function ourCounts({ counts }: Parsed) {
  return {
    linesRead: counts.linesRead,
    emptyLines: counts.emptyLines,
    kept: counts.kept,
    droppedUnread: counts.malformed + counts.dropped.not_top_level,
    invalidTimestamp: counts.dropped.invalid_timestamp,
    outsideWindow: counts.dropped.outside_window,
    deliveredLive: counts.dropped.delivered_live ?? 0,
    repeated: counts.dropped.repeated_ray_id,
    sanitized: counts.sanitizedFields,
    repaired: counts.repaired ?? 0,
  };
}

function plainCounts(counts: StraightforwardParse["counts"] & { repaired: number }) {
  const { malformed, notTopLevel, ...rest } = counts;
  return { ...rest, droppedUnread: malformed + notTopLevel };
}

function keptByBatch({ outcome }: Parsed): number {
  const kept = outcome.kind === "ok" ? (outcome.liveKept ?? []) : [];
  return kept.reduce((sum, [, lines]) => sum + lines, 0);
}

let kept = 0;
let delivered = 0;

describe(`the fast parse step, over ${RECORDS} records`, () => {
  it.each(Array.from({ length: PARTS }, (_, part) => ({ part: part + 1 })))(
    "gives the lines, batches and counts of the straightforward one (part $part)",
    async ({ part }) => {
      const random = seededRandom(SEED * 1_000 + part);
      const records = new OddRecords(SEED * 1_000 + part);
      const formats = seededRandom(SEED * 1_000 + part + 500);
      for (let done = 0; done < RECORDS / PARTS; done += LINES) {
        const parseVersion = random.pick([1, 2] as const);
        // In version 1 a whole list is malformed.
        const isList = parseVersion === 2 && random.chance(0.6);
        const live = !isList && random.chance(0.4) ? someLive(random) : undefined;
        // In version 2 much damage joins lines, so that the live worker's borders are mostly unknown.
        const raw = isList ? records.list(LINES) : records.file(LINES, live ? random.pick([0, 0.01]) : 0.25);
        // Bytes that are not UTF-8 make the live worker's borders unknown. Here they are replaced.
        const valid = live === undefined ? raw : Buffer.from(raw.toString());
        const isPlain = formats.chance(0.5);
        const bytes = isPlain ? withoutWideEscapes(valid) : valid;
        const ofFormat = parseVersion === 2 ? formats.pick(FORMATS) : {};
        const spec = { ...SPEC, ...WINDOW, ...random.pick(SPECS), ...ofFormat, parseVersion };
        const slabBytes = random.pick([100, 4_096, 65_536, 1 << 20]);
        const ours = await parse(bytes, { spec, slabBytes, ...(live && { live }) });
        const borders = ours.counts.live?.borders ?? "known";
        if (borders !== "known") {
          // A damaged line may contain several records, or end in a comma.
          expect(["too_long", "trailing_comma", "not_one_record_a_line", "array"]).toContain(borders);
          continue;
        }
        const plain = await straightforwardly(bytes, spec, live);
        expect(ours.counts.live?.records ?? 0).toBe(plain.records);
        expect(ourCounts(ours)).toEqual(plainCounts(plain.counts));
        const same =
          ours.contents.length === plain.contents.length &&
          ours.contents.every((content, n) => content.equals(Buffer.from(plain.contents[n]!)));
        // Compares field by field only after a difference, because a diff of megabytes takes minutes.
        if (!same) {
          expect(contentDifferences(ours.contents.map(String), plain.contents.map(String))).toEqual([]);
          expect.unreachable("the batches differ in their bytes");
        }
        kept += ours.counts.kept;
        delivered += plain.counts.deliveredLive;
        if (live) expect(keptByBatch(ours)).toBe(ours.counts.kept);
      }
    },
    LIMIT_MS,
  );

  it("has compared lines, because two empty results are equal too", () => {
    expect(kept).toBeGreaterThan(RECORDS / 20);
  });

  it("has dropped records that the live worker delivered", () => {
    expect(delivered).toBeGreaterThan(RECORDS / 100);
  });
});
