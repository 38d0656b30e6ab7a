// Reads the run's rows for feature-walk.ts.
import type { Range } from "./receiver-model.ts";
import type { Row, RunUnderTest } from "./run-under-test.ts";

export interface BatchNow extends Range {
  batch: number;
  file: number;
  state: string;
}

export async function batchesOf(run: RunUnderTest): Promise<BatchNow[]> {
  const rows = await run.rows<Row & BatchNow>(
    'SELECT batch, file, state, digest, coalesce(slice_from, 0) AS "from", lines FROM batches ORDER BY batch',
  );
  return rows.map((row) => ({ ...row, digest: memberOf(row.digest) }));
}

/** Digests of batches with an attempt that is a duplicate or a possible duplicate. */
export async function namedDigests(run: RunUnderTest): Promise<string[]> {
  const rows = await run.rows<{ digest: string }>(
    `SELECT digest FROM batches WHERE batch IN
       (SELECT batch FROM attempts WHERE state IN ('duplicate', 'uncertain', 'resolved'))`,
  );
  return rows.map(({ digest }) => memberOf(digest));
}

/** The digest without the range of a part. A part's digest is the whole batch's digest with a range. */
function memberOf(digest: string): string {
  return digest.split("[", 1)[0] ?? "";
}

/** The number of the file in a digest. For `digest-f2-0` it is 2. */
export function fileOf(digest: string): number {
  return Number(/-f(\d+)-/.exec(digest)?.[1]);
}
