// Makes a sample bucket: logs, the markers of a live worker that did not run for 47 minutes, and the expected result
// for both.
import { join } from "node:path";
import { readLiveTruth, type LiveTruth } from "../generate/live-truth.ts";
import { generateLogs } from "../generate/sample-logs.ts";
import { readTruth, type FileTruth } from "../generate/truth.ts";
import { collected } from "./replay.ts";

export const LIVE_BATCH_SIZE = 100;
const FILE_SECONDS = 60;
const LINES = 120;

export interface LiveSample {
  logsDir: string;
  /** The expected result for each file of the whole span. */
  files: FileTruth[];
  truth: LiveTruth;
}

export interface LiveTimes {
  startMs: number;
  endMs: number;
  hole: { startMs: number; endMs: number };
}

/** The span of the sample. It is only six hours, so that the demo is quick. */
export const LIVE_TIMES: LiveTimes = {
  startMs: Date.parse("2026-04-22T12:00:00Z"),
  endMs: Date.parse("2026-04-22T18:00:00Z"),
  hole: { startMs: Date.parse("2026-04-22T14:13:00Z"), endMs: Date.parse("2026-04-22T15:00:00Z") },
};

/** Makes the sample. Each file covers one minute. The first and the last file of the hole were delivered in
 * part. */
export async function makeLiveSample(dir: string, times: LiveTimes): Promise<LiveSample> {
  const logsDir = join(dir, "logs-in");
  const { liveTruthPath, truthPath } = await generateLogs({
    outDir: logsDir,
    startMs: times.startMs,
    endMs: times.endMs,
    files: (times.endMs - times.startMs) / 1_000 / FILE_SECONDS,
    lines: LINES,
    records: "small",
    gzipLevel: 1,
    malformedShare: 0.002,
    nonObjectShare: 0.002,
    live: {
      batchSize: LIVE_BATCH_SIZE,
      holes: [{ from: times.hole.startMs / 1_000, to: times.hole.endMs / 1_000 }],
      partial: true,
    },
  });
  const files = await collected(readTruth(truthPath));
  return { logsDir, files, truth: await readLiveTruth(liveTruthPath ?? "") };
}
