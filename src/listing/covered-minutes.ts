// Remembers which minutes of a window have a raw file, by the ranges in the files' names. Seven days are 10,080 bits.
// Does no I/O.
//
// A quiet zone leaves minutes without a file. So a gap counts only when it contains a whole cell of five minutes. The
// edges of a gap are exact to the minute.
import { Buffer } from "node:buffer";
import type { Window } from "../contract/parse-spec.ts";
import { MINUTE_MS } from "../contract/time-units.ts";

const CELL_MINUTES = 5;

export interface TimeRange {
  startMs: number;
  endMs: number;
}

export class CoveredMinutes {
  readonly #window: Pick<Window, "startMs" | "endMs">;
  /** The minute in which the window begins, counted from the epoch. */
  readonly #first: number;
  readonly #count: number;
  readonly #bits: Uint8Array;

  /** `kept` is what `keep` returned. Empty: no file was added yet. */
  constructor(window: Pick<Window, "startMs" | "endMs">, kept = "") {
    this.#window = window;
    this.#first = Math.floor(window.startMs / MINUTE_MS);
    // A window of one instant has one minute.
    this.#count = Math.max(1, Math.ceil(window.endMs / MINUTE_MS) - this.#first);
    this.#bits = new Uint8Array(Math.ceil(this.#count / 8));
    this.#bits.set(Buffer.from(kept, "base64").subarray(0, this.#bits.length));
  }

  keep(): string {
    return Buffer.from(this.#bits).toString("base64");
  }

  /** Adds a file's range. The end is outside, unless the file has only one instant. Returns whether a bit has
   * changed. */
  add({ startMs, endMs }: TimeRange): boolean {
    const from = Math.max(0, Math.floor(startMs / MINUTE_MS) - this.#first);
    const to = Math.min(this.#count, Math.max(Math.ceil(endMs / MINUTE_MS), Math.floor(startMs / MINUTE_MS) + 1) - this.#first); // prettier-ignore
    let isNews = false;
    for (let minute = from; minute < to; minute += 1) {
      if (this.#has(minute)) continue;
      this.#bits[minute >> 3]! |= 1 << (minute & 7);
      isNews = true;
    }
    return isNews;
  }

  /** The parts of the window without a raw file, in the order of time. */
  gaps(): TimeRange[] {
    const found: TimeRange[] = [];
    for (let minute = 0; minute < this.#count;) {
      let end = minute;
      while (end < this.#count && !this.#has(end)) end += 1;
      if (end > minute && this.#holdsCell(minute, end)) {
        const startMs = Math.max(this.#window.startMs, (this.#first + minute) * MINUTE_MS);
        const endMs = Math.min(this.#window.endMs, (this.#first + end) * MINUTE_MS);
        found.push({ startMs, endMs });
      }
      minute = end + 1;
    }
    return found;
  }

  #has(minute: number): boolean {
    return ((this.#bits[minute >> 3] ?? 0) & (1 << (minute & 7))) !== 0;
  }

  /** Whether the minutes [from, to) contain one of the window's cells. Cells at the edges of the window are cut. */
  #holdsCell(from: number, to: number): boolean {
    const offset = this.#first % CELL_MINUTES;
    const cellStart = Math.max(0, Math.ceil((from + offset) / CELL_MINUTES) * CELL_MINUTES - offset);
    const first = from === 0 ? 0 : cellStart;
    const cellEnd = (Math.floor((first + offset) / CELL_MINUTES) + 1) * CELL_MINUTES - offset;
    return first < this.#count && Math.min(cellEnd, this.#count) <= to;
  }
}

export function secondsOf(ranges: readonly TimeRange[]): number {
  return Math.round(ranges.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0) / 1_000);
}
