// Stores the permits that the newest call of each sender got. A sender that lost the answer repeats the call, and gets
// the same permits again, also after an eviction of the Durable Object. The totals row stores these permits. A call
// that gives permits writes the totals row anyway. Memory holds the calls as the present transaction changed them.
// After a rollback they are read again.
import type { BatchRef } from "../../../src/contract/sending.ts";
import type { SendLeases } from "./send-leases.ts";
import type { TotalsRow } from "./totals.ts";

export interface SenderCall {
  /** The number of the call. Each sender counts its calls from 1. */
  call: number;
  permits: readonly BatchRef[];
}

type Kept = Record<string, [call: number, permits: [batch: number, attempt: number][]]>;

export class SenderCalls {
  readonly #totals: TotalsRow;
  readonly #leases: SendLeases;
  /** Null: not read yet since the Durable Object was loaded. */
  #known: Map<string, SenderCall> | null = null;
  #isChanged = false;

  constructor(totals: TotalsRow, leases: SendLeases) {
    this.#totals = totals;
    this.#leases = leases;
  }

  get #calls(): Map<string, SenderCall> {
    if (this.#known === null) {
      const kept = JSON.parse(this.#totals.hot().calls_json) as Kept;
      this.#known = new Map(
        Object.entries(kept).map(([sender, [call, permits]]) => [
          sender,
          { call, permits: permits.map(([batch, attempt]) => ({ batch, attempt })) },
        ]),
      );
    }
    return this.#known;
  }

  /** The newest call of this sender that got permits. Undefined: none of these permits has an open lease. */
  of(sender: string): SenderCall | undefined {
    return this.#calls.get(sender);
  }

  /** Call only inside a transaction. */
  set(sender: string, newest: SenderCall): void {
    this.#calls.set(sender, newest);
    this.#isChanged = true;
  }

  /** Passes the changes on to the totals row. Called at the end of a transaction, after the leases were saved and
   * before this row is written. */
  save(): void {
    if (!this.#isChanged) return;
    for (const [sender, { permits }] of this.#calls) {
      if (permits.every(({ batch }) => this.#leases.endOf(batch) === null)) this.#calls.delete(sender);
    }
    const kept: Kept = Object.fromEntries(
      [...this.#calls].map(([sender, { call, permits }]) => [
        sender,
        [call, permits.map(({ batch, attempt }): [number, number] => [batch, attempt])],
      ]),
    );
    this.#totals.set({ calls_json: JSON.stringify(kept) });
    this.#isChanged = false;
  }

  /** Drops all changes since the transaction began. Called after a rollback. */
  discard(): void {
    this.#known = null;
    this.#isChanged = false;
  }
}
