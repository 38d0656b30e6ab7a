// Reads an instant (RFC 3339, whole seconds) as epoch milliseconds. Does no I/O. It never guesses: it refuses local
// times, fractions other than zero, and dates that do not exist.

export type InstantAnswer = { ok: true; ms: number } | { ok: false; detail: string };

const FORM = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d*)?(?:[Zz]|([+-])(\d\d):(\d\d))?$/;
const EXPECTED = "expected an instant like 2026-04-22T14:00:00Z or 2026-04-22T22:00:00+08:00";

export function parseInstant(value: unknown): InstantAnswer {
  if (typeof value === "number") return no(`${EXPECTED}, not a number: its unit would be a guess`);
  if (typeof value !== "string") return no(EXPECTED);
  const parts = FORM.exec(value);
  if (!parts) return no(EXPECTED);
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1, 7).map(Number);
  if (parts[7] !== undefined && !/^\.0+$/.test(parts[7]))
    return no("expected whole seconds, without a fraction: the window's edges are seconds");
  if (!/[Zz]$/.test(value) && parts[8] === undefined)
    return no(`${EXPECTED}: without Z or an offset it is ambiguous`);
  const [offsetHours, offsetMinutes] = [Number(parts[9] ?? 0), Number(parts[10] ?? 0)];
  const local = Date.UTC(year, month - 1, day, hour, minute, second);
  // Date.UTC rolls over a date that does not exist, so the parts come back changed.
  const back = new Date(local).toISOString().slice(0, 19);
  const exists = back === value.slice(0, 19).toUpperCase() && offsetHours <= 23 && offsetMinutes <= 59;
  if (!exists) return no("this date, time or offset does not exist");
  const sign = parts[8] === "-" ? -1 : 1;
  const ms = local - sign * (offsetHours * 60 + offsetMinutes) * 60_000;
  return ms < 0 ? no("expected an instant after 1970") : { ok: true, ms };
}

function no(detail: string): InstantAnswer {
  return { ok: false, detail };
}
