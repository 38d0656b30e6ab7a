// Writes instants and durations as text. Every instant is shown with its zone, because operators and partners may use
// different zones.

export const ZONES = ["beijing", "utc"] as const;
export type Zone = (typeof ZONES)[number];

const IANA: Record<Zone, string> = { beijing: "Asia/Shanghai", utc: "UTC" };

function formatIn(zone: Zone): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat("en-GB", {
    timeZone: IANA[zone],
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
}
/** The formatters are made once. To make one takes half a millisecond, and tables show hundreds of instants. */
const FORMATS: Record<Zone, Intl.DateTimeFormat> = { beijing: formatIn("beijing"), utc: formatIn("utc") };

export interface WallClock {
  /** For example 2026-04-22. */
  date: string;
  /** For example 22:00:00. */
  time: string;
}

/** The date and the time of day in a zone. Null: the text is not an instant. */
export function wallClock(instant: string | number, zone: Zone): WallClock | null {
  const ms = typeof instant === "number" ? instant : Date.parse(instant);
  if (!Number.isFinite(ms)) return null;
  const parts: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
  for (const { type, value } of FORMATS[zone].formatToParts(ms)) parts[type] = value;
  return {
    date: `${parts.year?.padStart(4, "0")}-${parts.month}-${parts.day}`,
    time: `${parts.hour}:${parts.minute}:${parts.second}`,
  };
}

/** Returns a text such as "2026-04-22 22:00:00". The caller adds the name of the zone. */
export function instantText(instant: string | number, zone: Zone): string {
  const clock = wallClock(instant, zone);
  return clock ? `${clock.date} ${clock.time}` : String(instant);
}

/** Returns yesterday evening, such as "2026-04-22 22:00", as an example of what a field takes. */
export function exampleTime(nowMs: number, zone: Zone): string {
  return `${wallClock(nowMs - 86_400_000, zone)?.date} 22:00`;
}

/** Returns a text such as "22:00:00". The caller adds the name of the zone. For instants of today. */
export function timeText(instant: string | number, zone: Zone): string {
  return wallClock(instant, zone)?.time ?? String(instant);
}

/** Returns a text such as "2026-04-22 22:00–23:00". Shows the second date only if it differs, and seconds only if one of them is not
 * 0. */
export function windowText(start: string, end: string, zone: Zone): string {
  const from = wallClock(start, zone);
  const to = wallClock(end, zone);
  if (!from || !to) return `${start} – ${end}`;
  const isWhole = from.time.endsWith(":00") && to.time.endsWith(":00");
  const short = (time: string) => (isWhole ? time.slice(0, 5) : time);
  const last = from.date === to.date ? short(to.time) : ` ${to.date} ${short(to.time)}`;
  return `${from.date} ${short(from.time)}${from.date === to.date ? "–" : " –"}${last}`;
}

/** Reads "2026-04-22 22:00[:00]" in a zone. Null: the text has another form. */
export function readWallClock(text: string, zone: Zone): string | null {
  const found = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)(?::(\d\d))?$/.exec(text.trim());
  if (!found) return null;
  const [, date = "", minute = "", second = "00"] = found;
  // The offset is fixed, because Beijing has had no daylight saving time since 1991 and UTC has none.
  const ms = Date.parse(`${date}T${minute}:${second}${zone === "utc" ? "Z" : "+08:00"}`);
  if (!Number.isFinite(ms)) return null;
  // Date.parse reads the 31st of a shorter month as the 1st of the next month. Such a date is refused.
  const clock = wallClock(ms, zone);
  if (clock?.date !== date || clock.time !== `${minute}:${second}`) return null;
  return new Date(ms).toISOString().replace(".000Z", "Z");
}

export interface DurationParts {
  days: number;
  hours: number;
  minutes: number;
  seconds: number;
}

export function durationParts(seconds: number): DurationParts {
  const whole = Math.max(0, Math.round(seconds));
  return {
    days: Math.floor(whole / 86_400),
    hours: Math.floor(whole / 3_600) % 24,
    minutes: Math.floor(whole / 60) % 60,
    seconds: whole % 60,
  };
}
