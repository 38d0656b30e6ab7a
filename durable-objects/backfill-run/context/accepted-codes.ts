// The problem codes that operators accepted. Pure.
import type { RunRow } from "../ledger/run-row.ts";

/** By code. `seen` is the text that was shown at the acceptance. A later, different text asks again. */
export type AcceptedCodes = Record<string, { note: string; seen: string }>;

export function acceptedOf(row: RunRow): AcceptedCodes {
  return JSON.parse(row.accepted_json) as AcceptedCodes;
}
