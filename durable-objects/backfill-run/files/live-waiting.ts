// Handles files that wait for the live worker: files that are too young, and files with a batch of the live worker
// that has no answer yet.
import type { RunContext, StartedRun } from "../context/context.ts";
import { acceptedOf } from "../context/accepted-codes.ts";
import {
  NO_MARKERS,
  safeKeyOf,
  type LiveClaim,
  type LiveSpec,
  type LiveWaitingMode,
} from "../../../src/contract/live.ts";
import { liveDetailKey } from "../../../src/contract/report.ts";
import { strand } from "../batches/stranding.ts";
import type { FileRow } from "../ledger/file-rows.ts";
import type { LiveFile } from "../ledger/live-file.ts";
import { LIVE_WAITING, NO_FILE_REASON, WAITING_FOR_LIVE, fileBecause } from "../ledger/reasons.ts";
import { choicesOf } from "./file-choices.ts";
import { frozenOf } from "./live-evidence.ts";

/** After this time, a file that waits for an answer is enqueued again. */
export const LOOK_AGAIN_MS = 60_000;
/** After this time an operator decides about the file. */
export const OVERDUE_MS = 3_600_000;
const WOKEN_AT_ONCE = 100;

/** Whether the file is so young that the live worker may still be sending it. A file that is so young waits instead
 * of being enqueued. */
export function holdYoung(context: RunContext, run: StartedRun, file: FileRow): boolean {
  const spec = run.spec.live;
  if (!spec || file.uploaded_at + spec.settleMs <= context.now || frozenOf(context, file) !== null)
    return false;
  // When an operator decided about waiting batches, the age of the file does not matter either.
  if (choicesOf(context, file).liveWaiting === "send") return false;
  context.store.transaction(() =>
    context.store.files.move(file, "waiting", {
      live_check_at: Math.min(file.uploaded_at, context.now) + spec.settleMs,
      ...fileBecause(WAITING_FOR_LIVE),
    }),
  );
  return true;
}

/** Makes a file wait because its parser found a batch of the live worker that has no answer. */
export function waitForAnswer(context: RunContext, file: FileRow, detail: string): void {
  const since = file.waiting_since ?? context.now;
  const isOverdue = context.now - since >= OVERDUE_MS;
  context.store.files.move(file, "waiting", {
    waiting_since: since,
    live_check_at: isOverdue ? null : context.now + LOOK_AGAIN_MS,
    ...fileBecause(LIVE_WAITING, detail),
  });
}

/** Moves waiting files whose time has come back to `listed`, so that the clock enqueues them. At most WOKEN_AT_ONCE files
 * in one turn. */
export function wakeWaiting(context: RunContext): void {
  context.store.transaction(() => {
    for (const file of context.store.live.due(context.now, WOKEN_AT_ONCE))
      context.store.files.move(file, "listed", { enqueue_at: 0, ...NO_FILE_REASON });
  });
}

/** What a parser of this file needs to know about delivery by the live worker. */
export function liveClaimOf(
  context: RunContext,
  run: StartedRun,
  file: FileRow,
  attempt: number,
): LiveClaim | null {
  const spec = run.spec.live;
  if (!spec) return null;
  const frozen = frozenOf(context, file)?.markers ?? null;
  const isPlanned = run.spec.plan !== undefined && frozen !== null && file.live_json === null;
  return {
    prefix: spec.prefix,
    batchSize: spec.batchSize,
    waiting: waitingMode(context, run, spec, file),
    frozen,
    ...(isPlanned && { isPlanned }),
    detailKey: run.spec.dryRun ? null : liveDetailKey(run.row.run_id, file.file, attempt),
  };
}

function waitingMode(context: RunContext, run: StartedRun, spec: LiveSpec, file: FileRow): LiveWaitingMode {
  // A dry run counts what would be sent, and never asks an operator.
  const isAccepted = run.spec.dryRun || acceptedOf(run.row)[LIVE_WAITING] !== undefined;
  return isAccepted ? "send" : (choicesOf(context, file).liveWaiting ?? spec.waiting);
}

/** Computes the safe key of a new file. Null: the run ignores the live worker (`live: "ignore"`). */
export function safeKeyFor(run: StartedRun): ((key: string) => string) | null {
  return run.spec.live ? safeKeyOf : null;
}

/** Holds files whose raw keys share their markers, because a marker does not show to which of these files it
 * belongs. Both files wait for an operator, and none of their records is skipped. */
export function holdAlike(context: RunContext, run: StartedRun, numbers: readonly number[]): void {
  if (!run.spec.live) return;
  const { files, live } = context.store;
  const nothing: LiveFile = {
    markers: NO_MARKERS,
    expected: null,
    waitingLines: 0,
    meanwhile: { batches: 0, lines: 0 },
  };
  for (const { file, other } of live.alike(numbers)) {
    for (const [one, twin] of [
      [file, other],
      [other, file],
    ] as const) {
      const row = files.get(one);
      if (!row || (row.state !== "listed" && row.state !== "open" && row.state !== "waiting")) continue;
      const live_json = row.live_json ?? JSON.stringify(nothing);
      files.move(row, "suspicious", {
        fresh: null,
        live_json,
        ...fileBecause("live_keys_alike", `its markers are also those of file ${twin}`),
      });
      strand(context, row, "suspicious");
    }
  }
}
