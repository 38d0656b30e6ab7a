// The request to the window queue for one hole. Does no I/O.
import { createHash } from "node:crypto";
import { AUTO_REPLAY_ACTOR } from "../../../src/contract/auto-replay.ts";
import { isoSecond } from "../../../src/contract/run-id.ts";
import type { Idempotency } from "../../../src/contract/registry.ts";
import type { QueueRequest } from "../../../src/contract/windows.ts";
import type { Config } from "../../../src/platform/config.ts";
import { defaultRun } from "../../../src/platform/default-run.ts";
import type { SpanMs } from "../rules/cells.ts";
import { DAY_MS } from "../../../src/contract/time-units.ts";

const MAX_AGE_MS = 7 * DAY_MS;
const MAX_ATTEMPTS = 3;

/** `startMs`: when the window of the part begins, at the start of the part or earlier. `batchSize`: the size of the
 * live worker's batches. An earlier run has proven it, and the queued run checks it again. */
export function queueRequest(config: Config, part: SpanMs, startMs: number, batchSize: number): QueueRequest {
  const [from, endMs] = part;
  const reason = `the live worker did not deliver ${isoSecond(from)} to ${isoSecond(endMs)}`;
  const maxLinesPerSecond = config.autoReplayMaxLinesPerSecond;
  const run = { startMs, endMs, actor: AUTO_REPLAY_ACTOR, note: reason, maxLinesPerSecond };
  const { livePrefix: prefix, coverageSettleMs: settleMs } = config;
  return {
    actor: AUTO_REPLAY_ACTOR,
    reason,
    // A request without the member `source` has no cap. No cap is needed, because each hole is queued once.
    source: null,
    wanted: { ...defaultRun(config, run), live: { batchSize, prefix, settleMs, waiting: "hold" } },
    priority: 0,
    notBefore: null,
    maxAgeMs: MAX_AGE_MS,
    maxAttempts: MAX_ATTEMPTS,
    oldestEnd: null,
    skipSent: true,
    // The live worker may still deliver batches in a gap between two holes. So the queue must not close gaps.
    coalesceMs: 0,
    perSourcePerMinute: 0,
    windows: [{ kind: "window", startMs, endMs, endExclusive: true }],
  };
}

/** The Idempotency-Key of the request for a part. If an answer is lost, a request with this key gets the first answer. */
export function keyOf([startMs, endMs]: SpanMs): Idempotency {
  const key = `${AUTO_REPLAY_ACTOR} ${isoSecond(startMs)} ${isoSecond(endMs)}`;
  return { key, bodyHash: createHash("sha256").update(key).digest("hex") };
}
