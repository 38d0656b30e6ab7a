// Reads the names of log files for listing: which keys are logs, when a log starts, which day a name contains. Also
// compares keys in the order in which R2 lists them. Does no I/O.
import { parseLogKey, type LogKey } from "../pipeline/log-keys.ts";
import { dayStart } from "./listed-days.ts";

/** The text after the last slash. */
export function baseName(key: string): string {
  return key.slice(key.lastIndexOf("/") + 1);
}

/** Whether a name ends like the name of a log. Other names are no logs, whatever stamps they contain. */
export function isLogName(key: string): boolean {
  return /\.log(\.gz)?$/.test(baseName(key));
}

/** The range in the name itself. A stamp in a folder's name does not show the times of its files. */
export function logRange(key: string): LogKey | null {
  return isLogName(key) ? parseLogKey(baseName(key)) : null;
}

/** The day that a name contains anywhere (`app-2026-04-22.log`). Null: the name contains no day. */
export function dayInName(name: string): number | null {
  const found = /(?<![0-9A-Za-z])(\d{4})(-?)(\d\d)\2(\d\d)(?![0-9A-SU-Za-z])/.exec(name);
  if (!found) return null;
  const [, year, , month, day] = found;
  return dayStart(Number(year), Number(month), Number(day));
}

/** Compares two keys in R2's order, which is that of their UTF-8 bytes. JavaScript's `<` differs from this order
 * above U+D7FF. */
export function keyOrder(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const [one, other] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (one !== other) return byteRank(one) - byteRank(other);
  }
  return a.length - b.length;
}

/** Surrogates belong to code points above U+FFFF, so they come after every other unit. */
function byteRank(unit: number): number {
  if (unit >= 0xe0_00) return unit - 0x8_00;
  return unit >= 0xd8_00 ? unit + 0x20_00 : unit;
}

const LAST_CHARACTER = "\u{10ffff}";

/** A cursor after all keys that begin with `prefix`. When `startAfter` already lies among these keys, the cursor
 * continues after `startAfter`. */
export function behind(prefix: string, startAfter: string | null): string {
  return (startAfter?.startsWith(prefix) === true ? startAfter : prefix) + LAST_CHARACTER;
}
