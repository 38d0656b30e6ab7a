// Defines what a parser and a run exchange: claims, manifests and failures. Plain data that crosses RPC.
import type { FileCounts } from "./file-counts.ts";
import type { LiveClaim, LiveManifest } from "./live.ts";
import type { ParseOptions } from "./parse-spec.ts";
import type { R2Operations } from "./work.ts";
import type { Refused } from "./states.ts";

export interface FileClaim {
  ok: true;
  attempt: number;
  leaseMs: number;
  key: string;
  /** The etag of the expected R2 object. Empty: any R2 object under this key. */
  etag: string;
  size: number;
  /** The key of the pack. Null: it is a dry run, so the parser writes no pack. */
  packKey: string | null;
  parse: ParseOptions;
  /** Set only for a run with `live: "skip_delivered"`. */
  live?: LiveClaim;
}
export type FileClaimRefusal = Refused<"not_waiting" | "not_running" | "unknown_file" | "unknown_run">;
export type LeaseAnswer =
  { ok: true; leaseMs: number } | Refused<"superseded" | "not_running" | "unknown_file">;

/** One batch of a manifest: where its gzip member lies in the pack, and what it contains. */
export interface ManifestEntry {
  ordinal: number;
  lines: number;
  digest: string;
  rawBytes: number;
  offset: number;
  length: number;
  /** Digest of the gzip member's bytes (member-digest.ts). Absent in manifests of earlier versions. */
  memberDigest?: string;
  firstRayId: string;
  lastRayId: string;
}

/** One page of a file's manifest. Pages are 0-based and arrive in order. The last page opens the file. */
export interface ManifestPage {
  file: number;
  attempt: number;
  page: number;
  pages: number;
  /** The number of batches on all pages. */
  batches: number;
  entries: ManifestEntry[];
  /** The etag of the R2 object that was read. */
  etag: string;
  counts: FileCounts;
  salvaged: { lines: number; bytes: number } | null;
  /** Set only when the claim had `live`. */
  live?: LiveManifest;
  /** R2 operations of this parse, on the last page. Absent from parsers of older code. */
  operations?: R2Operations;
}
export type QueuedAnswer =
  | { ok: true; state: "staged" | "open" | "closed" | "suspicious" | "waiting" }
  | Refused<
      | "superseded"
      | "unknown_file"
      | "not_running"
      | "unbalanced"
      | "digest_mismatch"
      | "live_delivered_since"
      | "page_out_of_order"
    >;

/** What the parser saw when a file gave no manifest. `seen` distinguishes a changed R2 object from a missing one. */
export interface FileFailure {
  file: number;
  attempt: number;
  /** "waiting": a batch of the live worker has no answer yet. "gave_up": nothing is known about the R2 object, and
   * the run enqueues the file again. `reason` is what failed: `io` (R2 or the network), `run_failed` (a call to the
   * run's Durable Object) or `parser_error`. */
  state: "failed" | "missing" | "changed" | "waiting" | "gave_up";
  reason: string;
  detail: string;
  counts: FileCounts | null;
  seen: { etag: string; size: number } | null;
  /** R2 operations of this parse. Absent from parsers of older code. */
  operations?: R2Operations;
}
export type FileFailedAnswer = { ok: true } | Refused<"superseded" | "unknown_file">;
