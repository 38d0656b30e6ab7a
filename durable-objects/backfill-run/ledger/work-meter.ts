// Counts what a run's work costs. The counts are stored in the row of the sums, whenever a transaction writes that
// row anyway. An eviction loses what was counted since then, so every count is a lower bound.
import { NO_WORK, type R2Operations, type Work } from "../../../src/contract/work.ts";
import type { Sql } from "../../../src/platform/sql.ts";

/** Who works now. Only the work of the run itself is counted. Rows that are read for a request to the API do not
 * count. */
export type Worker = "clock" | "call" | "reader";

/** The longest time between two calls of a sender that counts as sending. While a POST is open, its lease is
 * renewed more often than this. So a longer time without a sender's call means that the clock was set forward. */
const LONGEST_GAP_MS = 30_000;

interface Stored extends Work {
  /** The newest call of a sender, in epoch ms. */
  sentAt: number;
}

export class WorkMeter {
  /** R2 operations that were not stored yet. */
  readonly r2: R2Operations = { classA: 0, classB: 0 };
  #work: Stored | null = null;
  #isCounted = true;
  #cursor: Pick<SqlStorageCursor<Record<string, SqlStorageValue>>, "rowsRead" | "rowsWritten"> | null = null;

  /** Continues with the stored counts. An empty text: older code started the run, so nothing is counted. */
  restore(workJson: string): void {
    this.#work = workJson === "" ? null : (JSON.parse(workJson) as Stored);
  }

  /** Begins to count. Call when the run starts. */
  begin(now: number): void {
    this.#work = { ...NO_WORK, sentAt: now };
  }

  /** Records that `worker` works from now on, until the next call of this method. */
  takesOver(worker: Worker): void {
    this.#settleRows();
    this.#isCounted = worker !== "reader";
    if (worker === "call") this.add({ objectRequests: 1 });
  }

  add(counts: Partial<Work>): void {
    const work = this.#work;
    if (work === null) return;
    for (const [name, count] of Object.entries(counts) as [keyof Work, number][]) work[name] += count;
  }

  /** Call before each change that a sender's call makes. `isSending`: a batch was leased since the previous call. */
  senderCalled(isSending: boolean, now: number): void {
    const work = this.#work;
    if (work === null) return;
    // A clock that was set back adds nothing.
    const ms = Math.min(Math.max(0, now - work.sentAt), LONGEST_GAP_MS);
    if (isSending) work.sendingMs += ms;
    work.sentAt = now;
  }

  /** Access to SQLite that counts rows. A cursor shows its number of rows only after it was read. So the rows of a
   * statement are counted when the next statement begins. */
  counted(sql: Sql): Sql {
    const exec = (
      statement: string,
      ...values: unknown[]
    ): SqlStorageCursor<Record<string, SqlStorageValue>> => {
      this.#settleRows();
      const cursor = sql.exec(statement, ...values);
      this.#cursor = cursor;
      return cursor;
    };
    return { exec } as Sql;
  }

  /** Whether R2 operations were not stored yet. */
  get hasUnsaved(): boolean {
    return this.#work !== null && this.r2.classA + this.r2.classB > 0;
  }

  /** The counts as JSON text, to be stored in the row of the sums. Null: this run does not count its work. */
  text(): string | null {
    return this.#work === null ? null : JSON.stringify(this.#withR2(this.#work));
  }

  /** The present counts. Null: this run does not count its work. */
  now(): Work | null {
    this.#settleRows();
    if (this.#work === null) return null;
    const { sentAt: _sentAt, ...work } = this.#withR2(this.#work);
    return work;
  }

  #withR2(work: Stored): Stored {
    work.classA += this.r2.classA;
    work.classB += this.r2.classB;
    Object.assign(this.r2, { classA: 0, classB: 0 });
    return work;
  }

  #settleRows(): void {
    const cursor = this.#cursor;
    this.#cursor = null;
    if (cursor && this.#isCounted) this.add({ rowsRead: cursor.rowsRead, rowsWritten: cursor.rowsWritten });
  }
}
