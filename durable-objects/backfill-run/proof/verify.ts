// Recounts a run from its rows, file by file over the clock's turns, and reports every difference. The recount
// compares the stored sums with the recounted sums. The run may continue meanwhile. When a file changes that was
// already recounted, the recount changes too (totals.ts). So the result is correct for the time of the recount's
// last turn. The recount writes only its result.
import { DROP_REASONS, type FileCounts } from "../../../src/contract/file-counts.ts";
import type { ParseSpec } from "../../../src/contract/parse-spec.ts";
import { BATCH_STATES, FILE_STATES, type Json } from "../../../src/contract/states.ts";
import type { Difference, Verified } from "../../../src/contract/verification.ts";
import { addEvent } from "../context/audit-trail.ts";
import { started, type RunContext } from "../context/context.ts";
import { CHECKS, checksForRun } from "../stage/suspicion.ts";
import { allBatchesOf } from "../batches/of-file.ts";
import { dropped, linesCounted } from "../files/counts.ts";
import { isDeliveredBefore } from "../ledger/batch-rows.ts";
import type { BatchRow } from "../ledger/batch-row.ts";
import { overlapsWindow, type FileRow } from "../ledger/file-rows.ts";
import { liveFileOf } from "../ledger/live-file.ts";
import type { AssumedWatch } from "../ledger/assumed-rows.ts";
import type { TotalName, Watch } from "../ledger/totals.ts";
import type { Verification } from "../ledger/recount.ts";

/** About how many batch rows the recount reads in one turn of the clock. Every sender waits during the turn. */
const ROWS_PER_TURN = 2_000;
const MAX_DIFFERENCES = 100;

/** The sums that are counted from file and batch rows. */
const COUNTED: readonly TotalName[] = [
  ...FILE_STATES.map((state) => `files_${state}` as const),
  ...BATCH_STATES.flatMap((state) => [`batches_${state}`, `lines_${state}`] as const),
  "files_duplicate",
  "read",
  "kept",
  "malformed",
  ...DROP_REASONS.map((reason) => `dropped_${reason}` as const),
  "repaired",
  ...CHECKS.flatMap((name) => [`${name}_checked`, `${name}_failing`] as const),
  "backlog_bytes",
  "inherited_lines",
  "matched_files",
  "live_rechecks",
  "live_waiting_lines",
  "live_meanwhile_batches",
  "live_meanwhile_lines",
];

/** Does one turn of a recount. True when the recount is over and its result is written. */
export function verifyTurn(context: RunContext, actor: string): boolean {
  const { store } = context;
  const run = started(context);
  if (!run) return true;
  const verification = (context.memory.verification ??= begin(context));
  for (let rows = 0; rows < ROWS_PER_TURN;) {
    const [file] = store.files.page([], verification.watch.upTo, 1);
    if (!file && verification.attempts) {
      rows += attemptsPart(context, verification, verification.attempts);
      continue;
    }
    if (!file && verification.assumed.upTo !== null) {
      rows += 1 + store.assumed.countSome(verification.assumed, ROWS_PER_TURN);
      continue;
    }
    if (!file) {
      finish(context, verification, actor);
      return true;
    }
    rows += 1 + countOne(context, verification, file, run.spec.parse);
    verification.watch.upTo = file.file;
  }
  return false;
}

function begin(context: RunContext): Verification {
  const watch: Watch = { upTo: 0, sums: new Map() };
  const assumed: AssumedWatch = { upTo: { batch: -1, status: 0 }, sums: {} };
  context.store.totals.watch = watch;
  context.store.assumed.watch = assumed;
  return { watch, assumed, differences: [], files: 0, batches: 0, attempts: { batch: 0, attempt: 0 } };
}

/** Checks that the batch of each attempt row exists. Without its batch, an uncertain attempt could never be settled. */
function attemptsPart(
  context: RunContext,
  verification: Verification,
  after: { batch: number; attempt: number },
): number {
  const rows = context.store.attempts.withOwner(after, ROWS_PER_TURN);
  for (const { batch, attempt, state, owner } of rows) {
    if (owner !== null) continue;
    const what = `attempt ${attempt} of batch ${batch}`;
    note(verification, { file: null, what, recorded: state, counted: "no such batch" });
  }
  verification.attempts = (rows.length === ROWS_PER_TURN && rows.at(-1)) || null;
  return rows.length;
}

function countOne(context: RunContext, verification: Verification, file: FileRow, window: ParseSpec): number {
  const { sums } = verification.watch;
  const add = (name: TotalName, value: number): void => void sums.set(name, (sums.get(name) ?? 0) + value);
  const batches = allBatchesOf(context, file);
  add(`files_${file.state}`, 1);
  if (overlapsWindow(file, window)) add("matched_files", 1);
  add("files_duplicate", file.duplicate_of === null ? 0 : 1);
  for (const batch of batches) {
    add(`batches_${batch.state}`, 1);
    add(`lines_${batch.state}`, batch.lines);
    if (isDeliveredBefore(batch)) add("inherited_lines", batch.lines);
    if (batch.state === "pending" || batch.state === "leased") add("backlog_bytes", batch.length);
  }
  add("live_rechecks", file.live_recheck);
  if (file.counted === 1 && file.counts_json !== null) {
    const live = liveFileOf(file);
    add("live_waiting_lines", live?.waitingLines ?? 0);
    add("live_meanwhile_batches", live?.meanwhile.batches ?? 0);
    add("live_meanwhile_lines", live?.meanwhile.lines ?? 0);
    const counts = JSON.parse(file.counts_json) as FileCounts;
    add("read", counts.linesRead);
    add("kept", counts.kept);
    add("malformed", counts.malformed);
    for (const reason of DROP_REASONS) add(`dropped_${reason}`, dropped(counts, reason));
    add("repaired", counts.repaired ?? 0);
    const checks = checksForRun(counts, started(context)?.spec.parse ?? {});
    for (const name of CHECKS) {
      add(`${name}_checked`, checks[name].checked);
      add(`${name}_failing`, checks[name].failing);
    }
    fileEquations(verification, file, counts, batches);
  }
  verification.files += 1;
  verification.batches += batches.length;
  return batches.length;
}

/** Checks two equations for one file. Each line is kept, dropped or malformed. The kept lines are in the file's
 * batches. */
function fileEquations(
  verification: Verification,
  file: FileRow,
  counts: FileCounts,
  batches: BatchRow[],
): void {
  const differ = (what: string, recorded: number, counted: number): void => {
    if (recorded !== counted) note(verification, { file: file.file, what, recorded, counted });
  };
  const live = batches.filter((batch) => batch.state !== "split");
  const unsettled = live.filter((batch) => batch.state !== "done" && batch.state !== "discarded").length;
  differ("lines_read", counts.linesRead, linesCounted(counts));
  const linesInBatches = live.reduce((sum, batch) => sum + batch.lines, 0);
  differ("kept", counts.kept, linesInBatches);
  differ("unsettled", file.unsettled, unsettled);
  if (file.state === "closed") differ("unsettled batches of a closed file", 0, unsettled);
}

function note(verification: Verification, difference: Difference): void {
  if (verification.differences.length < MAX_DIFFERENCES) verification.differences.push(difference);
}

/** Checks that every leased batch has exactly one lease, and that no other batch has a lease. */
function checkLeases(context: RunContext, verification: Verification): void {
  const { store } = context;
  const leases = store.leases.batches();
  for (const batch of leases) {
    const row = store.batches.get(batch);
    if (row?.state === "leased") continue;
    const counted = row?.state ?? "no such batch";
    note(verification, {
      file: row?.file ?? null,
      what: `lease of batch ${batch}`,
      recorded: "leased",
      counted,
    });
  }
  const counted = verification.watch.sums.get("batches_leased") ?? 0;
  if (leases.length !== counted)
    note(verification, { file: null, what: "send_leases", recorded: leases.length, counted });
}

/** Checks the attempts that count as not delivered, by the status of their answer. */
function checkAssumed(context: RunContext, verification: Verification): void {
  const recorded = context.store.assumed.sums();
  const counted = verification.assumed.sums;
  for (const status of new Set([...Object.keys(recorded), ...Object.keys(counted)])) {
    for (const name of ["attempts", "lines"] as const) {
      const [was, is] = [recorded[status]?.[name] ?? 0, counted[status]?.[name] ?? 0];
      if (was === is) continue;
      const what = `assumed_not_delivered_${name} ${status}`;
      note(verification, { file: null, what, recorded: was, counted: is });
    }
  }
}

function finish(context: RunContext, verification: Verification, actor: string): void {
  const { store } = context;
  const totals = store.totals.read();
  const attempts = store.attempts.sums();
  const counted = new Map<TotalName, number>([
    ...COUNTED.map((name): [TotalName, number] => [name, verification.watch.sums.get(name) ?? 0]),
    ["uncertain_attempts", attempts.uncertain],
    ["inherited_attempts", attempts.inherited],
    ["possible_duplicate_lines", attempts.followed_lines],
    ["deduped_lines", attempts.deduped_lines],
    ["duplicate_lines", attempts.duplicate_lines],
  ]);
  checkLeases(context, verification);
  checkAssumed(context, verification);
  for (const [name, value] of counted) {
    if (totals[name] !== value)
      note(verification, { file: null, what: name, recorded: totals[name], counted: value });
  }
  const { files, batches, differences } = verification;
  const result: Verified = { as_of: new Date(context.now).toISOString(), files, batches, differences };
  store.totals.watch = null;
  store.assumed.watch = null;
  context.memory.verification = null;
  store.transaction(() => {
    store.run.update({ verify_asked_by: null, verified_json: JSON.stringify(result) });
    addEvent(context, actor, "verified", { files, batches, differences: differences.length } satisfies Record<
      string,
      Json
    >);
  });
}
