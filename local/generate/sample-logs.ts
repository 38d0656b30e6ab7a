// Generates sample logs for a window, and on request what a live worker left about them. Writes below `outDir`
// and to the files of the truth. Reads nothing.
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
  /** Default: `<outDir>.truth.ndjson`, next to `outDir`. It must not lie below `outDir`, because everything
   * there becomes an object. */
  truthPath?: string;
  seed?: number;
  format?: TimestampFormat;
  /** "small": about 330 bytes instead of 2.27 KB, for buckets of many files. */
  records?: (typeof RECORDS)[number];
  topLevelShare?: number;
  invalidTimestampShare?: number;
  malformedShare?: number;
  /** Lines that are JSON and no object. A live worker counts them as records, and a run as malformed. */
  nonObjectShare?: number;
  gzipLevel?: number;
  /** Default: no live worker ever ran. */
  live?: LiveOptions;
  onFile?: (truth: FileTruth) => void;
}

export interface SampleLogs {
  truthPath: string;
  /** What the live worker delivered. Null without a live worker. */
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
