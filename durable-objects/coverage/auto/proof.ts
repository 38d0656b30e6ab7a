// Decides whether an earlier run proves the size of the live worker's batches. Coverage reads no records, so it
// cannot prove the size itself. Does no I/O.

/** What a run with `live: "skip_delivered"` found about the size. */
export interface SizeJudgement {
  run: string;
  batchSize: number;
  /** Files with markers. */
  files: number;
  /** Why the run doubts the size. Null: the files of the run prove the size. */
  doubt: string | null;
}

/** Doubts which show that the size is wrong. Other doubts only mean that the run had too few files. */
const AGAINST: ReadonlySet<string> = new Set(["contradicted", "size_changed"]);

/** The newest run that proves or contradicts the size. `judgements` are newest first. */
export function provingRun(judgements: readonly SizeJudgement[], size: number): string | null {
  const decisive = judgements.find(
    ({ batchSize, files, doubt }) =>
      batchSize === size && files > 0 && (doubt === null || AGAINST.has(doubt)),
  );
  return decisive?.doubt === null ? decisive.run : null;
}
