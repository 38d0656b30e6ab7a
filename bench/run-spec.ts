// A run as the bench's Workers start it, past the registry: everything at its default, and a cap that is never met.
import type { RunSpec } from "../durable-objects/backfill-run/api.ts";
import { SPEC } from "./parse-step.ts";

export interface WindowMs {
  startMs: number;
  endMs: number;
}

export function runSpec(runId: string, window: WindowMs, over: Partial<RunSpec> = {}): RunSpec {
  return {
    runId,
    createdAt: Date.now(),
    actor: "bench",
    note: null,
    parse: { ...SPEC, ...window },
    rate: "auto",
    maxLinesPerSecond: 1_000_000_000,
    logPrefix: "logs/",
    folders: [],
    lateMarginMs: 0,
    lookbackMs: 3_600_000,
    singleStampSpanMs: 300_000,
    cleanupGraceMs: 7_200_000,
    onUncertain: "resend",
    onRefused: "keep",
    refusalIsAtomic: false,
    canary: null,
    replay: false,
    continueOf: null,
    resendInherited: false,
    maxRequestsPerSecond: null,
    maxBytesPerSecond: null,
    maxInFlight: 10_000,
    polite: false,
    ...over,
  };
}
