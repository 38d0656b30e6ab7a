// Counts a run's permits by day, within the caller's transaction. receiver/daily-lines.ts contains the rules.
import type { BatchRef } from "../../../src/contract/sending.ts";
import { keyOf } from "../batches/attempt-records.ts";
import type { RunContext, StartedRun } from "../context/context.ts";
import { limitsOf } from "../context/limits.ts";
import { zoneOf } from "../context/rest.ts";
import type { BatchRow } from "../ledger/batch-row.ts";
import type { DailyLines } from "../receiver/daily-lines.ts";

/** The count of today's lines. */
export function todayOf({ memory, store, now }: RunContext, { row }: StartedRun): DailyLines {
  memory.daily.beginDay(zoneOf(limitsOf(row)), now, () =>
    store.leases.batches().map((batch) => keyOf({ batch, attempt: store.batches.get(batch)?.attempt ?? 0 })),
  );
  return memory.daily;
}

/** Whether the batch fits into the lines of today. */
export function fitsToday(context: RunContext, run: StartedRun, { lines }: BatchRow): boolean {
  const { dailyLines } = limitsOf(run.row);
  return dailyLines === null || todayOf(context, run).fits(lines, dailyLines);
}

/** A permit of an earlier day counts again when it is renewed, so it must fit into today. */
export function mayRenewToday(context: RunContext, run: StartedRun, batch: BatchRow): boolean {
  const isEarlier = todayOf(context, run).isEarlier(keyOf(batch));
  return !isEarlier || fitsToday(context, run, batch);
}

/** Subtracts a permit that a sender returned unsent. Call before the report changes the batch. A repeated report
 * subtracts nothing. */
export function countReturned(context: RunContext, run: StartedRun, ref: BatchRef): void {
  const batch = context.store.batches.get(ref.batch);
  if (batch?.state !== "leased" || batch.attempt !== ref.attempt) return;
  todayOf(context, run).returned(keyOf(ref), batch.lines);
}
