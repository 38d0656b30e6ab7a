// Manages the generations of the evidence. Every command may change the ledger and make the evidence outdated. To
// limit the number of generations, a new one begins at most once a minute, and the clock deletes generations that
// are not needed. The clock keeps the first and the last complete generation and all downloaded generations,
// because a reader may use them as proof.
import { archivePrefix } from "../../../src/contract/report.ts";
import { archiveState } from "../views/report-state.ts";
import { started, type RunContext } from "../context/context.ts";
import type { Ports } from "../context/ports.ts";

const BEGIN_EVERY_MS = 60_000;

/** When the next generation may begin, in epoch ms. 0: it may begin now. */
export function mayBeginAt(context: RunContext): number {
  const last = context.store.reports.lastBegunAt();
  // A time in the future means that the clock was set back.
  return last === null || last > context.now ? 0 : last + BEGIN_EVERY_MS;
}

/** Keeps the newest generation, because a reader uses it or the ledger that it contains. `generation` is the
 * generation that the reader reads; null means the newest. False when that generation is incomplete or outdated. */
export function reportRead(context: RunContext, generation: number | null): boolean {
  const run = started(context);
  if (!run || run.row.archive_json === null) return false;
  const newest = archiveState(run);
  if (!newest.done || newest.generation === null) return false;
  if (generation !== null && generation !== newest.generation) return false;
  return context.store.reports.downloaded(newest.generation);
}

/** Deletes one page of R2 objects of a superfluous generation. Deletes the row of the generation when no R2 object
 * is left. */
export async function deleteSuperfluous(
  context: () => RunContext,
  runId: string,
  ports: Pick<Ports, "ownKeys" | "deleteKeys">,
): Promise<void> {
  const generation = context().store.reports.superfluous();
  if (generation === null) return;
  const keys = await ports.ownKeys(archivePrefix(runId, generation));
  if (keys.length > 0) return ports.deleteKeys(keys);
  context().store.reports.remove(generation);
}
