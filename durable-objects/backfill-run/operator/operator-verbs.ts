// Applies one operator's command to the run's rows, synchronously. A refusal changes nothing. Every change writes
// an event with its actor and note. If a command makes batches sendable, the run asks the registry for the slot
// first.
import type { OperatorAnswer, OperatorCommand } from "../../../src/contract/operator.ts";
import { acceptedOf } from "../context/accepted-codes.ts";
import { beliefOf } from "../context/live-size-proof.ts";
import { LIVE_WAITING, SIZE_UNPROVEN } from "../ledger/reasons.ts";
import { addEvent } from "../context/audit-trail.ts";
import { started, type RunContext, type StartedRun } from "../context/context.ts";
import { restOf } from "../context/rest.ts";
import { UNKNOWN_RUN } from "../context/unknown-run.ts";
import { stageFacts } from "../stage/stage-facts.ts";
import { readDuplicates } from "./read-duplicates.ts";
import { acceptFile, retryFile } from "./file-decisions.ts";
import { enterStage } from "../stage/enter-stage.ts";
import type { SlotAnswer } from "../../../src/contract/registry.ts";
import { statusOf } from "../views/status.ts";
import { pause, resume } from "./pause-and-resume.ts";
import { patch } from "./patch-limits.ts";
import { askForSlot } from "../sending/slot.ts";
import { snakeKeys } from "../../../src/platform/snake-case.ts";
import { retryAll } from "./retry-all.ts";
import { resolveBatch, retryBatch } from "./batch-decisions.ts";
import { takeLate } from "./late-files.ts";
import { no, type Done } from "./outcome.ts";

const MAKES_SENDABLE: ReadonlySet<string> = new Set(["duplicate_objects", LIVE_WAITING, SIZE_UNPROVEN]);

/** Whether this command may make batches sendable. Before such a command, the run needs the receiver's slot. */
function needsSlot(command: OperatorCommand): boolean {
  switch (command.do) {
    case "take_late":
    case "retry_file":
    case "retry_all":
    case "retry_batch":
    case "resume":
      return true;
    case "resolve_batch":
      return command.outcome === "resend";
    case "accept_codes":
      // Accepting `duplicate_objects` parses and sends the files that waited for this decision.
      return command.codes.some((code) => MAKES_SENDABLE.has(code));
    case "accept_file":
      return command.send === true;
    case "pause":
    case "patch":
    case "verify":
      return false;
  }
}

/** If a command makes batches sendable and the run does not own the slot, asks the registry for the slot first.
 * Reads the run again after the await. If the slot was not necessary, the clock releases it. */
export async function operateWithSlot(
  context: () => RunContext,
  command: OperatorCommand,
  acquire: (replay: boolean) => Promise<SlotAnswer>,
): Promise<OperatorAnswer> {
  const refusal = refusedAnyway(context(), command);
  if (refusal) return refusal;
  const side = started(context())?.row.slot;
  if (needsSlot(command) && side === "releasing") {
    // A release may be unanswered. The slot could then become free after the run has given the next lease.
    return { ok: false, code: "wrong_state", detail: "the run is releasing its slot; repeat the request" };
  }
  let hasNewSlot = false;
  if (needsSlot(command) && side !== "owned") {
    // With `replay`, the registry does not look for other runs that sent lines of the window. So a command that is
    // refused must not get the slot.
    const tried = tryOut(context(), command);
    if (!tried.ok) return tried;
    const replay = "replay" in command && (command.replay ?? false);
    const slot = await askForSlot(context, () => acquire(replay));
    if (!slot.ok && !(slot.code === "slot_taken" && rests(context()))) return slot;
    hasNewSlot = slot.isNew;
  }
  const now = context();
  const done = refusedAnyway(now, command) ?? operate(now, command);
  if (!done.ok) {
    // The run changed while the registry answered. The clock gives the slot back, and asks for it without `replay`.
    if (hasNewSlot) now.store.run.update({ slot: "releasing" });
    return done;
  }
  enterStage(now);
  const run = started(now);
  if (!run) throw new Error("run row vanished within a turn");
  const status = statusOf(now, run);
  const { changed, skipped = 0, underWay = false } = done;
  return { ok: true, status, leasesOut: status.leases_out, changed, skipped, underWay };
}

/** Whether the run rests and sends nothing now. The clock asks for the slot when the rest is over. */
function rests(context: RunContext): boolean {
  const run = started(context);
  return run !== null && restOf(context, run) !== null;
}

/** The refusal that the command would get now. Null: the command would not be refused. A command that is refused
 * anyway must not ask for the slot. */
function refusedAnyway(
  context: RunContext,
  command: OperatorCommand,
): Extract<OperatorAnswer, { ok: false }> | null {
  const run = started(context);
  if (!run) return UNKNOWN_RUN;
  // A recount changes nothing, so every run allows it.
  if (command.do === "verify") return null;
  const { stage } = run.row;
  if (run.spec.dryRun) {
    const detail = `run ${run.row.run_id} is a dry run: it can be aborted or verified, and it never sends`;
    return { ok: false, code: "wrong_state", detail };
  }
  if (run.row.abort_asked_at !== null || stage === "cleaned") {
    return { ok: false, code: "run_ended", detail: `run ${run.row.run_id} is ${stage}` };
  }
  return null;
}

/** The value that `tryOut` throws so that the transaction is rolled back. */
const ROLL_BACK = new Error("only tried out");

/** What the command would answer now. Takes back all of its changes. */
function tryOut(context: RunContext, command: OperatorCommand): Done {
  const run = started(context);
  let done: Done = UNKNOWN_RUN;
  if (!run) return done;
  try {
    context.store.transaction(() => {
      done = perform(context, run, command);
      throw ROLL_BACK;
    });
  } catch (error) {
    if (error !== ROLL_BACK) throw error;
  }
  return done;
}

/** Decides, writes and records the event, without an await. */
export function operate(context: RunContext, command: OperatorCommand): Done {
  const run = started(context);
  if (!run) return UNKNOWN_RUN;
  return context.store.transaction(() => {
    const done = perform(context, run, command);
    if (done.ok) {
      const { actor, do: kind, note, ...asked } = command;
      const { changed, skipped, underWay, event = asked } = done;
      addEvent(context, actor, kind, {
        ...snakeKeys(event),
        note,
        changed,
        ...(skipped && { skipped }),
        ...(underWay && { under_way: true }),
      });
      // The command makes the evidence outdated, so the evidence is written again.
      if (run.row.archive_json !== null) context.store.run.update({ archive_json: null });
    }
    return done;
  });
}

function perform(context: RunContext, run: StartedRun, command: OperatorCommand): Done {
  switch (command.do) {
    case "accept_codes":
      return acceptCodes(context, run, command);
    case "take_late":
      return takeLate(context, run);
    case "retry_file":
      return retryFile(context, command);
    case "accept_file":
      return acceptFile(context, command);
    case "retry_all":
      return retryAll(context, command);
    case "retry_batch":
      return retryBatch(context, command.batch);
    case "resolve_batch":
      return resolveBatch(context, command.batch, command.outcome, command.note);
    case "pause":
      return pause(context, run, command);
    case "resume":
      return resume(context, run, command);
    case "patch":
      return patch(context, run, command);
    case "verify":
      context.store.run.update({ verify_asked_by: command.actor });
      return { ok: true, changed: 0 };
  }
}

function acceptCodes(
  context: RunContext,
  run: StartedRun,
  command: Extract<OperatorCommand, { do: "accept_codes" }>,
): Done {
  if (!command.note) return no("note_needed", "accepting needs a note that says why");
  const { openCodes } = stageFacts(context, run, context.store.totals.read());
  const open = new Map(openCodes.map(({ code, detail }) => [code, detail]));
  const missing = command.codes.filter((code) => !open.has(code));
  if (missing.length > 0) return no("nothing_to_accept", `the run does not show ${missing.join(", ")}`);
  if (command.codes.includes(SIZE_UNPROVEN) && run.spec.live) {
    const { doubt } = beliefOf(run.row, run.spec.live);
    // An operator cannot accept a size that the files contradict.
    if (doubt !== "too_few_files") return no("wrong_state", `${SIZE_UNPROVEN} is ${doubt}: start a new run`);
  }
  if (command.codes.includes(LIVE_WAITING)) context.store.live.releaseOverdue(context.now);
  const accepted = acceptedOf(run.row);
  for (const code of command.codes) accepted[code] = { note: command.note, seen: open.get(code) ?? "" };
  context.store.run.update({ accepted_json: JSON.stringify(accepted) });
  context.store.totals.add("exceptions", command.codes.length);
  const read = command.codes.includes("duplicate_objects") ? readDuplicates(context, command) : null;
  return { ok: true, changed: command.codes.length, underWay: read?.underWay ?? false };
}
