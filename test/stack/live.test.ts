// Finds the missing window and replays exactly this window, through the HTTP API alone. Compares with the expected
// result that the generator wrote.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compare, multisetDifference, tableOf } from "../../local/demo/compare.ts";
import { complementOf, coverageDifferences, sentAgain, windowAround } from "../../local/demo/live-compare.ts";
import { LIVE_BATCH_SIZE, makeLiveSample, type LiveSample } from "../../local/demo/live-sample.ts";
import { collected } from "../../local/demo/replay.ts";
import { readLiveTruth } from "../../local/generate/live-truth.ts";
import { generateLogs } from "../../local/generate/sample-logs.ts";
import { readTruth } from "../../local/generate/truth.ts";
import { DELIVERY_LIMIT_MS, expectedRayIds, startStack } from "../support/stack.ts";

const VARS = { LIVE_BATCH_SIZE: String(LIVE_BATCH_SIZE), COVERAGE_SETTLE_MINUTES: "0" };
const at = (text: string) => Date.parse(`2026-04-${text}Z`);

test("finds a hole of 47 minutes in three days, and delivers exactly what the live worker left out", async () => {
  const hole = { startMs: at("23T03:13:00"), endMs: at("23T04:00:00") };
  const times = { startMs: at("22T00:00:00"), endMs: at("25T00:00:00"), hole };
  let sample!: LiveSample;
  const logs = async (dir: string) => (sample = await makeLiveSample(dir, times));
  const { api, receiver, files } = await startStack({ logs, vars: VARS });
  const { truth } = sample;

  const coverage = await api.coverage({ start: truth.start, end: truth.end }, DELIVERY_LIMIT_MS);

  expect(coverageDifferences(coverage, truth)).toEqual([]);
  expect(coverage.holes.map(({ outer }) => outer)).toEqual([
    { start: "2026-04-23T03:13:00Z", end: "2026-04-23T04:00:00Z" },
  ]);

  const plan = await api.plan({ ...coverage.holes[0]!.outer, live: "skip_delivered" }, DELIVERY_LIMIT_MS);
  expect(plan).toMatchObject({
    uncovered: [],
    live: { files: { not_delivered: 45, partly: 2, waiting: 0 } },
  });

  const window = windowAround(coverage.holes[0]!);
  const dry = await api.startRun({ ...window, live: "skip_delivered", dry_run: true });
  const counted = await api.waitFor(dry.id, (now) => now.stage_code === "counted", DELIVERY_LIMIT_MS);
  expect(receiver.stats().lines_accepted).toBe(0);
  const run = await api.startRun({
    from_plan: dry.id,
    plan_hash: counted.plan?.hash ?? "",
    note: "the hole",
  });
  const status = await api.waitUntilDelivered(run.id, DELIVERY_LIMIT_MS);

  // Over three days, not over the window alone: nothing that is missing lies outside the window.
  const missing = complementOf(files, truth);
  expect(multisetDifference(expectedRayIds(missing), receiver.tally.rayIds)).toEqual({
    missing: 0,
    extra: 0,
    unknown: 0,
  });
  expect(sentAgain(truth, receiver.tally.rayIds)).toEqual([]);
  expect(status).toMatchObject({
    exceptions: 0,
    duplicate_lines: 0,
    possible_duplicate_lines: 0,
    problems: [],
  });
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

test("sends gaps, waiting batches and twins of a whole window, and skips the rest", async () => {
  const [startMs, endMs] = [at("22T12:00:00"), at("22T14:00:00")];
  let truthPath = "";
  const logs = async (dir: string) => {
    const made = await generateLogs({
      outDir: join(dir, "logs-in"),
      startMs,
      endMs,
      files: 120,
      lines: 220,
      records: "small",
      gzipLevel: 1,
      malformedShare: 0.01,
      nonObjectShare: 0.01,
      invalidTimestampShare: 0.01,
      live: {
        batchSize: LIVE_BATCH_SIZE,
        holes: [{ from: at("22T13:13:00") / 1_000, to: at("22T13:25:30") / 1_000 }],
        partial: true,
        waiting: 3,
        gaps: 3,
        hyphenPairs: 3,
        foreign: true,
      },
    });
    truthPath = made.liveTruthPath ?? "";
    return { logsDir: join(dir, "logs-in"), files: await collected(readTruth(made.truthPath)) };
  };
  const { api, receiver, files } = await startStack({ logs, vars: VARS });
  const truth = await readLiveTruth(truthPath);

  const run = await api.startRun({
    start: "2026-04-22T12:00:00Z",
    end: "2026-04-22T14:00:00Z",
    live: "skip_delivered",
    live_waiting: "send",
    // The files contain many broken lines on purpose.
    max_suspect_ratio: 1,
  });
  const status = await api.waitUntilDelivered(run.id, DELIVERY_LIMIT_MS);

  const comparison = compare(complementOf(files, truth), status, {
    stats: receiver.stats(),
    rayIds: receiver.tally.rayIds,
  });
  expect(comparison.agrees, tableOf(comparison)).toBe(true);
  expect(sentAgain(truth, receiver.tally.rayIds)).toEqual([]);
});

type ChangedFiles = { items: { file: number; key: string; reason: string }[] };

test("asks when the live worker delivers a batch after the dry run, and names the lines sent twice", async () => {
  const hole = { startMs: at("22T12:13:00"), endMs: at("22T12:20:00") };
  let sample!: LiveSample;
  const times = { startMs: at("22T12:00:00"), endMs: at("22T13:00:00"), hole };
  const logs = async (dir: string) => (sample = await makeLiveSample(dir, times));
  const stack = await startStack({ logs, vars: VARS });
  const { api, receiver, files, dev } = stack;
  const { truth, logsDir } = sample;
  const window = windowAround(truth.holes[0]!);
  const dry = await api.startRun({ ...window, live: "skip_delivered", dry_run: true });
  const { plan } = await api.waitFor(dry.id, (now) => now.stage_code === "counted", DELIVERY_LIMIT_MS);
  await dev.stop();

  const file = truth.files.find(({ batches }) => /^n+$/.test(batches))!;
  await writeFile(join(logsDir, truth.live_prefix, `${file.safe_key}-0.txt.done`), "1");
  const after = await stack.restart();
  const run = await after.api.startRun({ from_plan: dry.id, plan_hash: plan?.hash ?? "" });
  await after.api.waitFor(run.id, (now) => now.stage_code === "needs_attention", DELIVERY_LIMIT_MS);
  const path = `/runs/${run.id}/files`;
  const asked = await after.operator.call<ChangedFiles>("GET", `${path}?state=changed`);
  const [changed] = asked.body.items;
  expect(changed).toMatchObject({ key: file.key, reason: expect.stringMatching(/^live_delivered_since:/) });
  await after.operator.call("POST", `${path}/${changed?.file}/retry`, { allow_duplicates: true });
  const status = await after.api.waitUntilDelivered(run.id, DELIVERY_LIMIT_MS);

  const missing = complementOf(files, truth);
  expect(multisetDifference(expectedRayIds(missing), receiver.tally.rayIds)).toEqual({
    missing: 0,
    extra: 0,
    unknown: 0,
  });
  const counted = missing.find(({ key }) => key === file.key)!;
  const now = counted.kept_ray_ids.filter((rayId) => file.missing_ray_ids.indexOf(rayId) < LIVE_BATCH_SIZE);
  expect(now.length).toBeGreaterThan(0);
  expect(status.possible_duplicate_lines).toBe(now.length);
});
