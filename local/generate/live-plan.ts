// Decides what a live worker did with each log file: delivered it, left a hole, delivered it in part, or left
// it waiting. Pure. A live worker parses a raw file into batches of its own size and marks each accepted batch
// in the bucket.
import { dirname, join } from "node:path";
import type { LogFilePlan } from "./log-file.ts";
import { withRecordNumbers } from "./plan-files.ts";

/** What coverage shows as one letter. */
export const CELL_SECONDS = 300;
/** This many files on either side of a hole have the lines of the hole's edges. A run learns the batch size
 * from files of several batches next to a hole. */
const NEIGHBOURS = 6;

/** `[from, to)`, epoch seconds. */
export interface Span {
  from: number;
  to: number;
}

export interface LiveOptions {
  /** Default: `<outDir>.live.ndjson`. It must not lie below `outDir`. */
  truthPath?: string;
  /** Records in a live batch. Default 1000. */
  batchSize?: number;
  /** Ends in "/". Default `processed/`. */
  prefix?: string;
  /** Nothing was delivered of the files that overlap one of these spans. */
  holes?: Span[];
  /** Of a hole's first file only the last batches are missing, of its last file only the first batches. */
  partial?: boolean;
  /** Lines of the edge files of holes and the files next to them, and of files with a gap, in turn. Used with
   * `partial` or `gaps`. The default proves the batch size. */
  holeLines?: number[];
  /** Files whose last batch still waits. */
  waiting?: number;
  /** Files that lack a batch in the middle. */
  gaps?: number;
  /** Markers of files that ended at or before this second are gone. */
  expiredBefore?: number;
  /** No raw file is left in these spans. */
  lost?: Span[];
  /** One raw file a cell is left in these spans. */
  thin?: Span[];
  /** Pairs of raw files whose names differ only after a hyphen. The second one was not delivered. */
  hyphenPairs?: number;
  /** Adds a raw file with the safe key of another one. It was not delivered. */
  sameSafeKey?: boolean;
  /** Adds objects below the prefix that are no markers of the raw files. */
  foreign?: boolean;
}

export type Fate =
  "delivered" | "not_delivered" | "lacks_last" | "lacks_first" | "gap" | "waiting" | "expired"; // prettier-ignore

export interface LiveFilePlan {
  plan: LogFilePlan;
  fate: Fate;
}

/** d: delivered and marked. x: delivered, and the marker expired. w: written, not accepted yet. n: never sent. */
export type BatchState = "d" | "x" | "w" | "n";

export function liveBatchSize(options: LiveOptions): number {
  return options.batchSize ?? 1_000;
}

/** The files that remain, with those added for the live worker's sake, in the order of `plans`. */
export function planLive(options: LiveOptions, plans: readonly LogFilePlan[]): LiveFilePlan[] {
  const kept = withoutLost(options, plans);
  const fates = kept.map((plan) => fateOf(options, plan));
  const near = options.partial ? markEdges(fates) : new Set<number>();
  const free = fates.flatMap((fate, index) => (fate === "delivered" && !near.has(index) ? [index] : []));
  const [gaps, waiting, pairs] = [options.gaps ?? 0, options.waiting ?? 0, options.hyphenPairs ?? 0];
  const chosen = spread(free, gaps + waiting + pairs + (options.sameSafeKey ? 1 : 0));
  const gapAt = chosen.splice(0, gaps);
  for (const index of gapAt) fates[index] = "gap";
  for (const index of chosen.splice(0, waiting)) fates[index] = "waiting";
  const pairAt = new Set(chosen.splice(0, pairs));
  const [sameAt] = chosen;

  const holeLines = options.holeLines ?? provingLines(liveBatchSize(options));
  let turn = 0;
  const nextLines = () => holeLines[turn++ % holeLines.length] ?? 0;
  const arranged = kept.flatMap((plan, index): LiveFilePlan[] => {
    const fate = fates[index] ?? "delivered";
    if (pairAt.has(index)) {
      return [
        { plan: renamed(plan, "-a"), fate },
        { plan: renamed(plan, "-b"), fate: "not_delivered" },
      ];
    }
    if (sameAt === index) {
      return [
        { plan: renamed(plan, ".a"), fate },
        { plan: renamed(plan, "_a"), fate: "not_delivered" },
      ];
    }
    const lines = near.has(index) || fate === "gap" ? nextLines() : plan.lines;
    return [{ plan: { ...plan, lines }, fate }];
  });
  const numbered = withRecordNumbers(arranged.map(({ plan }) => plan));
  return arranged.map(({ fate }, index) => ({ plan: numbered[index]!, fate }));
}

/** One state a live batch. */
export function batchStates(fate: Fate, batches: number, key: string): BatchState[] {
  const least = { lacks_last: 2, lacks_first: 2, gap: 3 }[fate as string] ?? 0;
  if (batches < least) {
    throw new RangeError(
      `${key} has ${batches} live batch(es) and needs ${least}: give it more --hole-lines`,
    );
  }
  // Less than half, so that a reader who compares batches by byte notices the file that lacks its last ones.
  const third = Math.max(1, Math.floor(batches / 3));
  return Array.from({ length: batches }, (_, index): BatchState => {
    if (fate === "lacks_last") return index < third ? "d" : "n";
    if (fate === "lacks_first") return index < third ? "n" : "d";
    if (fate === "gap") return index === Math.floor(batches / 2) ? "n" : "d";
    if (fate === "waiting") return index === batches - 1 ? "w" : "d";
    return fate === "expired" ? "x" : fate === "not_delivered" ? "n" : "d";
  });
}

/** Two batches and a half, three, three and a record: only one size gives these numbers of batches. */
function provingLines(size: number): number[] {
  return [Math.ceil(size * 2.5), size * 3, size * 3 + 1];
}

function withoutLost(options: LiveOptions, plans: readonly LogFilePlan[]): LogFilePlan[] {
  const seen = new Set<number>();
  return plans.filter((plan) => {
    if (isIn(options.lost, plan)) return false;
    if (!isIn(options.thin, plan)) return true;
    const cell = Math.floor(plan.fromSecond / CELL_SECONDS);
    return !seen.has(cell) && seen.add(cell);
  });
}

function fateOf(options: LiveOptions, plan: LogFilePlan): Fate {
  if (isIn(options.holes, plan)) return "not_delivered";
  return plan.toSecond <= (options.expiredBefore ?? -Infinity) ? "expired" : "delivered";
}

function isIn(spans: readonly Span[] = [], plan: LogFilePlan): boolean {
  return spans.some(({ from, to }) => plan.fromSecond < to && plan.toSecond > from);
}

/** Changes the fates of the first and the last file of each hole. Returns the files at the edges and next to them. */
function markEdges(fates: Fate[]): Set<number> {
  const near = new Set<number>();
  const inHole = fates.map((fate) => fate === "not_delivered");
  for (const index of inHole.keys()) {
    if (!inHole[index]) continue;
    const [first, last] = [!inHole[index - 1], !inHole[index + 1]];
    if (first && last) throw new RangeError("a hole of one file cannot have two files in part");
    if (first) fates[index] = "lacks_last";
    if (last) fates[index] = "lacks_first";
    for (let away = 0; away <= NEIGHBOURS; away += 1) {
      if (first) near.add(index - away);
      if (last) near.add(index + away);
    }
  }
  return near;
}

/** `count` of the items, at equal distances. */
function spread(items: readonly number[], count: number): number[] {
  if (count > items.length) throw new RangeError(`${count} special files do not fit into ${items.length}`);
  return Array.from(
    { length: count },
    (_, index) => items[Math.floor(((index + 0.5) * items.length) / count)] ?? 0,
  );
}

function renamed(plan: LogFilePlan, suffix: string): LogFilePlan {
  const key = plan.key.replace(/\.log\.gz$/, `${suffix}.log.gz`);
  return {
    ...plan,
    key,
    path: join(plan.path.slice(0, -plan.key.length), dirname(key), key.split("/").at(-1)!),
  };
}
