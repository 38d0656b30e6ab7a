// The pause of a run, which an operator or the canary sets. Does no I/O.
import type { RunRow } from "../ledger/run-row.ts";

export interface Pause {
  code: string;
  detail: string;
  /** True: the run also releases the receiver's slot. */
  park: boolean;
}

export function pauseOf(row: RunRow): Pause | null {
  return row.pause_json === null ? null : (JSON.parse(row.pause_json) as Pause);
}
