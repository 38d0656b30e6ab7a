// Decides which faults happen in one chaos run, and when. A pure function of seed and index, so that a failure can be
// replayed. Starts nothing. RayIDs are not known yet, so a scenario identifies a RayID by its position in the
// generator's expected result.
import { scramble, seededRandom, type Random } from "../../local/generate/random.ts";
import type { TimestampFormat } from "../../local/generate/instant.ts";
import type { Rule } from "../../local/receiver/behaviour.ts";

/** A fault of the receiver. `rayAt` selects one RayID by its position, as a share of all kept lines. */
export interface Fault {
  name: string;
  rules: Rule[];
  rayAt?: number;
  latencyMs?: [min: number, max: number];
  /** How long the fault lasts. Null: the fault lasts until the receiver is mended at the end. */
  forMs: number | null;
  /** True: the fault begins only when the run knows the usual answer. */
  needsWatching?: boolean;
}

export type Step = { waitMs: number } &
  /** Kills the whole process group, or only its top process. Orphans then work until the next start. */
  (
    | { do: "kill"; downMs: number; isTopOnly: boolean }
    | { do: "freeze"; forMs: number }
    | { do: "fault"; fault: Fault }
    | { do: "refuse"; forMs: number }
    | { do: "pause"; park: boolean; forMs: number; isKilled: boolean }
    | { do: "patch"; body: Record<string, number> }
    | { do: "verify" }
    /** `killAfterMs`: how soon after each of the two requests, abort and continuation, the stack is killed. Null:
     * the stack is not killed. */
    | { do: "abort"; force: boolean; onUncertain: "resend" | null; killAfterMs: number | null }
    | { do: "switch_off"; forMs: number }
    | { do: "wrong_uri"; forMs: number }
  );

export interface Scenario {
  seed: number;
  index: number;
  logs: {
    seed: number;
    files: number;
    lines: number[];
    malformedShare: number;
    invalidTimestampShare: number;
    format: TimestampFormat;
    layout: "day" | "flat";
  };
  vars: Record<string, string>;
  request: Record<string, string | number | boolean>;
  /** The run's cap in lines per second. Null: only the receiver limits the run. */
  cap: number | null;
  /** How late a request may arrive on a busy machine, in addition to PACE_JITTER_MS. */
  transportMs: number;
  latencyMs: [min: number, max: number];
  /** A fault of the receiver that exists before the run starts. Null: no fault. */
  initial: Fault | null;
  /** The stack is killed this many milliseconds after POST /runs was sent. Null: it is not killed then. */
  killAtStartMs: number | null;
  steps: Step[];
  /** How held batches are settled: send all again, or ask the receiver about each batch. */
  operator: "retry_all" | "ask_partner";
  /** True: the receiver is mended only when the run asks for attention because of the refused batch. */
  isPatient: boolean;
  /** True: soon after the receiver is mended, the run must reach its cap again. */
  isBackAtFullRate: boolean;
  /** True: the grace is short, so that the test sees the cleanup. */
  isCleanedUp: boolean;
}

/** Time that a busy machine adds to each POST. Two stacks run at the same time, and their processes are killed and
 * started again. */
const TRANSPORT_MS = 100;
const RETRY_AFTER_SECONDS = 3;
const BATCH_SIZES = [100, 150, 200, 300, 400];
/** The share of the generated lines that a run keeps (sample-logs.ts). */
const KEPT_SHARE = 0.515;

type MakeStep = (
  random: Random,
) => Step extends infer S ? (S extends Step ? Omit<S, "waitMs"> : never) : never;

/** An entry that is listed twice is twice as likely. */
const STEPS: MakeStep[] = [
  ...Array<MakeStep>(5).fill((random) => ({
    do: "kill",
    downMs: random.pick([0, 0, 500, 3_000]),
    isTopOnly: random.chance(0.25),
  })),
  ...Array<MakeStep>(6).fill((random) => ({ do: "fault", fault: someFault(random) })),
  (random) => ({ do: "refuse", forMs: 1_000 + random.below(7_000) }),
  (random) => ({
    do: "pause",
    park: random.chance(0.5),
    forMs: 1_000 + random.below(3_000),
    isKilled: random.chance(0.3),
  }),
  (random) => ({ do: "patch", body: somePatch(random) }),
  () => ({ do: "verify" }),
  // A lease lasts 30 s. Some freezes are longer, so that all processes wake up after the lease.
  (random) => ({ do: "freeze", forMs: random.chance(0.2) ? 35_000 : 500 + random.below(4_000) }),
  (random) => ({
    do: "abort",
    force: random.chance(0.3),
    onUncertain: random.chance(0.5) ? "resend" : null,
    killAfterMs: random.chance(0.4) ? random.below(300) : null,
  }),
  (random) =>
    random.chance(0.5)
      ? { do: "switch_off", forMs: 500 + random.below(3_000) }
      : { do: "wrong_uri", forMs: 1_000 + random.below(4_000) },
];

const FAULTS: ((random: Random) => Fault)[] = [
  (random) => ({ name: "latency", rules: [], latencyMs: [300, 300 + random.below(1_500)], forMs: 4_000 }),
  () => rules("some_500", [{ do: "status", status: 500, probability: 0.1 }], 8_000),
  (random) => rules("500_then_fine", [{ do: "status", status: 500, times: 1 + random.below(8) }], 6_000),
  (random) =>
    rules("500_accepted", [{ do: "status", status: 500, accept: true, times: 1 + random.below(4) }], 6_000),
  (random) => rules("hang", [{ do: "hang", accept: random.chance(0.5), times: 1 + random.below(4) }], 8_000),
  (random) =>
    rules("reset_before_body", [{ do: "reset", when: "before_body", times: 1 + random.below(4) }], 6_000),
  (random) =>
    rules(
      "reset_after_body",
      [{ do: "reset", when: "after_body", accept: random.chance(0.5), times: 1 + random.below(4) }],
      6_000,
    ),
  (random) =>
    rules("504_accepted", [{ do: "status", status: 504, accept: true, times: 1 + random.below(4) }], 6_000),
  () =>
    rules(
      "429_retry_after",
      [{ do: "status", status: 429, retry_after: String(RETRY_AFTER_SECONDS), times: 1 }],
      6_000,
    ),
  (random) => rules("503", [{ do: "status", status: 503 }], 500 + random.below(5_000)),
  (random) =>
    rules("302", [{ do: "status", status: 302, location: "/elsewhere" }], 500 + random.below(6_000)),
  (random) => rules("404", [{ do: "status", status: 404 }], 500 + random.below(6_000)),
  (random) => rules("403", [{ do: "status", status: 403 }], 500 + random.below(6_000)),
  (random) =>
    rules("slow_read", [{ do: "slow_read", bytes_per_second: 40_000, times: 1 + random.below(5) }], 6_000),
  (random) => ({
    ...rules("422_one_batch", [{ do: "status", status: 422, body: "bad line" }], null),
    rayAt: random.below(1_000) / 1_000,
  }),
  (random) => ({
    ...rules("500_one_batch", [{ do: "status", status: 500, accept: random.chance(0.3) }], null),
    rayAt: random.below(1_000) / 1_000,
  }),
  (random) => ({
    ...rules(
      "200_other_body",
      [
        {
          do: "status",
          status: 200,
          body: '{"code":500}',
          accept: random.chance(0.3),
          times: 1 + random.below(4),
        },
      ],
      6_000,
    ),
    needsWatching: true,
  }),
];

/** Faults that may apply from the first POST on, before anything was delivered. */
const INITIAL = new Set([
  "302",
  "404",
  "403",
  "503",
  "hang",
  "500_then_fine",
  "reset_before_body",
  "latency",
]);

function rules(name: string, list: Rule[], forMs: number | null): Fault {
  return { name, rules: list, forMs };
}

function someFault(random: Random): Fault {
  return random.pick(FAULTS)(random);
}

function initialFault(random: Random): Fault {
  for (;;) {
    const fault = someFault(random);
    if (INITIAL.has(fault.name)) return fault;
  }
}

/** Draws a new limit. A cap is at least the largest batch, and at most the cap with which the scenario began. */
function somePatch(random: Random): Record<string, number> {
  return random.chance(0.5)
    ? { max_in_flight: 1 + random.below(12) }
    : { max_lines_per_second: 500 + random.below(1_000) };
}

/** Adapts a step to a run with SUCCESS_PATTERN. Another body then means, from the first answer on, that the lines
 * were not taken. */
function underPattern(step: Step): Step {
  if (step.do !== "fault" || step.fault.name !== "200_other_body") return step;
  const { needsWatching: _, ...fault } = step.fault;
  const list = fault.rules.map((rule) => ({ ...rule, accept: false }));
  return { ...step, fault: { ...fault, name: "200_no_match", rules: list } };
}

/** Chooses what slows the run down, so that the steps happen while the run works: its cap, a slow receiver, or
 * nothing. */
interface Tempo {
  cap: number | null;
  latencyMs: [min: number, max: number];
  maxInFlight: number;
  /** Waits before steps are shorter by this factor. */
  haste: number;
}

function tempoOf(random: Random, linesPerSecond: number, batchSize: number): Tempo {
  switch (random.pick(["capped", "capped", "capped", "slow", "flat_out"] as const)) {
    case "capped": {
      const cap = Math.max(1_500, Math.ceil(linesPerSecond));
      return { cap, latencyMs: [0, random.pick([20, 100, 400])], maxInFlight: 60, haste: 1 };
    }
    case "slow": {
      const maxInFlight = Math.max(1, Math.ceil((linesPerSecond / batchSize) * 0.45));
      return { cap: null, latencyMs: [200, 700], maxInFlight: Math.min(60, maxInFlight), haste: 1 };
    }
    case "flat_out":
      return { cap: null, latencyMs: [0, 30], maxInFlight: 60, haste: 5 };
  }
}

export function scenarioOf(seed: number, index: number): Scenario {
  const random = seededRandom(scramble(seed * 100_003 + index));
  const files = 3 + random.below(4);
  const lines = Array.from({ length: files }, () => 2_000 + random.skewed(18_000));
  const drawn = Array.from({ length: 3 + random.below(6) }, (): Step => {
    const waitMs = 200 + random.below(3_500);
    return { waitMs, ...random.pick(STEPS)(random) };
  });
  const kept = lines.reduce((sum, n) => sum + n, 0) * KEPT_SHARE;
  // The run takes long enough for the steps to happen while the run works.
  const seconds = Math.max(6, drawn.reduce((sum, { waitMs }) => sum + waitMs, 0) / 800);
  const batchSize = random.pick(BATCH_SIZES);
  const { cap, latencyMs, maxInFlight, haste } = tempoOf(random, kept / seconds, batchSize);
  const hasPattern = random.chance(0.2);
  const steps = drawn
    .map((step) => (hasPattern ? underPattern(step) : step))
    .map((step) => ({ ...step, waitMs: Math.ceil(step.waitMs / haste) }));
  const isHated = steps.some((step) => step.do === "fault" && step.fault.name === "500_one_batch");
  return {
    seed,
    index,
    logs: {
      seed: random.u32() % 1_000_000,
      files,
      lines,
      malformedShare: random.pick([0, 0.001]),
      invalidTimestampShare: random.pick([0, 0.001]),
      format: random.pick(["unixnano", "unixms", "unix", "rfc3339", "rfc3339ms"]),
      layout: random.pick(["day", "flat"]),
    },
    vars: {
      SEND_TIMEOUT_MS: random.pick(["1500", "3000", "5000"]),
      PACE_JITTER_MS: "200",
      MAX_LINES_PER_SECOND: String(cap ?? 100_000),
      ...(hasPattern ? { SUCCESS_PATTERN: "^OK$" } : {}),
    },
    request: {
      batch_size: batchSize,
      max_in_flight: maxInFlight,
      on_uncertain: random.chance(0.3) ? "hold" : "resend",
      on_refused: random.chance(0.5) ? "split" : "keep",
      ...(random.chance(0.2) ? { polite: true } : {}),
      ...(random.chance(0.1) ? { canary: 1 + random.below(10) } : {}),
      ...(random.chance(0.15) ? { max_requests_per_second: 5 + random.below(15) } : {}),
      ...(random.chance(0.1) ? { max_bytes_per_second: 200_000 } : {}),
    },
    cap,
    transportMs: TRANSPORT_MS,
    latencyMs,
    initial: random.chance(0.3) ? initialFault(random) : null,
    killAtStartMs: random.chance(0.2) ? random.below(400) : null,
    steps,
    operator: random.chance(0.5) ? "retry_all" : "ask_partner",
    isPatient: isHated && random.chance(0.4),
    isBackAtFullRate: false,
    isCleanedUp: random.chance(0.25),
  };
}
