// What a search for one RayID asks a run: which files to search, and whether a line was delivered. The
// lines themselves never reach the run's Durable Object. Plain data that crosses RPC.
import type { LiveMarkers } from "./live.ts";
import type { ParseSpec } from "./parse-spec.ts";
import type { FileState, Refused } from "./states.ts";
import type { BatchView } from "./views.ts";

/** A run answers one search at a time. After this time a search that never ended no longer counts. */
export const RAY_QUERY_MS = 60_000;

export interface RayFilesQuery {
  /** Files whose range lies near this instant, nearest first. Null: all files, in the order of their numbers. */
  at: number | null;
  cursor: string | null;
}

export interface RayFile {
  file: number;
  key: string;
  state: FileState;
  /** The etag of the R2 object that the run parsed. Empty: any R2 object under this key. */
  etag: string;
  parse: ParseSpec;
  /** Null: the run ignores the live worker, or the markers of this file are not stored yet. */
  live: RayLive | null;
  /** How many batches of an earlier R2 object with this key were sent. Their lines are unknown. */
  earlierObjectBatches: number;
  /** The cursor of a search that continues after this file. */
  cursor: string;
}

export interface RayLive {
  batchSize: number;
  markers: LiveMarkers;
  /** False: nothing of the file is skipped, because the borders of the live worker's batches in the file are not
   * known. */
  skips: boolean;
  prefix: string;
}

export type RayFilesAnswer =
  | { ok: true; files: RayFile[]; isLast: boolean }
  | Refused<"unknown_run" | "bad_cursor" | "at_outside" | "query_under_way">;

/** A kept line. `place` null: the parse did not reach the end of its batch. */
export interface RayLine {
  file: number;
  place: { ordinal: number; digest: string; line: number } | null;
}

/** Whether the line reached the receiver, as far as the run knows. */
const RAY_VERDICTS = [
  "sent",
  "sent_by_earlier_run",
  "sent_by_live_worker",
  "maybe_sent",
  "not_sent_yet",
  "not_sent",
  "unknown",
] as const;
export type RayVerdict = (typeof RAY_VERDICTS)[number];

export interface RayDelivery {
  verdict: RayVerdict;
  detail: string;
  /** POSTs with the line that the receiver accepted, and POSTs whose answer was lost. */
  deliveries: { certain: number; possible: number };
  batch: number | null;
  digest: string | null;
  /** 1-based position in the body of the batch. */
  line_in_batch: number | null;
  /** The batches that contained the line, in order. The first is the batch that the parser made. The last contains
   * the line now: it is a part of a split batch, or an older batch with the same lines. */
  batches: BatchView[];
}

export type RayDeliveriesAnswer = { ok: true; deliveries: RayDelivery[] } | Refused<"unknown_run">;

/** The part of a run's RPC surface that a search uses. */
export interface RayApi {
  /** Begins a search. */
  rayFiles(query: RayFilesQuery): Promise<RayFilesAnswer>;
  /** Ends a search. The answer has an entry for each line. */
  rayDeliveries(lines: RayLine[]): Promise<RayDeliveriesAnswer>;
}
