// Writes coverage as text for people.
import type {
  AutoReplayAnswer,
  CoverageAnswer,
  CoverageFilesAnswer,
  PossibleHole,
} from "../../contract/api/api-types.ts";
import { isoSecond, localText, shownInstant, shownSpan, zoneName } from "./instants.ts";
import { bytes, counted } from "./numbers.ts";
import { facts, table, type Cell } from "./table.ts";

const CELLS_PER_HOUR = 12;
const HOUR_MS = 3_600_000;
const LEGEND =
  "d delivered  p partly  n not delivered  w waiting  e no raw file  t few raw files  s too recent  ? unknown  . not looked at";

/** The options of a careful start of a run, the same as on the page. Coverage shows holes only if the bucket has
 * markers. */
const CAREFUL = "--exclusive --live skip_delivered --canary 3 --on-uncertain hold";

/** Lines of one hour with twelve letters each, and then the holes. */
export function coverageText(view: CoverageAnswer, zone: string): string[] {
  const { holes, live, possible_holes: possible } = view;
  return [
    ...hoursText(view, zone),
    "",
    LEGEND,
    ...facts([
      ["as of", view.as_of === null ? null : shownInstant(view.as_of, zone)],
      ["complete", view.complete ? "yes" : "no: not every hour was looked at"],
      ["oldest marker", view.oldest_evidence === null ? null : shownInstant(view.oldest_evidence, zone)],
      ["note", live.note],
    ]),
    "",
    ...(holes.length + possible.length === 0 ? ["no holes"] : []),
    ...holes.flatMap((hole, index) => holeText(hole, index + 1, zone)),
    ...possible.flatMap((hole, index) => possibleText(hole, index + 1, zone)),
  ];
}

function hoursText({ start, states }: CoverageAnswer, zone: string): string[] {
  const first = Date.parse(start);
  const hourOf = (cell: number) => Math.floor((first + (cell * HOUR_MS) / CELLS_PER_HOUR) / HOUR_MS);
  const hours = new Map<number, string>();
  for (const [cell, state] of states.split("").entries()) {
    const hour = hourOf(cell);
    const before = hours.get(hour) ?? "";
    // If the range starts within an hour, the first line starts with spaces.
    const padding = cell === 0 ? " ".repeat(Math.round(((first % HOUR_MS) / HOUR_MS) * CELLS_PER_HOUR)) : "";
    hours.set(hour, before + padding + state);
  }
  return [...hours].map(([hour, cells]) => {
    const at = hour * HOUR_MS;
    const local = zone === "UTC" ? "" : `  ${localText(at, zone).slice(0, 16)} ${zoneName(zone)}`;
    return `${isoSecond(at).slice(0, 16)}Z${local}  ${cells}`;
  });
}

/** The text for a possible hole: the live worker has delivered nothing of the window so far, and its raw files are
 * too young to judge. */
function possibleText({ start, end, judged_at: judgedAt }: PossibleHole, n: number, zone: string): string[] {
  return facts([
    [`possible hole ${n}`, `${shownSpan(start, end, zone)}, not delivered so far`],
    ["  judged at", shownInstant(judgedAt, zone)],
  ]);
}

function holeText(hole: CoverageAnswer["holes"][number], n: number, zone: string): string[] {
  const { inner, outer, replays } = hole;
  const isSame = inner.start === outer.start && inner.end === outer.end;
  return facts([
    [`hole ${n}`, `${counted(hole.files, "file")}, ${bytes(hole.bytes)}`],
    ["  outer (recommended)", shownSpan(outer.start, outer.end, zone)],
    ["  inner", isSame ? null : shownSpan(inner.start, inner.end, zone)],
    ["  replays", replays.join(", ")],
    [
      "  next",
      replays.length > 0
        ? null
        : `logpush-backfill start --start ${outer.start} --end ${outer.end} ${CAREFUL}`,
    ],
  ]);
}

export function coverageFilesText(view: CoverageFilesAnswer, zone: string, columns: number | null): string[] {
  if (view.files.length === 0) return ["no raw file"];
  const rows = view.files.map(({ state, done, waiting, missing, start, end, key }): Cell[] => [
    state,
    done,
    waiting,
    missing?.length ?? null,
    shownSpan(start, end, zone),
    key,
  ]);
  const rest = view.files_left_off > 0 ? [`and ${counted(view.files_left_off, "file")} more`] : [];
  return [...table(["STATE", "DONE", "WAITING", "MISSING", "RANGE", "KEY"], rows, columns), ...rest];
}

export function autoReplayText(view: AutoReplayAnswer, zone: string, columns: number | null): string[] {
  const rows = view.proposals.map(({ id, state, files, start, end, window, detail }): Cell[] => [
    id,
    state,
    files,
    shownSpan(start, end, zone),
    window,
    detail ?? "",
  ]);
  const { switched, waits_for: waitsFor } = view;
  return [
    ...facts([
      ["mode", view.mode],
      ["deployed", view.deployed],
      ["switched", switched && `${shownInstant(switched.at, zone)} by ${switched.actor}`],
      ["waits for", waitsFor && `${waitsFor.code}: ${waitsFor.detail}`],
      ["looked at", view.looked_at && shownInstant(view.looked_at, zone)],
    ]),
    ...(rows.length === 0
      ? ["no proposals"]
      : ["", ...table(["ID", "STATE", "FILES", "RANGE", "WINDOW", "DETAIL"], rows, columns)]),
  ];
}
