// Decides for every key of a bucket whether a run must read the file, or report the key to the operator. Looks at
// every key. Shares no code with the product. This file parses paths and names itself, and uses no pages, tasks or
// cursors.
import type { ListingSpec } from "../../src/listing/list-tasks.ts";

const DAY = 86_400_000;
const HOUR_NAMES = new Set(
  [...Array(24).keys()].flatMap((n) => {
    const hour = String(n).padStart(2, "0");
    return [hour, `${hour}00`, `hour=${hour}`];
  }),
);

export interface Verdict {
  /**
   * read    the run must read the key: it is a file of the window, in a folder that the run reads
   * reach   the run may read the key: its name has one time, which is before the window
   * word    the run must report the key: it might contain a record of the window, but the run does not read it
   * no      the run need not do anything: the name or its day folder shows that it has no record of the window
   */
  is: "read" | "reach" | "word" | "no";
  key: string;
}

interface Limits {
  marginMs: number;
  lookbackMs: number;
}

export function verdicts(keys: readonly string[], spec: ListingSpec, limits: Limits): Verdict[] {
  const all = keys.filter((key) => key.startsWith(spec.logPrefix)).map((key) => looked(key, spec, limits));
  for (const [series, some] of Map.groupBy(all, (one) => one.series)) {
    if (series === null) continue;
    const times = some.map(({ times: [at] }) => at).filter((at) => at !== undefined);
    const last = Math.max(...times.filter((at) => at < spec.startMs));
    if (!times.some((at) => at >= spec.startMs)) continue;
    // The last file before the window reaches to the next file, so it reaches into the window.
    for (const one of some) if (one.times.length === 1 && one.times[0] === last) one.is = "read";
  }
  return all.map(({ key, is }) => ({ key, is }));
}

/** The keys that must be read, in order. */
export function oracle(keys: readonly string[], spec: ListingSpec, limits: Limits): string[] {
  return verdicts(keys, spec, limits)
    .filter(({ is }) => is === "read")
    .map(({ key }) => key)
    .toSorted();
}

function looked(key: string, spec: ListingSpec, limits: Limits) {
  const parts = key.slice(spec.logPrefix.length).split("/");
  const name = parts.at(-1) ?? "";
  const where = placeOf(parts.slice(0, -1), spec, limits);
  const isLog = name.endsWith(".log") || name.endsWith(".log.gz");
  const times = isLog ? (name.match(/\d{8}T\d{6}Z/g) ?? []).slice(0, 2).map(instant) : [];
  const [from, to] = times;
  const base = { key, times, series: where.is === "read" ? where.series : null };
  if (!isLog || where.is === "no") return { ...base, series: null, is: "no" as Verdict["is"] };
  if (from === undefined) {
    const isOfWindow = mayBeOfWindow(daysIn(name, where.day), spec, limits);
    return { ...base, series: null, is: isOfWindow ? ("word" as const) : ("no" as const) };
  }
  const until = to ?? from + spec.singleStampSpanMs;
  const overlaps =
    Math.max(from, until) >= spec.startMs && Math.min(from, until) <= spec.endMs + limits.marginMs;
  if (!overlaps) return { ...base, is: to === undefined ? ("reach" as const) : ("no" as const) };
  return { ...base, is: where.is === "read" ? ("read" as const) : ("word" as const) };
}

type Where =
  | { is: "read"; series: string; day: number | null }
  | { is: "elsewhere"; day: number | null }
  | { is: "no"; day: null };

/** What the names of a key's folders mean. */
function placeOf(folders: readonly string[], spec: ListingSpec, limits: Limits): Where {
  const first = floorDay(spec.startMs - limits.lookbackMs) - DAY;
  const last = floorDay(spec.endMs + limits.marginMs) + DAY;
  const isListed = (day: number): boolean => day >= first && day <= last;
  if (spec.logPrefix === "" && /^(processed|processed-backfill|backfill-reports|backfill-state)$/.test(folders[0] ?? ""))
    return { is: "no", day: null }; // prettier-ignore
  let elsewhere: Where = { is: "elsewhere", day: null };
  for (const root of ["", ...spec.folders]) {
    const wanted = root.split("/").slice(0, -1);
    const dated = wanted.findIndex((one) => one.includes("{DATE}"));
    const isFlat = dated < 0;
    const before = isFlat ? wanted : wanted.slice(0, dated);
    if (before.some((one, n) => folders[n] !== one)) continue;
    const rest = folders.slice(before.length);
    if (isFlat && rest.length === 0) return { is: "read", series: `${root} flat`, day: null };
    const [left, right] = (wanted[dated] ?? "{DATE}").split("{DATE}") as [string, string];
    const found = dateIn(rest, left, right);
    if (!found && left === "" && right === "" && isOtherMonth(rest, first, last))
      return { is: "no", day: null };
    if (!found) continue;
    const { day, used, layout } = found;
    // A run reads the first page of an early day's folder, but it need not take any of its keys.
    if (!isListed(day)) return { is: "no", day: null };
    const after = isFlat ? [] : wanted.slice(dated + 1);
    const inner = rest.slice(used);
    if (after.every((one, n) => inner[n] === one)) {
      const hours = inner.slice(after.length);
      if (hours.length === 0 || (hours.length === 1 && HOUR_NAMES.has(hours[0] ?? "")))
        return { is: "read", series: `${root} ${layout}`, day };
      elsewhere = { is: "elsewhere", day };
    }
  }
  return elsewhere;
}

/** Whether the folders begin with a year and a month in which no day is listed. The names show that no key below them
 * has a record of the window. */
function isOtherMonth([year = "", month = ""]: readonly string[], first: number, last: number): boolean {
  if (!/^20\d\d$/.test(year) || !/^(0[1-9]|1[0-2])$/.test(month)) return false;
  const [begin, end] = [
    Date.UTC(Number(year), Number(month) - 1, 1),
    Date.UTC(Number(year), Number(month), 1),
  ];
  return end <= first || begin > last;
}

/** The date at the beginning of the folders, if there is one. */
function dateIn(
  folders: readonly string[],
  left: string,
  right: string,
): { day: number; used: number; layout: string } | null {
  const [one = "", two = "", three = ""] = folders;
  const inside = (text: string): string | null =>
    text.length > left.length + right.length && text.startsWith(left) && text.endsWith(right)
      ? text.slice(left.length, text.length - right.length)
      : null;
  const middle = inside(one) ?? "";
  const isWhole = left === "" && right === "";
  const plain = isWhole && middle.startsWith("date=") ? middle.slice(5) : middle;
  const prefix = plain === middle ? "" : "date=";
  for (const [shape, layout] of [
    [/^(\d{4})(\d{2})(\d{2})$/, "basic"],
    [/^(\d{4})-(\d{2})-(\d{2})$/, "dashed"],
  ] as const) {
    const parts = shape.exec(plain);
    const day = parts && dayOfParts(parts.slice(1));
    if (day !== null) return { day, used: 1, layout: prefix + layout };
  }
  if (!one.startsWith(left) || !three.endsWith(right)) return null;
  const parts = [one.slice(left.length), two, three.slice(0, three.length - right.length)];
  if (!/^\d{4}$/.test(parts[0] ?? "") || !/^\d\d$/.test(two) || !/^\d\d$/.test(parts[2] ?? "")) return null;
  const day = dayOfParts(parts);
  return day === null ? null : { day, used: 3, layout: "slashed" };
}

function dayOfParts(parts: readonly string[]): number | null {
  const text = parts.join("-");
  const ms = Date.parse(`${text}T00:00:00Z`);
  const isReal = Number.isFinite(ms) && new Date(ms).toISOString().startsWith(text);
  return isReal && text >= "2000" && text < "2100" ? ms : null;
}

function daysIn(name: string, folderDay: number | null): number[] {
  const found = [...name.matchAll(/\d{4}-\d\d-\d\d|\d{8}/g)].filter(({ 0: text, index }) => {
    const [before = " ", after = " "] = [name[index - 1], name[index + text.length]];
    return !/[0-9A-Za-z]/.test(before) && (after === "T" || !/[0-9A-Za-z]/.test(after));
  });
  const days = found.flatMap(([text]) => {
    const digits = text.replaceAll("-", "");
    const day = dayOfParts([digits.slice(0, 4), digits.slice(4, 6), digits.slice(6)]);
    return day === null ? [] : [day];
  });
  return folderDay === null ? days : [...days, folderDay];
}

function mayBeOfWindow(days: readonly number[], spec: ListingSpec, limits: Limits): boolean {
  if (days.length === 0) return true;
  return days.some(
    (day) => day + DAY >= spec.startMs - limits.lookbackMs && day <= spec.endMs + limits.marginMs,
  );
}

function floorDay(ms: number): number {
  return Math.floor(ms / DAY) * DAY;
}

function instant(stamp: string): number {
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(stamp) ?? [];
  return Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`);
}
