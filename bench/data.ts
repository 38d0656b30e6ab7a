// Provides the input of the bench: sample logs from the generator with a fixed seed. They are generated once and stay
// in bench/out. The same seed gives the same bytes on every machine, so the figures of two machines can be compared.
import { existsSync } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { generateLogs } from "../local/generate/sample-logs.ts";
import { readTruth, type FileTruth } from "../local/generate/truth.ts";

export const OUT_DIR = join(import.meta.dirname, "out");
export const WINDOW = { start: "2026-04-22T14:00:00Z", end: "2026-04-22T15:00:00Z" };
export const WINDOW_MS = { startMs: Date.parse(WINDOW.start), endMs: Date.parse(WINDOW.end) };

export interface BenchData {
  logsDir: string;
  files: FileTruth[];
  lines: number;
  kept: number;
}

export async function benchData(files: number, lines: number): Promise<BenchData> {
  const logsDir = join(OUT_DIR, `logs-${files}x${lines}`);
  const truthPath = `${logsDir}.truth.ndjson`;
  if (!existsSync(truthPath)) {
    await mkdir(OUT_DIR, { recursive: true });
    // The name changes when the file is complete. So a later run of the bench does not use the data of an interrupted
    // generation.
    const draft = `${truthPath}.draft`;
    await generateLogs({ outDir: logsDir, truthPath: draft, files, lines, ...WINDOW_MS });
    await rename(draft, truthPath);
  }
  const truths: FileTruth[] = [];
  for await (const file of readTruth(truthPath)) truths.push(file);
  return {
    logsDir,
    files: truths,
    lines: truths.reduce((sum, file) => sum + file.lines, 0),
    kept: truths.reduce((sum, file) => sum + file.kept, 0),
  };
}
