// The R2 key of the pack of a file's attempt. Does no I/O.

export function packKey(runId: string, file: number, attempt: number): string {
  return `${packPrefix(runId)}f${String(file).padStart(6, "0")}-a${attempt}.log.gz`;
}

export function packPrefix(runId: string): string {
  return `processed-backfill/${runId}/`;
}
