// Requests to the registry and answers of runs for tests: a wanted run, and its first status.
import { BATCH_STATES, FILE_STATES, RETIRED_BATCH_STATE } from "../../src/contract/states.ts";
import type { RunSpec, StatusAnswer } from "../../src/contract/run.ts";
import type { RunStatus } from "../../src/contract/views.ts";
import type { RunReport, WantedRun } from "../../src/contract/registry.ts";
import { isoSecond } from "../../src/contract/run-id.ts";
import { readConfig } from "../../src/platform/config.ts";
import { readRunRequest } from "../../src/http/run-request.ts";

export const START = Date.parse("2030-04-22T14:00:00Z");
export const HOUR = 3_600_000;

/** The specification that POST /runs makes of a request with only a window. */
export function wantedRun(over: { startMs?: number; note?: string } = {}): WantedRun {
  const startMs = over.startMs ?? START;
  const asked = {
    start: isoSecond(startMs),
    end: isoSecond(startMs + HOUR),
    ...(over.note && { note: over.note }),
  };
  const answer = readRunRequest(asked, readConfig({}), "token", startMs + 24 * HOUR);
  if (!answer.ok) throw new Error(JSON.stringify(answer.refusal));
  return answer.wanted;
}

export function aStatus(id: string, summary = "listing"): RunStatus {
  const iso = isoSecond(START);
  return {
    id,
    stage_code: "scanning_and_queueing",
    state_reason: null,
    summary,
    window: { start: iso, end: iso, interval: `[${iso}, ${iso}]` },
    delivery_completed: false,
    fully_completed: false,
    exceptions: 0,
    matched_raw_files: 0,
    files: zeros(FILE_STATES),
    batches: zeros([...BATCH_STATES, RETIRED_BATCH_STATE]),
    lines: {
      read: 0,
      kept: 0,
      malformed: 0,
      empty: 0,
      repaired: 0,
      sent: 0,
      pending: 0,
      refused: 0,
      failed: 0,
      held: 0,
      discarded: 0,
      inherited: 0,
      dropped: {
        not_top_level: 0,
        invalid_timestamp: 0,
        outside_window: 0,
        delivered_live: 0,
        repeated_ray_id: 0,
      },
    },
    in_flight: 0,
    last_post_ended_at: null,
    log_lines_sent: 0,
    duplicate_lines: 0,
    possible_duplicate_lines: 0,
    progress: 0,
    eta_seconds: null,
    rate: {},
    cleanup: { state: "pending", ends_at: null },
    problems: [],
  };
}

export function aReport(runId: string, over: Partial<RunReport> = {}): RunReport {
  return {
    runId,
    stage: "sending",
    summary: "sending",
    finished: false,
    sentSomething: false,
    logLinesSent: 0,
    ...over,
  };
}

/** What the registry called in its runs, and how they answered. Stands in for the run's object. */
export class FakeRuns {
  readonly started: { spec: RunSpec; slot: { fence: number; notBefore: number } }[] = [];
  readonly poked: string[] = [];
  /** The next calls of `start` throw, as calls to a broken object do. This many. */
  failStarts = 0;
  /** The next calls of `status` throw. This many. */
  failStatus = 0;
  statusCalls = 0;

  start(spec: RunSpec, slot: { fence: number; notBefore: number }) {
    if (this.failStarts-- > 0) throw new Error("the run's object is down");
    this.started.push({ spec, slot });
    return { ok: true as const, already: false };
  }

  status(runId: string): StatusAnswer {
    if (this.failStatus-- > 0) throw new Error("the run's object is down");
    return { ok: true, status: aStatus(runId, `status call ${++this.statusCalls}`) };
  }
}

function zeros<State extends string>(states: readonly State[]): Record<State, number> {
  return Object.fromEntries(states.map((state) => [state, 0])) as Record<State, number>;
}
