// Finds when a run's work ended. Does no I/O.
import type { RunRow } from "../ledger/run-row.ts";
import type { StageNow } from "./stages.ts";
import { isDelivered } from "./progress.ts";

/** When the run was delivered, aborted or counted, in epoch ms. Null: it still works, or a delivered run waits for an
 * operator again. */
export function endOfWork(
  { delivered_at, ended_at }: Pick<RunRow, "delivered_at" | "ended_at">,
  stage: StageNow["stage"],
): number | null {
  if (isDelivered(stage)) return delivered_at;
  return stage === "aborted" || stage === "counted" ? ended_at : null;
}
