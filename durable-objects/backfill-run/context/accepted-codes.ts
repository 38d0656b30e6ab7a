// The problem codes that operators accepted. Does no I/O.
import type { RunRow } from "../ledger/run-row.ts";

/** The accepted codes. `seen` is the text that the operator saw. When the text changes later, the run needs
 * attention again. */
export type AcceptedCodes = Record<string, { note: string; seen: string }>;

export function acceptedOf(row: RunRow): AcceptedCodes {
  return JSON.parse(row.accepted_json) as AcceptedCodes;
}
