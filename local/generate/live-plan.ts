// Decides what a simulated live worker did with each log file. It delivered all batches, no batch (a hole), or only
// some batches. Or it wrote the last batch and still waits for the answer. Does no I/O. A live worker parses a raw
// file into batches of its own size and marks each accepted batch in the bucket.
import { dirname, join } from "node:path";
import type { LogFilePlan } from "./log-file.ts";
import { withRecordNumbers } from "./plan-files.ts";

/** The length of one cell, which coverage shows as one letter. */
export const CELL_SECONDS = 300;
/** How many files on either side of a hole get the numbers of lines of `holeLines`. A run learns the batch size
 * from files of several batches next to a hole. */
const NEIGHBOURS = 6;

/** `[from, to)` in epoch seconds. */
export interface Span {
  from: number;
  to: number;
}

export interface LiveOptions {
  /** The path of the truth file. Default: `<outDir>.live.ndjson`. The path must not lie below `outDir`. */
  truthPath?: string;
  /** How many records a batch of the live worker has. Default 1000. */
  batchSize?: number;
  /** The prefix of the markers. Ends in "/". Default `processed/`. */
  prefix?: string;
  /** Spans in which nothing was delivered. The files that overlap such a span have no marker. */
  holes?: Span[];
  /** True: only the last batches of a hole's first file are missing, and only the first batches of its last
   * file. */
  partial?: boolean;
  /** Counts of lines, used in turn, for files with a gap and for files at or next to the edge of a hole. Used with
   * `partial` or `gaps`. With the default counts, the files prove the live worker's batch size. */
  holeLines?: number[];
  /** How many files have a last batch that was written and still waits for the receiver's answer. */
  waiting?: number;
  /** How many files lack a batch in the middle. */
  gaps?: number;
  /** The markers of files that ended at or before this second have expired. */
  expiredBefore?: number;
  /** Spans without any raw file. */
  lost?: Span[];
  /** Spans with only one raw file in each cell. */
  thin?: Span[];
  /** How many pairs of raw files have names that differ only after a hyphen. The second file of a pair was not
   * delivered. */
  hyphenPairs?: number;
  /** True: adds a raw file with the same safe key as another file. The added file was not delivered. */
  sameSafeKey?: boolean;
  /** True: adds R2 objects below the prefix that are no markers of the raw files. */
  foreign?: boolean;
}

export type Fate =
  "delivered" | "not_delivered" | "lacks_last" | "lacks_first" | "gap" | "waiting" | "expired"; // prettier-ignore

export interface LiveFilePlan {
  plan: LogFilePlan;
  fate: Fate;
}

/** d: the batch was delivered and has its marker. x: it was delivered, and its marker expired. w: it was written
 * and not accepted yet. n: it was never sent. */
export type BatchState = "d" | "x" | "w" | "n";

export function liveBatchSize(options: LiveOptions): number {
  return options.batchSize ?? 1_000;
}

/** What happened to each file. Leaves out lost files, and adds files that only the live worker's options ask for.
 * In the order of `plans`. */
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

/** The state of each batch that the live worker made of a file. */
export function batchStates(fate: Fate, batches: number, key: string): BatchState[] {
  const least = { lacks_last: 2, lacks_first: 2, gap: 3 }[fate as string] ?? 0;
  if (batches < least) {
    throw new RangeError(
      `${key} has ${batches} batch(es) of the live worker and needs ${least}: give it more --hole-lines`,
    );
  }
  // Less than half of the batches have markers. So a comparison of batches per byte shows that the last batches
  // are missing.
  const third = Math.max(1, Math.floor(batches / 3));
  return Array.from({ length: batches }, (_, index): BatchState => {
    if (fate === "lacks_last") return index < third ? "d" : "n";
    if (fate === "lacks_first") return index < third ? "n" : "d";
    if (fate === "gap") return index === Math.floor(batches / 2) ? "n" : "d";
    if (fate === "waiting") return index === batches - 1 ? "w" : "d";
    return fate === "expired" ? "x" : fate === "not_delivered" ? "n" : "d";
  });
}

/** The lines of two and a half batches, of three batches, and of three batches and a record. Only one batch size
 * gives these numbers of batches. */
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

/** Picks `count` of the items, at equal distances. */
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
