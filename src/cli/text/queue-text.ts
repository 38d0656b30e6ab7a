// Writes the window queue as text for people.
import type { Queue, WindowAnswer, WindowItem, WindowOutcome } from "../../contract/api/api-types.ts";
import { shownInstant, shownSpan } from "./instants.ts";
import { safe, safeJson } from "./safe-text.ts";
import { facts, table, type Cell } from "./table.ts";

export const WINDOW_HEADINGS = ["ID", "STATE", "WINDOW", "ATTEMPTS", "RUN", "REASON"];

export function windowRow(window: WindowItem, zone: string): Cell[] {
  return [
    window.id,
    window.state,
    spanOf(window, zone),
    window.attempts,
    window.run ?? "",
    window.state_reason === null
      ? window.reason
      : `${window.state_reason.code}: ${window.state_reason.detail}`,
  ];
}

function spanOf(
  { start, end, end_exclusive: isExclusive }: Pick<WindowItem, "start" | "end" | "end_exclusive">,
  zone: string,
) {
  return `${shownSpan(start, end, zone)}${isExclusive ? ", end outside" : ""}`;
}

/** What the queue did with one window of a request. */
export function outcomeText(one: WindowOutcome, zone: string): string {
  if (one.outcome === "dropped") return safe(`${one.index + 1}: dropped (${one.reason}): ${one.detail}`);
  const window = `${one.index + 1}: ${spanOf(one, zone)}:`;
  if (one.outcome === "coalesced") return `${window} joined window ${one.into}`;
  if (one.outcome === "duplicate") return safe(`${window} is in ${Object.entries(one.of).map(([kind, of]) => `${kind} ${[of].flat().join(", ")}`).join("; ")}`); // prettier-ignore
  if (one.state === "queued") return `${window} queued as ${one.id}`;
  return `${window} blocked as ${one.id}, because ${one.overlaps.map(({ run }) => run).join(", ")} sent a part`;
}

export function queueText(
  { paused, queued, running, holder, waits_for: waitsFor }: Queue,
  zone: string,
): string[] {
  return facts([
    ["queued", queued],
    ["running", running],
    [
      "paused",
      paused &&
        `${shownInstant(paused.at, zone)} by ${paused.actor}${paused.note === null ? "" : `: ${paused.note}`}`,
    ],
    ["slot", holder ?? "free"],
    ["waits for", waitsFor],
  ]);
}

export function windowText(window: WindowAnswer, zone: string): string[] {
  const { chunks, state_reason: reason } = window;
  const events = window.events.map(({ event, at, actor, kind, detail }): Cell[] => [
    event,
    shownInstant(at, zone),
    actor,
    kind,
    safeJson(detail),
  ]);
  return [
    ...facts([
      ["window", window.id],
      ["state", window.state],
      ["why", reason && `${reason.code}: ${reason.detail}`],
      ["span", spanOf(window, zone)],
      ["reason", window.reason],
      ["actor", window.actor],
      ["priority", window.priority],
      ["attempts", `${window.attempts} of ${window.max_attempts}`],
      ["runs", window.runs.join(", ")],
      ["overlaps", window.overlaps.map(({ run }) => run).join(", ")],
      ["expires", window.expires_at && shownInstant(window.expires_at, zone)],
      ["not before", window.not_before && shownInstant(window.not_before, zone)],
      ["left", chunks?.left && shownSpan(chunks.left.start, chunks.left.end, zone)],
      ["its windows", chunks && Object.entries(chunks.windows).map(([state, n]) => `${state} ${n}`).join(", ")],
    ]), // prettier-ignore
    ...(events.length === 0 ? [] : ["", ...table(["EVENT", "AT", "ACTOR", "KIND", "DETAIL"], events, null)]),
  ];
}
