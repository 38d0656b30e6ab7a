// A run over a window in which a live worker was away for 47 minutes, with both edge files partly delivered. The
// run must send exactly what the live worker left out, by the expected result that the generator wrote.
import { expect, test } from "vitest";
import type { RunStatus } from "../../src/contract/views.ts";
import { multisetDifference } from "../../local/demo/compare.ts";
import { LIVE_BATCH_SIZE, makeLiveSample, type LiveSample } from "../../local/demo/live-sample.ts";
import { DELIVERY_LIMIT_MS, startStack } from "../support/stack.ts";

const VARS = { LIVE_BATCH_SIZE: String(LIVE_BATCH_SIZE), COVERAGE_SETTLE_MINUTES: "0" };
const at = (text: string) => Date.parse(`2026-04-22T${text}Z`);
const isCounted = ({ stage_code }: RunStatus) => stage_code === "counted";
const NO_DIFFERENCE = { missing: 0, extra: 0, unknown: 0 };

test("delivers exactly what the live worker did not deliver, also by a plan", async () => {
  const times = {
    startMs: at("14:00:00"),
    endMs: at("16:00:00"),
    hole: { startMs: at("14:30:00"), endMs: at("15:17:00") },
  };
  let sample!: LiveSample;
  const logs = async (dir: string) => (sample = await makeLiveSample(dir, times));
  const { api, operator, receiver } = await startStack({ logs, vars: VARS });
  const delivered = new Set(sample.truth.files.flatMap((file) => file.delivered_ray_ids));
  const kept = sample.files.flatMap((file) => file.kept_ray_ids);
  const expected = new Map<string, number>();
  for (const id of kept) if (!delivered.has(id)) expected.set(id, (expected.get(id) ?? 0) + 1);
  expect(expected.size).toBeGreaterThan(1_000);
  expect(expected.size).toBeLessThan(kept.length - 1_000);

  const window = { start: sample.truth.start, end: sample.truth.end, live: "skip_delivered" };
  const dry = await operator.call<RunStatus>("POST", "/runs", { ...window, dry_run: true });
  const counted = await api.waitFor(dry.body.id, isCounted, DELIVERY_LIMIT_MS);
  expect(counted.lines.kept).toBe(expected.size);

  const from = { from_plan: counted.id, plan_hash: counted.plan_hash };
  const started = await operator.call<RunStatus>("POST", "/runs", from);
  const status = await api.waitUntilDelivered(started.body.id, DELIVERY_LIMIT_MS);

  expect(multisetDifference(expected, receiver.tally.rayIds)).toEqual(NO_DIFFERENCE);
  expect(status).toMatchObject({
    plan_hash: counted.plan_hash,
    possible_duplicate_lines: 0,
    duplicate_lines: 0,
    live: { believed: true, doubt: null },
  });
  expect(status.lines.dropped.delivered_live).toBe(kept.length - expected.size);
});
