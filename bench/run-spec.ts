// The specification of the bench's runs. These runs are created without the registry. The specification is that of a
// POST /runs with only a window, but its cap is higher than any run can reach.
import type { RunSpec } from "../src/contract/run.ts";
import { isoSecond } from "../src/contract/run-id.ts";
import { readConfig } from "../src/platform/config.ts";
import { readRunRequest } from "../src/http/runs/run-request.ts";
import type { ParseSpec } from "../src/contract/parse-spec.ts";
import { WINDOW_MS } from "./data.ts";

const ASKED = { start: isoSecond(WINDOW_MS.startMs), end: isoSecond(WINDOW_MS.endMs) };

function wantedRun() {
  const answer = readRunRequest(ASKED, readConfig({}), "bench", WINDOW_MS.endMs);
  if (!answer.ok) throw new Error(`the bench's window is refused: ${JSON.stringify(answer.refusal)}`);
  return answer.wanted;
}

/** The parse settings of the bench's runs. */
export const SPEC: ParseSpec = wantedRun().parse;

/** The specification of one run. `window` may be one that the API would refuse. */
export function runSpec(
  runId: string,
  window: { startMs: number; endMs: number },
  over: Partial<RunSpec> = {},
): RunSpec {
  return {
    ...wantedRun(),
    runId,
    createdAt: Date.now(),
    parse: { ...SPEC, ...window },
    maxLinesPerSecond: 1_000_000_000,
    lateMarginMs: 0,
    maxInFlight: 10_000,
    ...over,
  };
}
