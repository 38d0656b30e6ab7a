// Pause, resume, and the limits that may change while a run is under way.
import type { OperatorCommand } from "./api-operator.ts";
import { pauseOf, type RunContext, type StartedRun } from "./context.ts";
import { limitsOf } from "./limits.ts";
import { no, type Done } from "./outcome.ts";

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
  let changed = 0;
  const paused = pauseOf(run.row);
  if (paused) {
    const accepted = JSON.parse(run.row.accepted_json) as Record<string, string>;
    if (paused.code === "canary") accepted["canary"] = command.note ?? "resumed";
    context.store.run.update({ pause_json: null, accepted_json: JSON.stringify(accepted) });
    changed += 1;
  }
  if (command.acceptReceiver) {
    if (!command.note) return no("note_needed", "taking on another receiver needs a note that says why");
    // frozen anew at the next 2xx
    context.store.run.update({ receiver_print: null });
    changed += 1;
  }
  if (command.answers !== null) return no("wrong_state", "no unusual answers wait for a word");
  return changed > 0 ? { ok: true, changed } : no("wrong_state", "the run is not paused");
}

export function patch(
  context: RunContext,
  run: StartedRun,
  command: Extract<OperatorCommand, { do: "patch" }>,
): Done {
  const { maxLinesPerSecond, maxInFlight, rate } = command;
  if (maxLinesPerSecond !== null && maxLinesPerSecond < (run.row.batch_lines_max ?? 0)) {
    return no("invalid_value", `a batch of ${run.row.batch_lines_max} lines waits and could never leave`);
  }
  const limits = limitsOf(run.row);
  if (maxLinesPerSecond !== null) limits.maxLinesPerSecond = maxLinesPerSecond;
  if (maxInFlight !== null) limits.maxInFlight = maxInFlight;
  if (rate !== null) limits.rate = rate;
  context.store.run.update({ limits_json: JSON.stringify(limits), next_enqueue_at: 0 });
  return { ok: true, changed: 1 };
}
