// Random walks that combine features. They use commands (pause, canary, hours, daily lines, retries, resolve) and
// faults (lost packs, failed and suspicious files, unusual answers, splits, evictions). A continuation may follow. A
// model of the receiver finds lost lines and repeated lines.
import { afterEach, beforeEach, describe, it } from "vitest";
import type { Setting } from "../support/feature-parser.ts";
import { FeatureWalk } from "../support/feature-walk.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import { play, seeded, stepsOf, type Step } from "../support/walk.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());

const SEEDS = Array.from({ length: 12 }, (_, n) => n + 1);
const STEPS = 40;
/** Limits how often a failing walk is replayed to make it shorter. */
const PATIENCE_MS = 300_000;
const WEIGHTS = {
  parse: 12,
  claim: 26,
  report: 26,
  pass: 8,
  expire: 5,
  evict: 4,
  verify: 1,
  pause: 2,
  resume: 4,
  rest: 6,
  retry_file: 3,
  retry_batch: 3,
  retry_all: 2,
  resolve: 4,
  accept_file: 2,
  continue: 1,
};

/** The seed also decides the run's options: canary, on_refused, on_uncertain, daily_lines. */
function settingOf(seed: number): Setting {
  const pick = seeded(seed + 1_000);
  return {
    files: [[1, 10, 20], [30, 40, 5], [8, 9], ...(seed % 2 === 0 ? [[7, 6]] : [])],
    live: seed % 2 === 0,
    suspiciousFile: pick(2) === 0 ? 0 : 3,
    unusualIsTaken: pick(2) === 0,
    over: {
      canary: pick(3) === 0 ? 3 : null,
      onRefused: pick(2) === 0 ? "split" : "keep",
      onUncertain: pick(3) === 0 ? "hold" : "resend",
      dailyLines: pick(2) === 0 ? 150 : null,
    },
  };
}

describe("a random walk over combined features", () => {
  it.each(SEEDS)(
    "loses no line, names each repeated one, and ends delivered (seed %i)",
    async (seed) => {
      await play(seed, stepsOf(seed, STEPS, WEIGHTS), async (steps: Step[]) => {
        run.fresh();
        const walk = new FeatureWalk(run, settingOf(seed));
        await walk.begin();
        for (const step of steps) await walk.step(step);
        await walk.deliver();
      });
    },
    PATIENCE_MS,
  );
});
