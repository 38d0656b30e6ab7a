// A file that drops everything for a reason that smells of a changed schema must not pass as "nothing to send". Pure.
import type { FileCounts } from "../../src/pipeline/types.ts";

/** Why this file needs an operator's eye, in words that say what to change; null when it does not. */
export function suspiciousBecause(counts: FileCounts): string | null {
  if (counts.linesRead === 0 || counts.kept > 0) return null;
  const wellFormed = counts.linesRead - counts.malformed;
  if (wellFormed === 0) return "all_malformed: no line of this file is a JSON object";
  if (counts.dropped.not_top_level === wellFormed && counts.parentRayIdAbsent === wellFormed) {
    return 'parent_ray_id_absent: every record lacks ParentRayID; if such records are top-level requests, start the run with top_level_parent_ray_ids ["00", "", null]';
  }
  if (counts.dropped.invalid_timestamp > 0 && counts.readableTimestamps === 0) {
    return "no_readable_timestamp: no top-level record has a readable EdgeStartTimestamp; check the job's fields and timestamp format";
  }
  return null;
}
