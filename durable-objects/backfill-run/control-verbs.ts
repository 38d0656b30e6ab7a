// Pause and resume. The limits that may change while a run is under way are in patch-limits.ts.
import type { OperatorCommand } from "./api-operator.ts";
import { acceptedOf, canaryOf, pauseOf, type RunContext, type StartedRun } from "./context.ts";
import { judgeShapes } from "./answers.ts";
import { no, type Done } from "./outcome.ts";

/** In flight at once are at most 60, so no more can wait. */
const MAX_JUDGED = 1_000;

/** No new claim from here on; open POSTs end. `park` also gives the receiver's slot away once no lease is out. */
export function pause(
  context: RunContext,
  run: StartedRun,
  command: Extract<OperatorCommand, { do: "pause" }>,
): Done {
  const before = pauseOf(run.row);
  if (run.row.delivered_at !== null && run.row.stage === "sent_waiting_cleanup") {
    return no("wrong_state", "the run is delivered; there is nothing left to pause");
  }
  if (before && before.park === command.park) return { ok: true, changed: 0 };
  const detail = command.note ?? `paused by ${command.actor}`;
  const pause_json = JSON.stringify({ code: before?.code ?? "operator", detail, park: command.park });
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
  // everything is checked before anything is written
  if (acceptReceiver && !note)
    return no("note_needed", "taking on another receiver needs a note that says why");
  if (answers !== null && run.answers.unusual === 0)
    return no("wrong_state", "no unusual answers wait for a word");
  if (!paused && !acceptReceiver && answers === null) return no("wrong_state", "the run is not paused");
  let changed = 0;
  if (paused) {
    const accepted = acceptedOf(run.row);
    if (paused.code === "canary") accepted["canary"] = { note: note ?? "resumed", seen: "" };
    context.store.run.update({ pause_json: null, accepted_json: JSON.stringify(accepted) });
    changed += 1;
  }
  // frozen anew at the next 2xx
  if (acceptReceiver) context.store.run.update({ receiver_print: null });
  if (answers !== null) changed += judgeAnswers(context, run, answers);
  return { ok: true, changed: changed + (acceptReceiver ? 1 : 0) };
}

/** Batches held for an unusual answer are settled by the operator's word, and so is every later answer of that shape. */
function judgeAnswers(context: RunContext, run: StartedRun, word: "success" | "refused"): number {
  const { attempts, batches } = context.store;
  const shapes = new Set<string>();
  const waiting = batches
    .inState("held", MAX_JUDGED)
    .filter((batch) => batch.reason?.startsWith("unusual_answer"));
  for (const batch of waiting) {
    const attempt = attempts.get(batch.batch, batch.attempt);
    if (attempt?.detail) shapes.add(attempt.detail);
    if (attempt) attempts.move(attempt, word === "success" ? "done" : "refused", "unusual_answer");
    if (word === "success") {
      const done = { due_at: null, reason: null, done_attempt: batch.attempt, done_at: context.now };
      context.store.moveBatch(batch, "done", done);
    } else context.store.moveBatch(batch, "refused", { due_at: context.now });
  }
  context.store.totals.add("exceptions", waiting.length);
  context.store.totals.set({ answers_json: JSON.stringify(judgeShapes(run.answers, [...shapes], word)) });
  return waiting.length;
}
