// The three ways in which the partner line shows a record's instant. Owns the fixed +08:00; needs no clock and no Date.

import { civilFromDays } from "../calendar.ts";
import { NOTHING } from "./text.ts";

export interface Stamp {
  /** [DD/Mon/YYYY:HH:MM:SS +0800] */
  bracketed: string;
  /** The same without brackets. */
  bare: string;
  /** Epoch seconds with three decimals, rounded down. */
  epoch: string;
}

export const NO_STAMP: Stamp = { bracketed: NOTHING, bare: NOTHING, epoch: NOTHING };

const BEIJING_OFFSET_SECONDS = 8 * 3600;
const DAY_SECONDS = 86_400;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/** Records of a file lie within minutes; more seconds than these come from a strange file and need no cache. */
const MAX_CACHED_SECONDS = 1024;

/** Formats each second once: thousands of records share it. */
export class Stamps {
  readonly #bySecond = new Map<number, string>();

  of(ms: number | null): Stamp {
    if (ms === null) return NO_STAMP;
    const second = Math.floor(ms / 1000);
    let bare = this.#bySecond.get(second);
    if (bare === undefined) {
      bare = beijingTime(second);
      if (this.#bySecond.size >= MAX_CACHED_SECONDS) this.#bySecond.clear();
      this.#bySecond.set(second, bare);
    }
    return { bracketed: `[${bare}]`, bare, epoch: epochSeconds(ms) };
  }
}

function beijingTime(epochSecond: number): string {
  const local = epochSecond + BEIJING_OFFSET_SECONDS;
  const days = Math.floor(local / DAY_SECONDS);
  const { year, month, day } = civilFromDays(days);
  const inDay = local - days * DAY_SECONDS;
  const clock = [Math.floor(inDay / 3600), Math.floor(inDay / 60) % 60, inDay % 60].map(two).join(":");
  return `${two(day)}/${MONTHS[month - 1]}/${String(year).padStart(4, "0")}:${clock} +0800`;
}

function epochSeconds(ms: number): string {
  const size = Math.abs(ms);
  const text = `${Math.floor(size / 1000)}.${String(size % 1000).padStart(3, "0")}`;
  return ms < 0 ? `-${text}` : text;
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
