// Reads EdgeStartTimestamp in a simple way: BigInt nanoseconds, because they are exact, and Date for the calendar. A
// test compares the result with src/pipeline, so the two share no code.

/** Nanoseconds since the epoch. Null: unreadable. Digits below a nanosecond matter only at the edge of a window. */
export interface ExactInstant {
  ms: number;
  isWhole: boolean;
}

/** Reads the digits of a number as they stand in the line. The size of the number decides its unit. */
export function instantOfDecimal(spelled: string): ExactInstant | null {
  const parts = /^(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(spelled);
  if (parts === null) return null;
  const [, integer = "", fraction = "", exponent = "0"] = parts;
  const power = Number(exponent) - fraction.length;
  const digits = BigInt(integer + fraction);
  // Such a value is later than any date, or smaller than a picosecond. To compute it, the code would need too many
  // zeros.
  if (digits === 0n || power > 40) return null;
  if (power < -400) return { ms: 0, isWhole: false };
  // The value is numerator / denominator.
  const numerator = power > 0 ? digits * 10n ** BigInt(power) : digits;
  const denominator = power < 0 ? 10n ** BigInt(-power) : 1n;
  const atLeast = (bound: bigint): boolean => numerator >= bound * denominator;
  const isMs = numerator > 10n ** 12n * denominator;
  const [times, over] = atLeast(10n ** 17n) ? [1n, 1_000_000n] : atLeast(10n ** 14n) ? [1n, 1_000n] : isMs ? [1n, 1n] : [1_000n, 1n]; // prettier-ignore
  const ms = (numerator * times) / (denominator * over);
  const isWhole = ms * denominator * over === numerator * times;
  return ms <= 8_640_000_000_000_000n ? { ms: Number(ms), isWhole } : null;
}

/** Reads the value when it is a JSON string: digits, or RFC 3339 with a zone. */
export function instantOfText(text: string): ExactInstant | null {
  if (/^\d+$/.test(text)) return instantOfDecimal(text);
  const parts = /^(\d{4}-\d\d-\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/i.exec(text);
  if (parts === null) return null;
  const [, date = "", hour = "", minute = "", second = "", fraction = "", zone = ""] = parts;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null;
  const offset = /^([+-])(\d\d):(\d\d)$/.exec(zone);
  if (offset && (Number(offset[2]) > 23 || Number(offset[3]) > 59)) return null;
  const midnight = Date.parse(`${date}T00:00:00.000Z`);
  // Date would read the 31st of April as the 1st of May and not refuse it.
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== date) return null;
  const minutes = offset ? (offset[1] === "-" ? 1 : -1) * (Number(offset[2]) * 60 + Number(offset[3])) : 0;
  const inDay = ((Number(hour) * 60 + Number(minute) + minutes) * 60 + Number(second)) * 1_000;
  const ms = midnight + inDay + Number(fraction.slice(0, 3).padEnd(3, "0"));
  return { ms, isWhole: /^0*$/.test(fraction.slice(3)) };
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** The instant as DD/Mon/YYYY:HH:MM:SS +0800 */
export function beijingStamp(ms: number): string {
  const [date = "", clock = ""] = new Date(ms + 8 * 3_600_000).toISOString().slice(0, 19).split("T");
  const [year = "", month = "", day = ""] = date.split("-");
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${clock} +0800`;
}

export function epochSeconds(ms: number): string {
  return (ms / 1_000).toFixed(3);
}
