// Named scenarios with fixed sizes: the hard cases that every release must pass.
import type { Fault, Scenario, Step } from "./chaos-scenario.ts";

const CAP = 5_000;

function scenario(
  lines: number[],
  steps: Step[],
  change: Omit<Partial<Scenario>, "vars" | "request"> & Partial<Pick<Scenario, "vars" | "request">>,
): Scenario {
  return {
    seed: 0,
    index: 0,
    logs: {
      seed: 1,
      files: lines.length,
      lines,
      malformedShare: 0.001,
      invalidTimestampShare: 0.001,
      format: "unixnano",
      layout: "day",
    },
    cap: null,
    transportMs: 0,
    latencyMs: [0, 20],
    initial: null,
    killAtStartMs: null,
    steps,
    operator: "retry_all",
    isPatient: false,
    isBackAtFullRate: false,
    isCleanedUp: false,
    ...change,
    vars: { SEND_TIMEOUT_MS: "5000", PACE_JITTER_MS: "200", MAX_LINES_PER_SECOND: "100000", ...change.vars },
    request: { batch_size: 500, max_in_flight: 60, ...change.request },
  };
}

const capped = { cap: CAP, vars: { MAX_LINES_PER_SECOND: String(CAP) } };

function fault(name: string, rules: Fault["rules"], forMs: number | null, rayAt?: number): Step {
  return {
    waitMs: 3_000,
    do: "fault",
    fault: { name, rules, forMs, ...(rayAt === undefined ? {} : { rayAt }) },
  };
}

function kills(count: number): Step[] {
  return Array.from({ length: count }, (_, n) => ({
    waitMs: 2_500 + 700 * n,
    do: "kill",
    downMs: 0,
    isTopOnly: false,
  }));
}

/** Waits for this time while the receiver takes nothing. The receiver is mended after all steps. */
function outage(ms: number): Step {
  return { waitMs: ms, do: "verify" };
}

export const NAMED: Record<string, Scenario> = {
  // The Worker gets `kill -9` five times in one run. The receiver's latency is 400 ms.
  "five-kills": scenario(Array<number>(6).fill(20_000), kills(5), {
    latencyMs: [400, 400],
    request: { batch_size: 200, max_in_flight: 12 },
  }),
  // The receiver answers 500 to each attempt of one batch. The run has the default `on_uncertain`.
  "hated-batch": scenario(
    [8_000, 8_000],
    [{ ...fault("500_one_batch", [{ do: "status", status: 500 }], null, 0.3), waitMs: 0 }],
    { isPatient: true },
  ),
  // The cap must hold although 10 % of the answers are 500, and an outage lasts 5 s.
  "rough-cap": scenario(
    Array<number>(6).fill(20_000),
    [
      fault("some_500", [{ do: "status", status: 500, probability: 0.1 }], 60_000),
      { waitMs: 3_000, do: "refuse", forMs: 5_000 },
      outage(12_000),
    ],
    capped,
  ),
  // A manifest has more than one page (2,000 batches). Its parser is killed in the middle.
  "paged-manifest": scenario([420_000, 3_000], kills(4), { request: { batch_size: 100, max_in_flight: 60 } }),
  // In the middle of the run, connections are refused for a minute. Then the receiver answers 503 for a minute.
  "minute-refused": scenario(
    Array<number>(6).fill(20_000),
    [{ waitMs: 5_000, do: "refuse", forMs: 60_000 }, outage(59_500)],
    { ...capped, isBackAtFullRate: true },
  ),
  "minute-503": scenario(
    Array<number>(6).fill(20_000),
    [{ ...fault("503", [{ do: "status", status: 503 }], null), waitMs: 5_000 }, outage(60_000)],
    { ...capped, isBackAtFullRate: true },
  ),
};
