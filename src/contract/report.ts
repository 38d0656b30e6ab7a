// Where a run's report lies in R2, and what its chain says of each part. Each writing of it is a generation below a prefix
// of its own, so that no key is ever written with other content once its chain is there. Pure.

export interface ArchivePart {
  name: string;
  bytes: number;
  sha256: string;
  chain: string;
}

/** `generation`: null for a report that was begun by code that knew none; it lies directly below the run's prefix. */
export function archivePrefix(runId: string, generation: number | null): string {
  const own = `backfill-reports/${runId}/`;
  return generation === null ? own : `${own}g${String(generation).padStart(6, "0")}/`;
}
