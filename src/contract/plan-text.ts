// The canonical texts behind a plan hash. An auditor builds the same texts from GET /runs/:id, …/files and …/batches:
// docs/reference/plan-hash.md. Does no I/O and computes no hash.
import { OLDEST_FORMAT } from "./line-formats.ts";
import type { RunSpec } from "./run.ts";

type LinesSpec = Pick<RunSpec, "parse" | "folders" | "live">;

/** The members of a frozen specification that decide which lines exist and in which batches. Nothing else belongs
 * here: no cap, note, actor or id of a run. A new option that changes lines gets its member here. Members whose
 * option is absent are left out, so that older plans keep their hash. */
function linesSpecOf(spec: LinesSpec): { [member: string]: unknown } {
  const { parse } = spec;
  return {
    start_ms: parse.startMs,
    end_ms: parse.endMs,
    end_exclusive: parse.endExclusive,
    format_version: parse.formatVersion,
    // Left out for the oldest format, because plans from before formats must keep their hash.
    format: parse.format === OLDEST_FORMAT ? undefined : parse.format,
    format_fields: parse.formatFields,
    record: parse.record,
    parse_version: parse.parseVersion ?? 1,
    batch_size: parse.batchLines,
    max_batch_bytes: parse.maxBatchBytes,
    max_line_bytes: parse.maxLineBytes,
    top_level_parent_ray_ids: parse.topLevelParentRayIds,
    dedupe: parse.dedupe,
    on_corrupt: parse.onCorrupt,
    max_suspect_ratio: parse.maxSuspectRatio ?? null,
    folders: spec.folders,
    live_batch_size: spec.live?.batchSize,
  };
}

/** The first text of the chain. It is JSON without spaces, with its members in the order of their names. */
export function planSpecText(spec: LinesSpec): string {
  const members = Object.entries(linesSpecOf(spec)).filter(([, value]) => value !== undefined);
  return JSON.stringify(Object.fromEntries(members.toSorted(([a], [b]) => (a < b ? -1 : 1))));
}

/** The text of one raw log object. `digests` are the digests of its batches in their order. Null: the R2 object
 * could not be read, so it gave no batches. */
export function planFileText(key: string, etag: string, digests: string[] | null): string {
  return JSON.stringify([key, etag, digests]);
}

/** Whether a text is a SHA-256 in lower-case hex, like every hash of this API. */
export function isSha256(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}
