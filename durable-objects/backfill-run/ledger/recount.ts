// A recount under way: its position and the differences found.
import type { Difference, VerificationView, Verified } from "../../../src/contract/verification.ts";
import type { RunRow } from "./run-row.ts";
import type { Watch } from "./totals.ts";
import type { AssumedWatch } from "./assumed-rows.ts";

export interface Verification {
  watch: Watch;
  differences: Difference[];
  files: number;
  batches: number;
  /** The last attempt row that was examined. Null: all attempt rows were examined. */
  attempts: { batch: number; attempt: number } | null;
  assumed: AssumedWatch;
}

/** The part of the status about recounts. */
export function verificationView(row: Pick<RunRow, "verify_asked_by" | "verified_json">): VerificationView {
  const { verify_asked_by, verified_json } = row;
  return {
    under_way: verify_asked_by !== null,
    last: verified_json === null ? null : (JSON.parse(verified_json) as Verified),
  };
}
