// Where the report of an ended run lies in R2, and what its chain says of each part. Pure.

export interface ArchivePart {
  name: string;
  bytes: number;
  sha256: string;
  chain: string;
}
export function archivePrefix(runId: string): string {
  return `backfill-reports/${runId}/`;
}
