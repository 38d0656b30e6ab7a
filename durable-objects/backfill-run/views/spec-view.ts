// A run's frozen specification in the field names of POST /runs, with the deployment's additions. Pure.
import { snakeKeys } from "../../../src/platform/snake-case.ts";
import type { Json } from "../../../src/contract/states.ts";
import type { RunSpec } from "../../../src/contract/run.ts";

export function specView(spec: RunSpec): { [name: string]: Json } {
  const { runId: _id, createdAt: _created, actor: _actor, note: _note, parse, ...options } = spec;
  const { startMs, endMs, endExclusive, batchLines, ...reading } = parse;
  return {
    start: wholeSecond(startMs),
    end: wholeSecond(endMs),
    end_exclusive: endExclusive,
    batch_size: batchLines,
    ...(snakeKeys(reading) as unknown as { [name: string]: Json }),
    ...(snakeKeys(options) as unknown as { [name: string]: Json }),
  };
}

function wholeSecond(ms: number): string {
  return new Date(ms).toISOString().replace(".000Z", "Z");
}
