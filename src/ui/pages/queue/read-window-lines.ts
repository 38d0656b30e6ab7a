// Reads windows that a person typed, one in each line. Does no I/O.
import { readWallClock, wallClock, type Zone } from "../../text/time.ts";

export interface ReadWindow {
  start: string;
  end: string;
  end_exclusive: true;
}

export interface ReadLines {
  windows: ReadWindow[];
  /** The numbers of lines that are not a window. The first line has the number 1. */
  wrong: number[];
}

/** The text between the two times of a line: " – ", "/", " to ", a comma or a tab. */
const BETWEEN = /\s+[–—-]\s+|(?<=\d)[–—](?=\d)|\s*[/,\t]\s*|\s+to\s+/;
const TIME_OF_DAY = /^\d\d:\d\d(:\d\d)?$/;

export function readWindowLines(text: string, zone: Zone): ReadLines {
  const found: ReadLines = { windows: [], wrong: [] };
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const window = readWindow(line.trim(), zone);
    if (window) found.windows.push(window);
    else found.wrong.push(index + 1);
  }
  return found;
}

function readWindow(line: string, zone: Zone): ReadWindow | null {
  const [from = "", to = "", more] = line.split(BETWEEN);
  const start = readInstant(from, zone);
  if (start === null || more !== undefined) return null;
  // "23:00" alone means this time on the day of the start.
  const day = wallClock(start, zone)?.date ?? "";
  const end = readInstant(TIME_OF_DAY.test(to) ? `${day} ${to}` : to, zone);
  if (end === null || Date.parse(end) <= Date.parse(start)) return null;
  return { start, end, end_exclusive: true };
}

/** Reads local time in the zone, or RFC 3339 with an offset. */
function readInstant(text: string, zone: Zone): string | null {
  if (!/T.*(Z|[+-]\d\d:\d\d)$/.test(text)) return readWallClock(text, zone);
  const ms = Date.parse(text);
  return Number.isFinite(ms) ? new Date(ms).toISOString().replace(".000Z", "Z") : null;
}
