// Which generations of the report exist. The ledger may change with every command, and each change makes the report
// outdated. So a new generation begins at most once a minute, and the clock deletes those that nobody needs. The first
// complete one, the last one and those that were downloaded stay: they may be somebody's proof.
import { archivePrefix } from "../../../src/contract/report.ts";
import { archiveState } from "../views/report-state.ts";
import { started, type RunContext } from "../context/context.ts";
import type { Ports } from "../context/ports.ts";

const BEGIN_EVERY_MS = 60_000;

/** When the next generation may begin; 0: now. */
export function mayBeginAt(context: RunContext): number {
  const last = context.store.reports.lastBegunAt();
  // a time that lies ahead is from before the clock was set back
  return last === null || last > context.now ? 0 : last + BEGIN_EVERY_MS;
}

/**
 * Somebody reads the newest generation, or the ledger that it holds: it stays. `generation`: the one that the reader was
 * told; null: whichever is newest. False when it is not complete any more, or outdated.
 */
export function reportRead(context: RunContext, generation: number | null): boolean {
  const run = started(context);
  if (!run || run.row.archive_json === null) return false;
  const newest = archiveState(run);
  if (!newest.done || newest.generation === null) return false;
  if (generation !== null && generation !== newest.generation) return false;
  return context.store.reports.downloaded(newest.generation);
}

/** One page of objects of a generation that nobody needs; its row goes when nothing is left of it. */
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
