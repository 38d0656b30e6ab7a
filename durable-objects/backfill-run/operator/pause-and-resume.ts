// Pauses and resumes a run. patch-limits.ts changes the limits of a run under way.
import type { OperatorCommand } from "../../../src/contract/operator.ts";
import { applyWords, wordsByKind } from "./answer-decisions.ts";
import { acceptedOf } from "../context/accepted-codes.ts";
import { pauseOf } from "../context/pause.ts";
import type { RunContext, StartedRun } from "../context/context.ts";
import { canaryOf } from "../context/canary.ts";
import { no, type Done } from "./outcome.ts";

/** Stops new claims. Open POSTs continue. `park` also releases the receiver's slot after the last lease has ended. A
 * run of the window queue always releases the slot, so that the next window can start. */
export function pause(
  context: RunContext,
  run: StartedRun,
  command: Extract<OperatorCommand, { do: "pause" }>,
): Done {
  const before = pauseOf(run.row);
  if (run.row.delivered_at !== null && run.row.stage === "sent_waiting_cleanup") {
    return no("wrong_state", "the run is delivered; there is nothing left to pause");
  }
  const park = command.park || run.spec.queueWindow !== undefined;
  if (before && before.park === park) return { ok: true, changed: 0 };
  const detail = command.note ?? `paused by ${command.actor}`;
  const pause_json = JSON.stringify({ code: before?.code ?? "operator", detail, park });
  context.store.run.update({ pause_json });
  return { ok: true, changed: 1 };
}

export function resume(
  context: RunContext,
  run: StartedRun,
  command: Extract<OperatorCommand, { do: "resume" }>,
): Done {
  const paused = pauseOf(run.row) ?? canaryOf(context, run, context.store.totals.read())?.pause;
  const { acceptReceiver, answers, note } = command;
  // Everything is checked before anything is written.
  if (acceptReceiver && !note)
    return no("note_needed", "accepting another receiver needs a note that says why");
  const words = answers === null ? null : wordsByKind(context, run, answers);
  if (words !== null && !words.ok) return no("wrong_state", words.detail);
  if (!paused && !acceptReceiver && answers === null) return no("wrong_state", "the run is not paused");
  let changed = 0;
  if (paused) {
    const accepted = acceptedOf(run.row);
    if (paused.code === "canary") accepted["canary"] = { note: note ?? "resumed", seen: "" };
    context.store.run.update({ pause_json: null, accepted_json: JSON.stringify(accepted) });
    changed += 1;
  }
  // At the next 2xx, the run stores the fingerprint of the new receiver.
  if (acceptReceiver) context.store.run.update({ receiver_print: null });
  changed += acceptReceiver ? 1 : 0;
  if (words === null) return { ok: true, changed };
  const settled = applyWords(context, run, words.words, command);
  return { ...settled, changed: changed + settled.changed };
}
