// Generates sample logs for a window and, on request, the R2 objects that a live worker left about them. Writes below
// `outDir` and to the truth files. Reads nothing.
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { once } from "node:events";
import type { TimestampFormat } from "./instant.ts";
import type { LiveOptions } from "./live-plan.ts";
import { LiveWorker } from "./live-worker.ts";
import { writeLogFile, type LogFileRules } from "./log-file.ts";
import { planFiles, type FilesOptions } from "./plan-files.ts";
import { seededRandom } from "./random.ts";
import { recordWriter, smallRecordWriter } from "./record.ts";
import { totalOf, type FileTruth } from "./truth.ts";

export const RECORDS = ["full", "small"] as const;

export interface SampleLogsOptions extends FilesOptions {
  /** The path of the truth file. Default: `<outDir>.truth.ndjson`, next to `outDir`. The path must not lie below
   * `outDir`, because every file there becomes an R2 object. */
  truthPath?: string;
  seed?: number;
  format?: TimestampFormat;
  /** The size of records. "small" records have about 330 bytes instead of 2.27 KB, for buckets of many files. */
  records?: (typeof RECORDS)[number];
  topLevelShare?: number;
  invalidTimestampShare?: number;
  malformedShare?: number;
  /** The share of lines that are JSON but no object. A live worker counts such a line as a record, and a run
   * counts it as malformed. */
  nonObjectShare?: number;
  gzipLevel?: number;
  /** What a live worker did. Default: no live worker ever ran. */
  live?: LiveOptions;
  onFile?: (truth: FileTruth) => void;
}

export interface SampleLogs {
  truthPath: string;
  /** The path of the truth file about the live worker. Null without a live worker. */
  liveTruthPath: string | null;
  files: number;
  total: ReturnType<typeof totalOf>;
}

export async function generateLogs(options: SampleLogsOptions): Promise<SampleLogs> {
  const seed = options.seed ?? 1;
  const rules: LogFileRules = {
    window: { startSecond: options.startMs / 1_000, endSecond: options.endMs / 1_000 },
    format: options.format ?? "unixnano",
    topLevelShare: options.topLevelShare ?? 0.515,
    invalidTimestampShare: options.invalidTimestampShare ?? 0,
    malformedShare: options.malformedShare ?? 0,
    nonObjectShare: options.nonObjectShare ?? 0,
    gzipLevel: options.gzipLevel ?? 6,
  };
  const random = seededRandom(seed);
  const writer = options.records === "small" ? smallRecordWriter : recordWriter;
  const writeRecord = writer(random, rules.format);
  const planned = planFiles(options, seed, options.live !== undefined);
  const live = options.live === undefined ? null : new LiveWorker(options.live, options, planned);
  const truthPath = options.truthPath ?? `${resolve(options.outDir)}.truth.ndjson`;
  await mkdir(dirname(truthPath), { recursive: true });
  const truthFile = createWriteStream(truthPath);
  const counts: FileTruth[] = [];
  for (const plan of live?.plans ?? planned) {
    const records: string[] = [];
    const truth = await writeLogFile(plan, rules, random, writeRecord, (rayId) => records.push(rayId));
    if (!truthFile.write(`${JSON.stringify(truth)}\n`)) await once(truthFile, "drain");
    await live?.deliver(plan.key, records);
    options.onFile?.(truth);
    counts.push({ ...truth, kept_ray_ids: [] });
  }
  truthFile.end();
  await once(truthFile, "close");
  return {
    truthPath,
    liveTruthPath: live === null ? null : await live.finish(),
    files: counts.length,
    total: totalOf(counts),
  };
}
