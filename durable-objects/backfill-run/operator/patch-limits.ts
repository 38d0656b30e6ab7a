// Applies PATCH /runs/:id: changes the limits that may change while a run is under way. A changed limit applies
// from the next claim, permit or report on. limits.ts defines the limits.
import type { OperatorCommand } from "../../../src/contract/operator.ts";
import type { Json } from "../../../src/contract/states.ts";
import { BULK_ROWS, beginBulk, type BulkPart } from "./bulk-commands.ts";
import type { RunContext, StartedRun } from "../context/context.ts";
import { changesOf, limitsOf, smallestCap } from "../context/limits.ts";
import type { RunLimits } from "../../../src/contract/limits.ts";
import type { Done } from "./outcome.ts";
import { startRate } from "../receiver/rate.ts";
import { beginWalk, type SetAsideWalk, walkOn } from "./set-aside-walk.ts";

export function patch(
  context: RunContext,
  run: StartedRun,
  command: Extract<OperatorCommand, { do: "patch" }>,
): Done {
  const before = limitsOf(run.row);
  const after: RunLimits = { ...before, ...command.limits };
  const smallest = smallestCap(run);
  for (const limit of ["maxLinesPerSecond", "dailyLines"] as const) {
    if ((after[limit] ?? smallest) >= smallest) continue;
    const detail = `expected at least ${smallest}: a batch of this run has up to ${smallest} lines, and could never be sent`;
    return { ok: false, code: "invalid_value", limit, detail };
  }
  const changes = changesOf(before, after);
  context.store.run.update({ limits_json: JSON.stringify(after), next_enqueue_at: 0 });
  if (changes.polite) changePoliteness(context, after);
  const changed = Object.keys(changes).length;
  // `hold` also applies to batches that already wait for a retry after an uncertain attempt.
  const held = changes.onUncertain && after.onUncertain === "hold" ? holdUncertain(context, command) : null;
  return { ok: true, changed, ...(held?.underWay && { underWay: true }), event: { changes } };
}

/** A run that becomes polite begins at a tenth of its cap. */
function changePoliteness(
  { memory, store }: RunContext,
  { maxLinesPerSecond: cap, polite }: RunLimits,
): void {
  if (!polite && memory.limiter.rate.because !== "polite") return;
  memory.limiter.rate = { ...memory.limiter.rate, ...withoutLatency(startRate({ cap, isPolite: polite })) };
  store.totals.set({ pace_json: JSON.stringify(memory.keep()) });
}

/** The members of the rate that start again. The latencies that the run has measured are not among them, so the run
 * keeps these. */
function withoutLatency({ rate, ramp, changedAt, decreasedAt, because }: ReturnType<typeof startRate>) {
  return { rate, ramp, changedAt, decreasedAt, because };
}

function holdUncertain(context: RunContext, command: { actor: string; note: string | null }) {
  return beginBulk(context, command, "hold_uncertain", {}, holdUncertainPart);
}

export function holdUncertainPart(context: RunContext, _args: Json, cursor: Json | null): BulkPart {
  const walk = (cursor as SetAsideWalk | null) ?? beginWalk(context, ["pending"]);
  const { rows, left } = walkOn(context, walk, "waits_after_uncertain", BULK_ROWS);
  for (const batch of rows) context.store.moveBatch(batch, "held", { set_aside_at: context.now });
  return { changed: rows.length, cursor: left.length === 0 ? null : left };
}
