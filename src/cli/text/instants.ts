// Reads instants from arguments, and writes them as text for people. The zone always comes from the caller, never from
// the machine or a profile. Does no I/O and reads no clock.

export const BEIJING = "Asia/Shanghai";

export type InstantAnswer = { ok: true; iso: string } | { ok: false; detail: string };

const FORM = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(?::(\d\d)(?:\.0+)?)?(?:([Zz])|([+-]\d\d:\d\d))?$/;
const EXAMPLES =
  '2026-04-22T14:00:00Z, 2026-04-22T22:00:00+08:00, or "2026-04-22 22:00" with --zone Asia/Shanghai';

/** Reads RFC 3339 in whole seconds, or a local time in `zone`. Seconds may be left out. The result is in UTC. */
export function parseInstant(text: string, zone: string | null): InstantAnswer {
  const [, date, minutes, seconds = "00", utc, offset] = FORM.exec(text.trim()) ?? [];
  if (date === undefined || minutes === undefined) {
    return { ok: false, detail: `"${text}" is no time in whole seconds; write ${EXAMPLES}` };
  }
  const asUtc = Date.parse(`${date}T${minutes}:${seconds}Z`);
  if (Number.isNaN(asUtc) || isoSecond(asUtc) !== `${date}T${minutes}:${seconds}Z`) {
    return { ok: false, detail: `"${text}" is not on the calendar or the clock` };
  }
  if (utc !== undefined) return { ok: true, iso: isoSecond(asUtc) };
  if (offset !== undefined) {
    const ms = Date.parse(`${date}T${minutes}:${seconds}${offset}`);
    if (Number.isNaN(ms)) return { ok: false, detail: `"${text}": ${offset} is no offset` };
    return { ok: true, iso: isoSecond(ms) };
  }
  if (zone === null) {
    return { ok: false, detail: `"${text}" has no zone; add Z, an offset, or --zone Asia/Shanghai` };
  }
  return localInstant(text, asUtc, zone);
}

/** Reads a local time. When a clock is set forward, some local times do not exist. When it is set back, some exist
 * twice. Both are refused. */
function localInstant(text: string, asUtc: number, zone: string): InstantAnswer {
  const offsets = new Set([-1, 1].map((days) => offsetMs(asUtc + days * 86_400_000, zone)));
  const instants = [...offsets]
    .map((offset) => asUtc - offset)
    .filter((ms) => offsetMs(ms, zone) === asUtc - ms);
  const [first, second] = instants.toSorted((a, b) => a - b);
  if (first === undefined)
    return { ok: false, detail: `"${text}" does not occur in ${zone}: the clock skips it` };
  if (second !== undefined) {
    const both = `${isoSecond(first)} or ${isoSecond(second)}`;
    return { ok: false, detail: `"${text}" occurs twice in ${zone}; write ${both}` };
  }
  return { ok: true, iso: isoSecond(first) };
}

function offsetMs(ms: number, zone: string): number {
  return Date.parse(`${localText(ms, zone).replace(" ", "T")}Z`) - Math.floor(ms / 1_000) * 1_000;
}

export function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** Returns a text such as 2026-04-22T14:00:00Z. Cuts off milliseconds. */
export function isoSecond(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** Returns a text such as "2026-04-22 22:00:00", the local time in the zone. */
export function localText(ms: number, zone: string): string {
  return new Intl.DateTimeFormat("sv-SE", {
    timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit",
    hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
  }).format(ms); // prettier-ignore
}

export function zoneName(zone: string): string {
  return zone === BEIJING ? "Beijing" : zone;
}

/** Returns a text such as "2026-04-22T14:00:00Z (2026-04-22 22:00:00 Beijing)". With the zone UTC, the second part is left out. */
export function shownInstant(iso: string | null, zone: string): string {
  if (iso === null) return "–";
  const ms = Date.parse(iso);
  return zone === "UTC" ? isoSecond(ms) : `${isoSecond(ms)} (${localText(ms, zone)} ${zoneName(zone)})`;
}

/** Returns a text such as "2026-04-22T14:00:00Z – 15:00:00Z (2026-04-22 22:00:00 – 23:00:00 Beijing)". The end has a date if its day
 * differs. */
export function shownSpan(start: string, end: string, zone: string): string {
  const utc = shortSpan(isoSecond(Date.parse(start)), isoSecond(Date.parse(end)));
  return zone === "UTC" ? utc : `${utc} (${localSpan(start, end, zone)} ${zoneName(zone)})`;
}

/** Returns a text such as "2026-04-22 22:00:00 – 23:00:00". The end has a date if its day differs. */
export function localSpan(start: string, end: string, zone: string): string {
  return shortSpan(localText(Date.parse(start), zone), localText(Date.parse(end), zone));
}

const DATE_LENGTH = "2026-04-22 ".length;

function shortSpan(from: string, to: string): string {
  const isSameDay = from.slice(0, DATE_LENGTH) === to.slice(0, DATE_LENGTH);
  return `${from} – ${isSameDay ? to.slice(DATE_LENGTH) : to}`;
}
