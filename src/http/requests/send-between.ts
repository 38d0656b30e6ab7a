// The field `send_between`: one range of hours or a list of them. Does no I/O. Errors name the range and its member.
import * as v from "valibot";
import { MAX_SEND_RANGES, WEEKDAYS, type SendRange, type Weekday } from "../../contract/send-hours.ts";

const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d$/;
const MAX_ZONE_LENGTH = 64;
const MEMBERS = new Set(["from", "to", "zone", "days"]);

type Fault = { keys: (string | number)[]; detail: string };

export const SendBetween = v.pipe(
  v.unknown(),
  v.rawTransform<unknown, SendRange[]>(({ dataset, addIssue, NEVER }) => {
    const { value } = dataset;
    const faults = Array.isArray(value) ? faultsOfList(value) : faultsOf(value, []);
    for (const { keys, detail } of faults) addIssue({ message: detail, ...pathOf(keys, value) });
    if (faults.length > 0) return NEVER;
    return (Array.isArray(value) ? value : [value]).map(rangeOf);
  }),
);

function pathOf(keys: readonly (string | number)[], input: unknown) {
  const [first, ...rest] = keys.map((key) => ({
    type: "unknown" as const,
    origin: "value" as const,
    input,
    key,
    value: undefined,
  }));
  return first ? { path: [first, ...rest] as [typeof first, ...(typeof first)[]] } : {};
}

function faultsOfList(ranges: readonly unknown[]): Fault[] {
  if (ranges.length === 0 || ranges.length > MAX_SEND_RANGES)
    return [{ keys: [], detail: `expected 1 to ${MAX_SEND_RANGES} ranges` }];
  return ranges.flatMap((range, n) => faultsOf(range, [n]));
}

function faultsOf(value: unknown, at: (string | number)[]): Fault[] {
  if (value === null || typeof value !== "object" || Array.isArray(value))
    return [{ keys: at, detail: "expected an object with from, to and zone, or a list of them" }];
  const { from, to, zone, days } = value as Record<string, unknown>;
  const faults: Fault[] = [];
  const refuse = (member: string, detail: string): void =>
    void faults.push({ keys: [...at, member], detail });
  if (!isTime(from)) refuse("from", 'expected a time like "01:00"');
  if (!isTime(to) && to !== "24:00") refuse("to", 'expected a time like "07:00", or "24:00"');
  else if (from === to) refuse("to", "expected another time than from");
  if (!isZone(zone)) refuse("zone", 'expected the name of a time zone, like "Asia/Shanghai"');
  if (days !== undefined) faults.push(...faultsOfDays(days, [...at, "days"]));
  for (const name of Object.keys(value)) if (!MEMBERS.has(name)) refuse(name, "unknown field");
  return faults;
}

function faultsOfDays(days: unknown, at: (string | number)[]): Fault[] {
  if (!Array.isArray(days) || days.length === 0 || days.length > WEEKDAYS.length)
    return [{ keys: at, detail: "expected a list of 1 to 7 days" }];
  return days.flatMap((day: unknown, n) =>
    isWeekday(day) ? [] : [{ keys: [...at, n], detail: `expected one of ${WEEKDAYS.join(", ")}` }],
  );
}

function isTime(value: unknown): value is string {
  return typeof value === "string" && TIME.test(value);
}

function isWeekday(value: unknown): value is Weekday {
  return (WEEKDAYS as readonly unknown[]).includes(value);
}

function isZone(value: unknown): boolean {
  if (typeof value !== "string" || value.length > MAX_ZONE_LENGTH) return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: value }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** Reads one range. The days of the range are listed once each, in the order of the week. */
function rangeOf(value: unknown): SendRange {
  const { from, to, zone, days } = value as SendRange;
  return { from, to, zone, ...(days && { days: WEEKDAYS.filter((day) => days.includes(day)) }) };
}
