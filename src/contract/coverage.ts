// The RPC methods of the Coverage Durable Object. It shows which part of a range the live worker delivered, by the
// markers of the live worker in the bucket. Plain data. Names in answers are snake_case, because the API returns
// the answers unchanged.
import type { AutoReplayApi, AutoReplayProposal } from "./auto-replay.ts";
import type { CoverageMetrics } from "./coverage-metrics.ts";
import type { IndexRanges } from "./live.ts";
import type { NoticeOwnerApi } from "./notices.ts";
import type { Span } from "./span.ts";

export type { Span };

/** The name of the Coverage Durable Object of a bucket. This Worker has one bucket. */
export const COVERAGE_NAME = "bucket";

/** The length of a cell: the span of one or a few Logpush files. */
export const CELL_MS = 300_000;
export const CELLS_PER_HOUR = 12;

/** The levels of detail. "presence": finds out whether each file has any marker, and counts markers only next to
 * holes. "exact": counts the markers of every file. */
export const COVERAGE_DETAILS = ["presence", "exact"] as const;
export type CoverageDetail = (typeof COVERAGE_DETAILS)[number];

/** The letter of a cell:
 * - d: delivered. Every raw file has markers, and no gap is known.
 * - p: delivered in part.
 * - n: not delivered. No raw file has a marker.
 * - w: a batch of the live worker waits longer than the settle time.
 * - e: the cell has no raw file.
 * - t: the cell has few raw files, less than a quarter of the median of its neighbours.
 * - s: the cell is too recent to judge.
 * - ?: the cell lies before the oldest marker, or no live worker was seen.
 * - .: Coverage has not listed the cell yet. */
export type CellState = "d" | "p" | "n" | "w" | "e" | "t" | "s" | "?" | ".";

/** A range of cells, from `startMs` until before `endMs` in epoch ms. Both are edges of cells. */
export interface CoverageRange {
  startMs: number;
  endMs: number;
}

/** [done, wanted], in hours of the range. */
export type HoursDone = [done: number, wanted: number];

/** Counts for each cell. A file counts in the cell in which its range starts. Null: Coverage has not listed the
 * cell. */
export interface CoverageColumns {
  raw_files: (number | null)[];
  raw_bytes: (number | null)[];
  /** Files with at least one marker. */
  live_files: (number | null)[];
  /** Null where the markers of no file in the cell were counted. */
  done_batches: (number | null)[];
  waiting_batches: (number | null)[];
  last_done_at: (string | null)[];
  /** When a cell of state s whose raw files have no marker becomes n, unless a marker or another raw file comes before.
   * Null for other cells. */
  judged_at: (string | null)[];
}

/** Adjoining cells in the states n, p or w. */
export interface CoverageHole extends Span {
  kind: "not_delivered";
  /** The number of raw files of these cells that are not completely delivered. */
  files: number;
  bytes: number;
  /** The window of the files without a marker. Its replay sends the fewest lines twice. Equal to `outer` when there
   * is no such file. */
  inner: Span;
  /** The window of all files that are not completely delivered. Its replay leaves out the fewest lines. */
  outer: Span;
  /** Runs whose window covers `inner`. */
  replays: string[];
}

/** Adjoining cells of state s whose raw files have no marker so far. They may become a hole. */
export interface PossibleHole extends Span {
  /** When the first of the cells is judged. */
  judged_at: string;
}

export interface LiveSeen {
  /** Whether the bucket has markers of a live worker. Null: Coverage has not listed the bucket yet. */
  seen: boolean | null;
  note: string | null;
  /** Keys below LIVE_PREFIX that are not markers of a raw file, by kind. Only listed keys count. */
  foreign_keys: { [kind: string]: number };
}

export interface CoverageView extends Span {
  cell_seconds: number;
  /** The time of the oldest listing that the answer uses. Null: no hour of the answer was listed. */
  as_of: string | null;
  /** Every hour of the range was listed in the wanted detail and is up to date. */
  complete: boolean;
  /** When to ask again. Null: the answer is complete. */
  retry_after_ms: number | null;
  progress: { raw: HoursDone; presence: HoursDone; exact: HoursDone };
  /** Start of the oldest raw file with a marker. An earlier file without a marker may still have been
   * delivered. */
  oldest_evidence: string | null;
  states: string;
  columns?: CoverageColumns;
  holes: CoverageHole[];
  possible_holes: PossibleHole[];
  live: LiveSeen;
  /** The newest 100 parts of holes that Coverage proposed or queued by itself. */
  proposals: AutoReplayProposal[];
  /** What coverage cannot know. */
  limits: string[];
}

/** A raw log file and what the live worker's markers say about it. */
export interface CoverageFile {
  key: string;
  start: string;
  end: string;
  size: number;
  uploaded: string;
  /** "marked": the file has markers, which were not counted. "unknown": Coverage has not listed the file's markers. */
  state: "delivered" | "partly" | "not_delivered" | "waiting" | "marked" | "unknown";
  /** Null in this member and in the members after it: the file's markers were not counted. */
  done: number | null;
  waiting: number | null;
  /** Indexes below the greatest index of the file that have no marker; at most 100. */
  missing: number[] | null;
  first_done_at: string | null;
  last_done_at: string | null;
}

export interface CoverageFilesView extends Span {
  as_of: string | null;
  complete: boolean;
  retry_after_ms: number | null;
  live: LiveSeen;
  files: CoverageFile[];
  /** How many files this answer leaves out because it is limited. */
  files_left_off: number;
  limits: string[];
}

/** The cells of a range, and one page of its files. */
export interface CoverageWindow {
  complete: boolean;
  retry_after_ms: number | null;
  as_of: string | null;
  oldest_evidence: string | null;
  live_seen: boolean | null;
  /** One letter for each cell, from the cell in which the range starts. */
  states: string;
  columns: CoverageColumns;
  /** Files whose range overlaps the range, by start and key. At most 5,000. */
  files: WindowFile[];
  /** The `after` of the next page of files. Null: this is the last page. */
  next: string | null;
}

export interface WindowFile {
  key: string;
  size: number;
  startMs: number;
  endMs: number;
  uploadedAt: number;
  state: CoverageFile["state"];
  /** Indexes of the live worker's batches that were accepted. Null: the file's markers were not counted. */
  done: IndexRanges | null;
  waiting: IndexRanges | null;
}

export interface CoverageApi extends AutoReplayApi, NoticeOwnerApi {
  /** Answers at once with what is known of the range, and makes Coverage list the rest. The `replays` of a hole are
   * empty in this answer. */
  view(range: CoverageRange, detail: CoverageDetail, columns: boolean): Promise<CoverageView>;
  /** Like `view`, but answers by file. Coverage then counts the markers of these files. */
  files(range: CoverageRange): Promise<CoverageFilesView>;
  /** Makes Coverage list the range again, although it has stored the results of an earlier listing. */
  refresh(range: CoverageRange, detail: CoverageDetail): Promise<CoverageView>;
  /** The last 24 hours for GET /metrics. For an hour afterwards, Coverage lists these hours again every five
   * minutes. */
  metrics(): Promise<CoverageMetrics>;
  /** `after` is the `next` of the previous page, or null for the first page. */
  window(range: CoverageRange, detail: CoverageDetail, after: string | null): Promise<CoverageWindow>;
}
