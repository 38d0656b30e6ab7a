// Gathers what every RPC method of a run needs: its rows, its memory, the present settings, and the time of this
// call.
import type { Log } from "../../../src/platform/log.ts";
import type { RunSpec } from "../../../src/contract/run.ts";
import type { AnswerState } from "../receiver/answers.ts";
import { readAnswers } from "../receiver/answer-state.ts";
import type { BreakerState } from "../receiver/breaker.ts";
import type { ListingState } from "../../../src/listing/listing.ts";
import type { RunMemory } from "./run-memory.ts";
import type { Hot } from "../ledger/totals.ts";
import type { RunRow } from "../ledger/run-row.ts";
import type { RunStore } from "../ledger/store.ts";
import type { Settings } from "./settings.ts";

export interface RunContext {
  store: RunStore;
  memory: RunMemory;
  settings: Settings;
  log: Log;
  now: number;
}

/** The row of a started run, as read during this call. */
export interface StartedRun {
  row: RunRow;
  hot: Hot;
  spec: RunSpec;
  listing: ListingState;
  breaker: BreakerState;
  answers: AnswerState;
}

/** The run, or null before `start`. */
export function started(context: RunContext): StartedRun | null {
  const row = context.store.run.read();
  if (!row) return null;
  const hot = context.store.totals.hot();
  return {
    row,
    spec: context.store.run.spec(row),
    listing: JSON.parse(row.listing_json) as ListingState,
    hot,
    breaker: JSON.parse(hot.breaker_json) as BreakerState,
    answers: readAnswers(hot.answers_json),
  };
}
