// Counts the records of a file as the live worker does, and finds to which batch of the live worker a record
// belongs. Owns this count, and the reasons why the borders of the live worker's batches may be unknowable. See
// docs/decisions/0028.
//
// The live worker counts each raw line whose trimmed text JSON.parse accepts, whatever its type.

import { JsonShape } from "./json-shape.ts";
import type { Found } from "./record-list-text.ts";
import type { LeftOut, LiveBorderLoss, LiveBorders, LiveCounts } from "../contract/file-counts.ts";
import { largestIndex, type IndexRanges, type LiveMarkers } from "../contract/live.ts";
import type { Window } from "../contract/parse-spec.ts";
import { DAY_MS } from "../contract/time-units.ts";
import type { LiveKept, LiveParse } from "./types.ts";

/** The index of a record that the live worker did not count as one record. */
export const NO_INDEX = -1;
/** A record that lies farther from the window has a wrong time, or belongs to a file of another day. It says nothing
 * about the edges of the window. */
const REACH_MS = DAY_MS;
/** The live worker counted a whole array as one record. */
const ARRAY = -2;

/** `skips` false: no record is skipped, because it is not known which records the live worker's batches had. */
export function liveParse(batchSize: number, markers: LiveMarkers, skips: boolean): LiveParse {
  return { batchSize, skip: skips ? markers.done : [], hasMarkers: largestIndex(markers) !== null };
}

export class LiveIndex {
  /** Null: a line that is rejected early counts without proof. */
  readonly shape: JsonShape | null;
  /** For each batch of the live worker that has kept lines: its index, and how many kept lines it has. Ascending. */
  readonly kept: LiveKept = [];
  borders: LiveBorders = "known";
  records = 0;
  #leftOut: LeftOut | null = null;
  readonly #size: number;
  readonly #skip: IndexRanges;
  /** The range of records of the live worker's batch that was looked up last, and whether this batch is skipped. */
  #from = 0;
  #to = 0;
  #isSkipped = false;
  /** The indexes of lines that may be read again, by line number. */
  readonly #lines = new Map<number, number>();

  constructor({ batchSize, skip, hasMarkers }: LiveParse) {
    this.shape = hasMarkers ? new JsonShape() : null;
    this.#size = batchSize;
    this.#skip = skip;
  }

  /** Counts one record and returns its index. */
  next(): number {
    return this.records++;
  }

  /** Records that from here on it is not known which records the live worker counted. Keeps the first reason. */
  lose(reason: LiveBorderLoss): void {
    if (this.borders === "known") this.borders = reason;
  }

  /** Counts a line that is not exactly one record. `text` is null for bytes that are not UTF-8. */
  takeLine(text: string | null, number: number): void {
    if (text === null) this.lose("invalid_utf8");
    const trimmed = text?.trim() ?? "";
    const index = trimmed !== "" && isJson(trimmed) ? this.next() : NO_INDEX;
    this.#lines.set(number, index >= 0 && trimmed.startsWith("[") ? ARRAY : index);
  }

  /** Compares what the parser found with the lines that `takeLine` counted. The live worker counts a record
   * once when it is the only one on its line, and never a record over several lines. */
  compare(found: readonly Found[]): void {
    let last = 0;
    for (const one of found) {
      if (one.kind !== "record") continue;
      const index = this.indexOf(one.line);
      if (index === ARRAY) this.lose("array");
      else if (index === NO_INDEX || one.line === last) this.lose("not_one_record_a_line");
      last = one.line;
    }
  }

  /** Call this when no earlier line will be read again. */
  closeLines(): void {
    this.#lines.clear();
  }

  indexOf(line: number): number {
    return this.#lines.get(line) ?? NO_INDEX;
  }

  isDelivered(index: number): boolean {
    if (index < 0) return false;
    if (index < this.#from || index >= this.#to) this.#look(index);
    return this.#isSkipped;
  }

  /** Counts a record that is not sent, because its time lies outside the window. */
  leaveOut(index: number, ms: number, { startMs, endMs }: Pick<Window, "startMs" | "endMs">): void {
    if (ms < startMs - REACH_MS || ms > endMs + REACH_MS || this.isDelivered(index)) return;
    const all = (this.#leftOut ??= { before: 0, after: 0, firstMs: ms, lastMs: ms });
    all[ms < startMs ? "before" : "after"] += 1;
    all.firstMs = Math.min(all.firstMs, ms);
    all.lastMs = Math.max(all.lastMs, ms);
  }

  /** What the parse counted. Without known borders it is not known which records of a file with markers were
   * delivered. */
  counts(): LiveCounts {
    const { records, borders } = this;
    const isKnown = borders === "known" || this.shape === null;
    return { records, borders, ...(isKnown && this.#leftOut && { leftOut: this.#leftOut }) };
  }

  keep(index: number): void {
    if (index < 0) return;
    const batch = Math.floor(index / this.#size);
    const last = this.kept.at(-1);
    if (last !== undefined && last[0] === batch) last[1] += 1;
    else this.kept.push([batch, 1]);
  }

  /** Looks up one batch of the live worker. Called once for each of these batches. */
  #look(index: number): void {
    const batch = Math.floor(index / this.#size);
    this.#from = batch * this.#size;
    this.#to = this.#from + this.#size;
    this.#isSkipped = this.#skip.some(([first, last]) => batch >= first && batch <= last);
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
