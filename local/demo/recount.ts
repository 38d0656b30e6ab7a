// Counts independently which lines a window should give, with gunzip, JSON.parse and three plain rules. Shares no
// code with src/, so that a mistake in src/ cannot hide here. Reads files below a logs directory.
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { filesBelow } from "../files-below.ts";
import { emptyTruth, type FileTruth } from "../generate/truth.ts";

interface CountedWindow {
  /** The window in epoch nanoseconds. Both edges are inside. */
  startNs: bigint;
  endNs: bigint;
}

/** A file whose name is farther from the window than this is not opened. Such a file cannot contain a record of the
 * window. */
const FAR_MS = 2 * 3_600_000;

/** Each `.log.gz` and `.log` below `<logsDir>/logs` near the window, with its expected result. For a file
 * outside the window, no line is kept. */
export async function* recount(
  logsDir: string,
  startMs: number,
  endMs: number,
  onUnreadable: (key: string, error: unknown) => void = () => {},
): AsyncGenerator<FileTruth> {
  const window = { startNs: BigInt(startMs) * 1_000_000n, endNs: BigInt(endMs) * 1_000_000n };
  for (const { key, path } of await filesBelow(logsDir)) {
    if (!key.startsWith("logs/") || !/\.log(\.gz)?$/.test(key)) continue;
    const [from, to] = rangeOf(key);
    if (to < startMs - FAR_MS || from > endMs + FAR_MS) continue;
    try {
      yield await recountFile(path, key, window);
    } catch (error) {
      onUnreadable(key, error);
    }
  }
}

/** The range from the first stamp to the last stamp of a file's name. A name without a stamp gets an infinite
 * range, so the file is opened. */
function rangeOf(name: string): [from: number, to: number] {
  const stamps = [...name.matchAll(/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/g)].map(
    ([, year, month, day, hour, minute, second]) =>
      Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`),
  );
  return stamps.length === 0 ? [-Infinity, Infinity] : [Math.min(...stamps), Math.max(...stamps)];
}

async function recountFile(path: string, key: string, window: CountedWindow): Promise<FileTruth> {
  const truth = emptyTruth(key);
  const input = createReadStream(path);
  const counted = (text: AsyncIterable<Buffer>) => countText(text, truth, window);
  await (path.endsWith(".gz") ? pipeline(input, createGunzip(), counted) : pipeline(input, counted));
  return truth;
}

/** Counts the records of a text that has one record per line, or a list of records on one line or over many. */
async function countText(
  text: AsyncIterable<Buffer>,
  truth: FileTruth,
  window: CountedWindow,
): Promise<void> {
  const lines: string[] = [];
  let isList = false;
  for await (const line of createInterface({ input: Readable.from(text), crlfDelay: Infinity })) {
    if (lines.length === 0 && truth.lines === 0) isList = line.trim().startsWith("[");
    if (isList) lines.push(line);
    else countLine(line, truth, window);
  }
  const list = isList ? parsedList(lines.join("\n")) : null;
  if (list === null) for (const line of lines) countLine(line, truth, window);
  // Each record is serialised again. Only digits far below a microsecond are lost.
  else for (const record of list) countRecord(JSON.stringify(record), truth, window);
}

/** Commas and brackets between records are allowed. They belong to no record. */
function countLine(line: string, truth: FileTruth, window: CountedWindow): void {
  const text = line.replace(/^[\s,[\ufeff]*(?=\{)/, "").replace(/(?<=\})[\s,\]]*$/, "");
  if (!/^[\s,[\]\ufeff]*$/.test(text)) countRecord(text, truth, window);
}

function parsedList(text: string): unknown[] | null {
  try {
    const value: unknown = JSON.parse(text.replace(/^\ufeff/, ""));
    return Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

function countRecord(line: string, truth: FileTruth, window: CountedWindow): void {
  truth.lines += 1;
  const record = parsed(line);
  if (record === null) {
    truth.malformed += 1;
    return;
  }
  const reason = whyDropped(record, line, window);
  if (reason !== null) truth.dropped[reason] += 1;
  else {
    truth.kept += 1;
    truth.kept_ray_ids.push(String(record["RayID"]));
  }
}

function parsed(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function whyDropped(record: Record<string, unknown>, line: string, window: CountedWindow) {
  const { ParentRayID: parent, WorkerSubrequest: subrequest } = record;
  if (String(parent) !== "00" || subrequest === true || subrequest === "true") return "not_top_level";
  const at = nanosecondsOf(record["EdgeStartTimestamp"], line);
  if (at === null) return "invalid_timestamp";
  return at < window.startNs || at > window.endNs ? "outside_window" : null;
}

/** The exact value. The digits of a number are read from the line, because JSON.parse rounds 19 digits. */
function nanosecondsOf(value: unknown, line: string): bigint | null {
  if (typeof value === "number") {
    const digits = /"EdgeStartTimestamp"\s*:\s*(\d+)\s*[,}]/.exec(line)?.[1];
    return byMagnitude(digits ?? String(value));
  }
  if (typeof value !== "string") return null;
  if (/^\d+$/.test(value)) return byMagnitude(value);
  const [, date, fraction = "", offset] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(value) ?? [];
  const second = date === undefined ? NaN : Date.parse(`${date}${offset}`);
  return Number.isNaN(second) ? null : BigInt(second) * 1_000_000n + BigInt(fraction.padEnd(9, "0"));
}

/** Reads seconds, milliseconds, microseconds or nanoseconds. Their magnitudes do not overlap. */
function byMagnitude(digits: string): bigint | null {
  if (!/^\d+$/.test(digits) || /^0+$/.test(digits)) return null;
  const value = BigInt(digits);
  if (value >= 10n ** 17n) return value;
  if (value >= 10n ** 14n) return value * 1_000n;
  return value > 10n ** 12n ? value * 1_000_000n : value * 1_000_000_000n;
}
