// The problem codes that operators accepted. Pure.
import type { RunRow } from "../ledger/run-row.ts";

/** The acceptances by code. `seen` is the text that was shown at the acceptance. When the text changes later, the
 * run asks again. */
export type AcceptedCodes = Record<string, { note: string; seen: string }>;

export function acceptedOf(row: RunRow): AcceptedCodes {
  return JSON.parse(row.accepted_json) as AcceptedCodes;
}
