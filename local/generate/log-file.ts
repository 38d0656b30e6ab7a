// Writes one log object as streamed gzip NDJSON and returns its expected result. Back-pressure bounds the memory to two
// blocks. Decides which records are top-level, when each began, and which records are broken on purpose. record.ts
// decides what a record contains.
import { createWriteStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { createGzip, gzip } from "node:zlib";
import { cutTo, isInside, plus, type Instant, type TimestampFormat } from "./instant.ts";
import { hex32, scramble, type Random } from "./random.ts";
import type { WriteRecord } from "./record.ts";
import { emptyTruth, type FileTruth } from "./truth.ts";

/** How many raw bytes gzip gets at once. More bytes are not faster. */
const BLOCK_BYTES = 256 * 1024;
/** A bound that no record reaches. A block always has room for one more record. */
const MAX_RECORD_BYTES = 16 * 1024;
/** The share of records that began before their file's range. Logpush cuts files by processing time. */
const EARLY_SHARE = 0.005;
const EARLY_SECONDS = 30;
/** A file with at most this many lines is compressed in one call. A stream would cost 1 ms more per file, which
 * matters with many files. */
const MAX_LINES_AT_ONCE = 1_000;
/** Texts that JSON.parse accepts once they are trimmed, and that are no JSON objects. */
const NON_OBJECTS = ["null", "17", '"text"', " true ", "-0.5e3"] as const;
const UNREADABLE_TIMESTAMPS = ['"not a time"', "null", '""', "-1", "true"] as const;

export interface LogFilePlan {
  key: string;
  path: string;
  lines: number;
  /** Whole seconds. Records begin in [fromSecond, toSecond), except a few earlier records. */
  fromSecond: number;
  toSecond: number;
  /** The number of this file's first record among all records, which makes RayIDs unique. */
  firstRecord: number;
  /** The start times of requests of clients (not subrequests) at the window's edges. Their records replace the first
   * records of the file. */
  edges: Instant[];
}

export interface LogFileRules {
  window: { startSecond: number; endSecond: number };
  format: TimestampFormat;
  topLevelShare: number;
  invalidTimestampShare: number;
  malformedShare: number;
  nonObjectShare: number;
  gzipLevel: number;
}

export async function writeLogFile(
  plan: LogFilePlan,
  rules: LogFileRules,
  random: Random,
  writeRecord: WriteRecord,
  /** Called for every line that a live worker counts, in file order. The RayID is empty for a non-object. */
  onLiveRecord: (rayId: string) => void = () => {},
): Promise<FileTruth> {
  const truth = emptyTruth(plan.key);
  await mkdir(dirname(plan.path), { recursive: true });
  const blocks = blocksOf(linesOf(plan, rules, random, writeRecord, truth, onLiveRecord));
  if (plan.lines <= MAX_LINES_AT_ONCE) {
    const text = Buffer.concat([...blocks]);
    await writeFile(plan.path, await promisify(gzip)(text, { level: rules.gzipLevel }));
  } else {
    const compress = createGzip({ level: rules.gzipLevel, chunkSize: 64 * 1024 });
    await pipeline(blocks, compress, createWriteStream(plan.path));
  }
  return truth;
}

function* linesOf(
  plan: LogFilePlan,
  rules: LogFileRules,
  random: Random,
  writeRecord: WriteRecord,
  truth: FileTruth,
  onLiveRecord: (rayId: string) => void,
): Generator<string> {
  let parent = hex32(random.u32()) + hex32(random.u32());
  for (let index = 0; index < plan.lines; index += 1) {
    const edge = plan.edges[index];
    const rayId = hex32(scramble(plan.firstRecord + index)) + hex32(random.u32());
    const topLevel = edge !== undefined || random.chance(rules.topLevelShare);
    const unreadable = edge === undefined && random.chance(rules.invalidTimestampShare);
    const start = cutTo(rules.format, edge ?? someInstant(plan, random));
    const line = writeRecord({
      rayId,
      parentRayId: topLevel ? null : parent,
      start,
      unreadableTimestamp: unreadable ? random.pick(UNREADABLE_TIMESTAMPS) : null,
    });
    truth.lines += 1;
    if (edge === undefined && random.chance(rules.malformedShare)) {
      truth.malformed += 1;
      // The line is cut before any member that decides about the record, so that every reader counts it as
      // malformed.
      yield `${line.slice(0, 20 + random.below(100))}\n`;
      continue;
    }
    // With the default share 0, no random number is drawn. So each seed still gives the same bytes as before.
    if (edge === undefined && rules.nonObjectShare > 0 && random.chance(rules.nonObjectShare)) {
      truth.malformed += 1;
      onLiveRecord("");
      // The expected result does not count the empty line after the non-object, neither as a record nor as malformed.
      yield `${random.pick(NON_OBJECTS)}\n\n`;
      continue;
    }
    onLiveRecord(rayId);
    if (!topLevel) truth.dropped.not_top_level += 1;
    else if (unreadable) truth.dropped.invalid_timestamp += 1;
    else if (!isInside(rules.window, start)) truth.dropped.outside_window += 1;
    else {
      truth.kept += 1;
      truth.kept_ray_ids.push(rayId);
    }
    if (topLevel) parent = rayId;
    yield line;
  }
}

function someInstant(plan: LogFilePlan, random: Random): Instant {
  const early = random.chance(EARLY_SHARE);
  const second = early
    ? plan.fromSecond - 1 - random.below(EARLY_SECONDS)
    : plan.fromSecond + random.below(plan.toSecond - plan.fromSecond);
  return plus({ second, nano: 0 }, random.below(1e9));
}

function* blocksOf(lines: Iterable<string>): Generator<Buffer> {
  let block = Buffer.allocUnsafe(BLOCK_BYTES + MAX_RECORD_BYTES);
  let used = 0;
  for (const line of lines) {
    used += block.write(line, used, "utf8");
    if (used >= BLOCK_BYTES) {
      yield block.subarray(0, used);
      block = Buffer.allocUnsafe(BLOCK_BYTES + MAX_RECORD_BYTES);
      used = 0;
    }
  }
  if (used > 0) yield block.subarray(0, used);
}
