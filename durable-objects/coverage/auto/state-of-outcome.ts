// The state of a proposed window, from the answer of the window queue. Does no I/O.
import type { AutoReplayState } from "../../../src/contract/auto-replay.ts";
import type { WindowOutcome } from "../../../src/contract/windows.ts";

export function stateOf(outcome: WindowOutcome): {
  state: AutoReplayState;
  window: number | null;
  detail: string | null;
} {
  switch (outcome.outcome) {
    case "queued":
      return { state: outcome.state, window: outcome.id, detail: null };
    case "coalesced":
      return { state: "coalesced", window: outcome.into, detail: null };
    case "duplicate": {
      const { of } = outcome;
      if ("window" in of) return { state: "duplicate", window: of.window, detail: null };
      const detail = `held by ${holdersOf(of).join(", ")}`;
      return { state: "duplicate", window: null, detail };
    }
    case "dropped":
      return { state: "refused", window: null, detail: `${outcome.reason}: ${outcome.detail}` };
  }
}

function holdersOf(of: { run: string } | { runs: string[] } | { windows: number[] }): string[] {
  if ("run" in of) return [of.run];
  return "runs" in of ? of.runs : of.windows.map((id) => `window ${id}`);
}
