// The R2 keys of a run's evidence, and what the chain file records about each part. Each time the run writes the
// evidence, it makes a generation with a prefix of its own. Once the chain file of a generation exists, no key of the
// generation is written again.

export interface ArchivePart {
  name: string;
  bytes: number;
  sha256: string;
  chain: string;
}

/** Where the evidence is, and how far it is written. */
export interface EvidenceView {
  /** Null before the first part is written. */
  prefix: string | null;
  generation: number | null;
  complete: boolean;
  parts: number;
  head: string | null;
}

/** `generation` is null for evidence that older code began. Older code wrote directly below the run's prefix. */
export function archivePrefix(runId: string, generation: number | null): string {
  const own = `backfill-reports/${runId}/`;
  return generation === null ? own : `${own}g${String(generation).padStart(6, "0")}/`;
}

/** The key of the R2 object that contains what a parser found about the live worker's batches of a file. The number
 * of the attempt is part of the key, so a late parser writes another R2 object. */
export function liveDetailKey(runId: string, file: number, attempt: number): string {
  return `backfill-reports/${runId}/live/${file}-${attempt}.json`;
}
