// Turns the cells of the map into rows of a grid, and into a list of spans that need a person. Does no I/O.
import type { RunMapAnswer } from "../../../contract/api/api-types.ts";
import type { MapLetters, MapState } from "../../../contract/run-map.ts";
import type { Zone } from "../../text/time.ts";
import { mapTone } from "../../state/row-states.ts";

export const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Up to this many cells, each cell is a link. In a longer window, each hour is a link. */
const MOST_CELL_LINKS = 24 * 12;

/** The letter of each state, the worst state first, as in the answer of the API. */
const MAP_LETTERS: MapLetters = {
  failed: "f",
  missing: "m",
  changed: "c",
  suspicious: "s",
  set_aside: "b",
  waiting: "w",
  listed: "l",
  parsing: "p",
  open: "o",
  accepted: "a",
  closed: "d",
};
const STATES = new Map<string, MapState>(
  (Object.entries(MAP_LETTERS) as [MapState, string][]).map(([state, letter]) => [letter, state]),
);

/** The state for a letter. Null: the cell contains no file. */
export function stateOf(letter: string): MapState | null {
  return STATES.get(letter) ?? null;
}

/** How many cells each letter has. Worst state first, and cells without a file last. */
export function letterCounts(states: string): [letter: string, cells: number][] {
  const order = [...STATES.keys(), "e"];
  const counted = order.map((letter): [string, number] => [letter, states.split(letter).length - 1]);
  return counted.filter(([, cells]) => cells > 0);
}

/** Adjoining cells that need a person for the same reason. */
export interface Span {
  startMs: number;
  endMs: number;
  state: MapState;
  /** The sum, over the cells, of files in this state. A file that touches several cells counts in each. */
  worst: number;
}

/** The spans that need a person. A span is one hour long at most, because the list of files accepts no longer range. */
export function spansForPerson({ start, cell_seconds, states, worst }: RunMapAnswer): Span[] {
  const cellMs = cell_seconds * 1_000;
  const spans: Span[] = [];
  for (const [index, letter] of Array.from(states).entries()) {
    const state = stateOf(letter);
    if (state === null || mapTone(state) !== "red") continue;
    const startMs = Date.parse(start) + index * cellMs;
    const last = spans.at(-1);
    const joins = last?.state === state && last.endMs === startMs && startMs - last.startMs < HOUR_MS;
    if (last && joins) {
      last.endMs += cellMs;
      last.worst += worst[index] ?? 0;
    } else spans.push({ startMs, endMs: startMs + cellMs, state, worst: worst[index] ?? 0 });
  }
  return spans;
}

export function filesHref(run: string, startMs: number, endMs: number): string {
  const query = new URLSearchParams({ start: iso(startMs), end: iso(endMs) });
  return `/ui/runs/${run}/files?${query.toString()}`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString().replace(".000Z", "Z");
}

/** A link of the grid: to one cell, or to the cells of one hour. */
export interface MapLink {
  startMs: number;
  endMs: number;
  /** One letter for each cell. A space stands for a cell outside of the window. */
  letters: string;
  files: number;
}

export interface MapRow {
  startMs: number;
  links: MapLink[];
}

export interface MapLayout {
  /** True: a row is an hour of cells. False: a row is a day of hours. */
  isByHour: boolean;
  rows: MapRow[];
}

/** For each zone, its wall clock minus UTC. Beijing has had no daylight saving time since 1991, and UTC has none. */
const OFFSET_MS: Record<Zone, number> = { beijing: 8 * HOUR_MS, utc: 0 };

export function layoutOf({ start, cell_seconds, states, files }: RunMapAnswer, zone: Zone): MapLayout {
  const cellMs = cell_seconds * 1_000;
  const firstMs = Date.parse(start);
  const endMs = firstMs + states.length * cellMs;
  const isByHour = states.length <= MOST_CELL_LINKS;
  const [rowMs, linkMs] = isByHour ? [HOUR_MS, cellMs] : [DAY_MS, HOUR_MS];
  const offset = OFFSET_MS[zone];
  const rows: MapRow[] = [];
  for (let row = Math.floor((firstMs + offset) / rowMs) * rowMs - offset; row < endMs; row += rowMs) {
    const links: MapLink[] = [];
    for (let at = row; at < row + rowMs; at += linkMs) {
      const from = Math.round((at - firstMs) / cellMs);
      const cells = linkMs / cellMs;
      const letters = Array.from({ length: cells }, (_, cell) => states[from + cell] ?? " ").join("");
      const inLink = files.slice(Math.max(0, from), Math.max(0, from + cells));
      links.push({ startMs: at, endMs: at + linkMs, letters, files: inLink.reduce((sum, n) => sum + n, 0) });
    }
    rows.push({ startMs: row, links });
  }
  return { isByHour, rows };
}
