// Holds what the rows of the files being sent do not show yet: how many batches were settled since, and the next
// batch that was never claimed. The totals row stores these values. Claims and reports write the totals row anyway,
// so they need not write the row of the file. FileRows adds the values to each row that it returns, and writes them
// with the next write of the row. Memory holds the values as the present transaction changed them. After a rollback
// they are read again.
import type { TotalsRow } from "./totals.ts";

/** `settled`: the change of `unsettled` since the row was written. `fresh`: the next batch that was never claimed.
 * Absent while the row of the file has the present value. */
export interface FileProgress {
  settled: number;
  fresh?: number;
}

/** The most files whose values the totals row stores, because this row must stay small. More files are seldom sent
 * at once. */
const MOST_FILES = 8;

export class FilesInProgress {
  readonly #totals: TotalsRow;
  /** Null: not read yet since the Durable Object was loaded. */
  #known: Map<number, FileProgress> | null = null;
  #isChanged = false;

  constructor(totals: TotalsRow) {
    this.#totals = totals;
  }

  get #files(): Map<number, FileProgress> {
    if (this.#known === null) {
      const kept = JSON.parse(this.#totals.hot().progress_json) as Record<string, FileProgress>;
      this.#known = new Map(Object.entries(kept).map(([file, progress]) => [Number(file), progress]));
    }
    return this.#known;
  }

  get(file: number): FileProgress | undefined {
    return this.#files.get(file);
  }

  /** Call only inside a transaction, like `written`. */
  set(file: number, progress: FileProgress): void {
    this.#files.set(file, progress);
    this.#isChanged = true;
  }

  /** Call when the row of the file was written. */
  written(file: number): void {
    if (this.#files.delete(file)) this.#isChanged = true;
  }

  /** A file whose row must be written, because the totals row has the values of too many files. Undefined: it has
   * not too many. */
  get surplus(): number | undefined {
    return this.#files.size > MOST_FILES ? this.#files.keys().next().value : undefined;
  }

  /** Passes the changes on to the totals row. Called at the end of a transaction, before this row is written. */
  save(): void {
    if (this.#isChanged) this.#totals.set({ progress_json: JSON.stringify(Object.fromEntries(this.#files)) });
    this.#isChanged = false;
  }

  /** Drops all changes since the transaction began. Called after a rollback. */
  discard(): void {
    this.#known = null;
    this.#isChanged = false;
  }
}
