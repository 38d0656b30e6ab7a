// Computes what coverage must show for a bucket, by looking at every key for every cell. Shares no code with the
// product. This file parses names itself, and uses no pages, hours or rows.
import type { FakeObject } from "../../bench/bucket/fake-bucket.ts";

const CELL = 300_000;

export interface OracleFile {
  key: string;
  from: number;
  to: number;
  size: number;
  uploaded: number;
  done: Set<number>;
  waiting: Set<number>;
  waitingSince: number;
  is: "full" | "part" | "none" | "wait";
}

export interface OracleHole {
  start: number;
  end: number;
  files: number;
  bytes: number;
  inner: [number, number];
  outer: [number, number];
}

export interface OracleView {
  states: string;
  holes: OracleHole[];
  rawFiles: number[];
  doneBatches: (number | null)[];
}

export function filesIn(objects: readonly FakeObject[]): OracleFile[] {
  return objects
    .filter(({ key }) => key.startsWith("logs/") && key.endsWith(".log.gz"))
    .map(({ key, size, uploadedAt }) => {
      const [from = 0, to = from] = (key.slice(key.lastIndexOf("/")).match(/\d{8}T\d{6}Z/g) ?? []).map(
        instant,
      );
      const begin = `processed/${key
        .split("")
        .map((one) => (/[\w-]/.test(one) ? one : "_"))
        .join("")}-`;
      const done = new Set<number>();
      const waiting = new Set<number>();
      let waitingSince = Infinity;
      for (const marker of objects) {
        const rest = marker.key.startsWith(begin) ? marker.key.slice(begin.length) : "";
        if (/^\d+\.txt\.done$/.test(rest)) done.add(Number.parseInt(rest, 10));
        if (/^\d+\.txt$/.test(rest)) waiting.add(Number.parseInt(rest, 10));
        if (/^\d+\.txt$/.test(rest)) waitingSince = Math.min(waitingSince, marker.uploadedAt);
      }
      for (const index of done) waiting.delete(index);
      const all = [...done, ...waiting];
      const isWhole = all.length > 0 && Math.max(...all) === all.length - 1;
      const is = all.length === 0 ? "none" : !isWhole ? "part" : waiting.size > 0 ? "wait" : "full";
      return { key, from, to, size, uploaded: uploadedAt, done, waiting, waitingSince, is } as const;
    });
}

/** The expected view. `start` and `end` are cell edges. The markers of every file are counted. */
export function oracleView(
  files: readonly OracleFile[],
  start: number,
  end: number,
  now: number,
  settleMs: number,
): OracleView {
  const marked = files.filter((file) => file.is !== "none").map((file) => file.from);
  const oldest = marked.length === 0 ? Infinity : Math.min(...marked);
  const at = (ms: number): OracleFile[] =>
    files.filter(({ from, to }) => from < ms + CELL && Math.max(to, from + 1) > ms);
  const isRecent = (ms: number): boolean => ms + CELL > now - settleMs;
  const states: string[] = [];
  for (let ms = start; ms < end; ms += CELL) states.push(letter(ms));

  function letter(ms: number): string {
    const here = at(ms);
    if (isRecent(ms)) return "s";
    if (here.length === 0) return "e";
    const open = here.filter(({ is }) => is !== "full");
    if (open.length > 0 && ms >= oldest) {
      const missing = open.filter(({ is }) => is !== "wait");
      if (missing.some(({ uploaded }) => uploaded <= now - settleMs)) {
        return here.every(({ is }) => is === "none") ? "n" : "p";
      }
      return open.some(({ is, waitingSince }) => is === "wait" && waitingSince <= now - settleMs) ? "w" : "s";
    }
    const near = [-6, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 6]
      .map((n) => ms + n * CELL)
      .filter(
        (one) => !isRecent(one) && one >= hourStart(start) - 3_600_000 && one < hourEnd(end) + 3_600_000,
      )
      // Only hours of the range count, because other hours were not listed.
      .filter((one) => one >= hourStart(start) && one < hourEnd(end))
      .map((one) => at(one).length)
      .toSorted((a, b) => a - b);
    const middle =
      near.length % 2
        ? near[(near.length - 1) / 2]
        : ((near[near.length / 2 - 1] ?? 0) + (near[near.length / 2] ?? 0)) / 2;
    if (near.length >= 4 && here.length < (middle ?? 0) / 4) return "t";
    return open.length > 0 ? "?" : "d";
  }

  const holes: OracleHole[] = [];
  for (let n = 0; n < states.length; n += 1) {
    if (!"npw".includes(states[n] ?? "")) continue;
    const first = n;
    while (n + 1 < states.length && "npw".includes(states[n + 1] ?? "")) n += 1;
    const [from, to] = [start + first * CELL, start + (n + 1) * CELL];
    const inside = files.filter(
      (file) => file.from < to && Math.max(file.to, file.from + 1) > from && file.is !== "full",
    );
    const counted = inside.filter((file) => file.from >= from && file.from < to);
    const span = (some: readonly OracleFile[]): [number, number] => [
      Math.min(...some.map((file) => file.from)),
      // A file that begins and ends in the same second is one second long.
      Math.max(...some.map((file) => Math.max(file.to, file.from + 1_000))),
    ];
    const outer = span(inside);
    const untouched = inside.filter((file) => file.is === "none");
    holes.push({
      start: from,
      end: to,
      files: counted.length,
      bytes: counted.reduce((sum, { size }) => sum + size, 0),
      inner: untouched.length > 0 ? span(untouched) : outer,
      outer,
    });
  }
  const starting = states.map((_, n) =>
    files.filter(({ from }) => from >= start + n * CELL && from < start + (n + 1) * CELL),
  );
  return {
    states: states.join(""),
    holes,
    rawFiles: starting.map((some) => some.length),
    doneBatches: starting.map((some) => {
      const marks = some.filter(({ is }) => is !== "none");
      return marks.length === 0 ? null : marks.reduce((sum, { done }) => sum + done.size, 0);
    }),
  };
}

function hourStart(ms: number): number {
  return Math.floor(ms / 3_600_000) * 3_600_000;
}

function hourEnd(ms: number): number {
  return Math.ceil(ms / 3_600_000) * 3_600_000;
}

function instant(stamp: string): number {
  const [, y, mo, d, h, mi, s] = /(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/.exec(stamp) ?? [];
  return Date.UTC(Number(y), Number(mo) - 1, Number(d), Number(h), Number(mi), Number(s));
}
