// Which window is missing: through the HTTP API alone, against the truth of the generator.
import { join } from "node:path";
import { expect, test } from "vitest";
import { coverageDifferences } from "../../local/demo/live-compare.ts";
import { LIVE_BATCH_SIZE, makeLiveSample, type LiveSample } from "../../local/demo/live-sample.ts";
import { collected } from "../../local/demo/replay.ts";
import { readLiveTruth } from "../../local/generate/live-truth.ts";
import { generateLogs } from "../../local/generate/sample-logs.ts";
import { readTruth } from "../../local/generate/truth.ts";
import { DELIVERY_LIMIT_MS, startStack } from "../support/stack.ts";

const VARS = { LIVE_BATCH_SIZE: String(LIVE_BATCH_SIZE), COVERAGE_SETTLE_MINUTES: "0" };
const at = (text: string) => Date.parse(`2026-04-${text}Z`);

test("finds a hole of 47 minutes in three days, and nothing else", async () => {
  const hole = { startMs: at("23T03:13:00"), endMs: at("23T04:00:00") };
  const times = { startMs: at("22T00:00:00"), endMs: at("25T00:00:00"), hole };
  let sample!: LiveSample;
  const logs = async (dir: string) => (sample = await makeLiveSample(dir, times));
  const { api } = await startStack({ logs, vars: VARS });
  const { truth } = sample;

  const coverage = await api.coverage({ start: truth.start, end: truth.end }, DELIVERY_LIMIT_MS);

  expect(coverageDifferences(coverage, truth)).toEqual([]);
  expect(coverage.holes.map(({ outer }) => outer)).toEqual([
    { start: "2026-04-23T03:13:00Z", end: "2026-04-23T04:00:00Z" },
  ]);
});

test("shows gaps, waiting batches, expired markers, missing logs and odd names as they are", async () => {
  const [startMs, endMs] = [at("22T00:00:00"), at("22T08:00:00")];
  let truthPath = "";
  const logs = async (dir: string) => {
    const made = await generateLogs({
      outDir: join(dir, "logs-in"),
      startMs,
      endMs,
      files: 480,
      lines: 12,
      records: "small",
      gzipLevel: 1,
      live: {
        batchSize: 5,
        holes: [{ from: at("22T04:13:00") / 1_000, to: at("22T05:00:00") / 1_000 }],
        partial: true,
        waiting: 2,
        gaps: 2,
        expiredBefore: at("22T01:00:00") / 1_000,
        lost: [{ from: at("22T06:00:00") / 1_000, to: at("22T06:10:00") / 1_000 }],
        thin: [{ from: at("22T06:30:00") / 1_000, to: at("22T06:40:00") / 1_000 }],
        hyphenPairs: 2,
        sameSafeKey: true,
        foreign: true,
      },
    });
    truthPath = made.liveTruthPath ?? "";
    return { logsDir: join(dir, "logs-in"), files: await collected(readTruth(made.truthPath)) };
  };
  const { api } = await startStack({ logs, vars: VARS });
  const truth = await readLiveTruth(truthPath);

  const coverage = await api.coverage({ start: truth.start, end: truth.end }, DELIVERY_LIMIT_MS);

  expect(coverageDifferences(coverage, truth)).toEqual([]);
  expect(coverage.oldest_evidence).toBe("2026-04-22T01:00:00Z");
});
