// The expected result for a live worker's bucket: what the live worker delivered of each file, and what coverage
// should show. It is never computed from the bucket, and never by the code under test. This module reads the file of
// the expected result (the truth file).
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { CELL_SECONDS } from "./live-plan.ts";

/** One line of the truth file. A record is a line that JSON.parse accepts once it is trimmed. Record i (from 0)
 * belongs to the live worker's batch number floor(i / size), subrequests and non-objects included. */
export interface LiveFileTruth {
  key: string;
  safe_key: string;
  /** `start` and `end` are the range in the file's name. */
  start: string;
  end: string;
  bytes: number;
  records: number;
  /** One letter for each batch of the live worker. d: it was delivered and has its marker. x: it was delivered, and
   * its marker expired. w: it was written and not accepted yet. n: it was never sent. */
  batches: string;
  /** The RayIDs of all delivered records that have one, in file order. */
  delivered_ray_ids: string[];
  waiting_ray_ids: string[];
  missing_ray_ids: string[];
}

interface Span {
  start: string;
  end: string;
}

export interface HoleTruth extends Span {
  /** The cells from `start` to `end`. */
  states: string;
  /** How many files were not wholly delivered, and their bytes. */
  files: number;
  bytes: number;
  /** The span of the files of which nothing was delivered. Null: there is no such file. */
  inner: Span | null;
  /** The span of all files that were not wholly delivered. */
  outer: Span;
}

export interface CoverageTruth {
  start: string;
  end: string;
  cell_seconds: number;
  /** One letter for each cell, when COVERAGE_SETTLE_MINUTES is 0. d: delivered. p: delivered in part. n: no
   * marker. w: a batch waits. e: no raw file. t: few raw files. ?: the markers expired. */
  states: string;
  holes: HoleTruth[];
}

/** The first line of the truth file. */
export interface LiveTruth extends CoverageTruth {
  live_prefix: string;
  live_batch_size: number;
  /** How many R2 objects the live worker left: markers and waiting batches. */
  markers: number;
  foreign: number;
  /** The holes that the flags asked for. */
  asked_holes: Span[];
  files: LiveFileTruth[];
}

export interface CoverageFacts {
  startSecond: number;
  endSecond: number;
  expiredBefore: number | null;
  isThin: (second: number) => boolean;
}

/** What coverage should show. A file belongs to the cell in which its range begins. */
export function coverageTruth(files: readonly LiveFileTruth[], facts: CoverageFacts): CoverageTruth {
  const first = Math.floor(facts.startSecond / CELL_SECONDS);
  const cells = Array.from({ length: Math.ceil(facts.endSecond / CELL_SECONDS) - first }, (_, index) => ({
    second: (first + index) * CELL_SECONDS,
    files: [] as LiveFileTruth[],
  }));
  for (const file of files) cells[Math.floor(secondOf(file.start) / CELL_SECONDS) - first]?.files.push(file);
  const states = cells
    .map((cell) =>
      stateOf(
        cell.files.map((file) => shown(file, files)),
        cell,
        facts,
      ),
    )
    .join("");
  const holes = [...states.matchAll(/[npw]+/g)].map((found): HoleTruth => {
    const inside = cells.slice(found.index, found.index + found[0].length);
    const lacking = inside.flatMap((cell) => cell.files).filter((file) => /[nw]/.test(file.batches));
    const untouched = lacking.filter((file) => /^n+$/.test(file.batches));
    return {
      start: iso(inside[0]!.second),
      end: iso(inside.at(-1)!.second + CELL_SECONDS),
      states: found[0],
      files: lacking.length,
      bytes: lacking.reduce((sum, file) => sum + file.bytes, 0),
      inner: untouched.length === 0 ? null : spanOf(untouched),
      outer: spanOf(lacking),
    };
  });
  const [start, end] = [cells[0]!.second, cells.at(-1)!.second + CELL_SECONDS];
  return { start: iso(start), end: iso(end), cell_seconds: CELL_SECONDS, states, holes };
}

/** The batches of a file as the markers show them. The markers cannot distinguish two files with one safe key. */
function shown(file: LiveFileTruth, files: readonly LiveFileTruth[]): string {
  if (!/\.a\.log\.gz$|_a\.log\.gz$/.test(file.key)) return file.batches;
  return files.find((other) => other.safe_key === file.safe_key)?.batches ?? file.batches;
}

function stateOf(
  batches: readonly string[],
  { second, files }: { second: number; files: readonly LiveFileTruth[] },
  facts: CoverageFacts,
): string {
  if (files.length === 0) return "e";
  const expired = facts.expiredBefore ?? -Infinity;
  if (files.every((file) => secondOf(file.end) <= expired)) return "?";
  if (batches.every((letters) => /^n+$/.test(letters))) return "n";
  if (batches.some((letters) => letters.includes("n"))) return "p";
  if (batches.some((letters) => letters.includes("w"))) return "w";
  return facts.isThin(second) ? "t" : "d";
}

function spanOf(files: readonly LiveFileTruth[]): Span {
  const starts = files.map((file) => secondOf(file.start));
  const ends = files.map((file) => secondOf(file.end));
  return { start: iso(Math.min(...starts)), end: iso(Math.max(...ends)) };
}

export async function readLiveTruth(path: string): Promise<LiveTruth> {
  let head: LiveTruth | null = null;
  const files: LiveFileTruth[] = [];
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    const row = JSON.parse(line) as { kind: string };
    if (row.kind === "file") files.push(row as unknown as LiveFileTruth);
    else head = { ...(row as unknown as LiveTruth), files };
  }
  if (head === null) throw new Error(`${path} has no first line`);
  return head;
}

function secondOf(text: string): number {
  return Date.parse(text) / 1_000;
}

function iso(second: number): string {
  return new Date(second * 1_000).toISOString().replace(".000Z", "Z");
}
