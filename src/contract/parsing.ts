// What parsers and senders exchange with a run: claims, manifests, reports, grants. Plain data, it crosses RPC.
import type { FileCounts } from "./file-counts.ts";
import type { ParseSpec } from "./parse-spec.ts";
import type { Refused } from "./states.ts";

// ---- parsing -------------------------------------------------------------------------------------------------

export interface FileClaim {
  ok: true;
  attempt: number;
  leaseMs: number;
  key: string;
  /** The object that is meant; empty: whichever stands there now. */
  etag: string;
  size: number;
  packKey: string;
  parse: ParseSpec;
}
export type FileClaimRefusal = Refused<"not_waiting" | "not_running" | "unknown_file" | "unknown_run">;
export type LeaseAnswer =
  { ok: true; leaseMs: number } | Refused<"superseded" | "not_running" | "unknown_file">;

/** One batch as the parser hands it over: where its gzip member lies in the pack, and what is in it. */
export interface ManifestEntry {
  ordinal: number;
  lines: number;
  digest: string;
  rawBytes: number;
  offset: number;
  length: number;
  /** Of the gzip member's bytes (member-digest.ts). Absent in manifests of earlier versions. */
  memberDigest?: string;
  firstRayId: string;
  lastRayId: string;
}

/** A page of a file's manifest. Pages come in order, 0-based; the last one opens the file. */
export interface ManifestPage {
  file: number;
  attempt: number;
  page: number;
  pages: number;
  /** Over all pages. */
  batches: number;
  entries: ManifestEntry[];
  packBytes: number;
  /** Of the object that was read. */
  etag: string;
  counts: FileCounts;
  salvaged: { lines: number; bytes: number } | null;
}
export type QueuedAnswer =
  | { ok: true; state: "staged" | "open" | "closed" | "suspicious" }
  | Refused<
      "superseded" | "unknown_file" | "not_running" | "unbalanced" | "digest_mismatch" | "page_out_of_order"
    >;

/** What the parser saw when a file gave no manifest. `seen` tells a changed object from a vanished one. */
export interface FileFailure {
  file: number;
  attempt: number;
  /** "gave_up": nothing is known about the object (R2 or the parser failed); the file is offered again. */
  state: "failed" | "missing" | "changed" | "gave_up";
  reason: string;
  detail: string;
  counts: FileCounts | null;
  seen: { etag: string; size: number } | null;
}
export type FileFailedAnswer = { ok: true } | Refused<"superseded" | "unknown_file">;

// ---- sending -------------------------------------------------------------------------------------------------

/** Why no answer came, as far as the runtime tells it: `connection_lost` may be refused, reset or closed. */
export type ConnectionCause =
  "refused" | "dns" | "tls" | "reset" | "connection_lost" | "runtime_error" | "other";
