// When the lease of each leased batch ends: a few, since no more than `max_in_flight` are out. They stand in the totals
// row, which claims and reports write anyway, so that a lease costs no row of its own. In memory they are as the current
// transaction has them; when it is rolled back, they are read again.
// Never: whose lease it is. State and attempt of the batch row say that, and guard every change here.
import { setBack, type SetBack } from "./set-back.ts";
import type { TotalsRow } from "./totals.ts";

export class SendLeases {
  readonly #totals: TotalsRow;
  /** Epoch milliseconds by batch. Null: not read yet in this life of the object. */
  #known: Map<number, number> | null = null;
  #isChanged = false;

  constructor(totals: TotalsRow) {
    this.#totals = totals;
  }

  get #ends(): Map<number, number> {
    if (this.#known === null) {
      const kept = JSON.parse(this.#totals.hot().leases_json) as Record<string, number>;
      this.#known = new Map(Object.entries(kept).map(([batch, endMs]) => [Number(batch), endMs]));
    }
    return this.#known;
  }

  /** Null: the batch is not leased. */
  endOf(batch: number): number | null {
    return this.#ends.get(batch) ?? null;
  }

  /** Given, or renewed. Only inside a transaction, as `over` is. */
  hold(batch: number, endMs: number): void {
    this.#ends.set(batch, endMs);
    this.#isChanged = true;
  }

  over(batch: number): void {
    if (this.#ends.delete(batch)) this.#isChanged = true;
  }

  firstEnd(): number | null {
    return this.#ends.size === 0 ? null : Math.min(...this.#ends.values());
  }

  /** Batches whose lease ran out, the longest ago first; the leases are over. */
  takeExpired(now: number): number[] {
    const taken = [...this.#ends]
      .filter(([, endMs]) => endMs <= now)
      .toSorted(([, a], [, b]) => a - b)
      .map(([batch]) => batch);
    for (const batch of taken) this.over(batch);
    return taken;
  }

  /** For a clock that was set back. Only inside a transaction. */
  setBack(times: SetBack): void {
    for (const [batch, endMs] of this.#ends) {
      const moved = setBack(endMs, times);
      if (moved !== endMs) this.hold(batch, moved);
    }
  }

  batches(): number[] {
    return [...this.#ends.keys()];
  }

  /** At the end of a transaction, before the totals row is written. */
  save(): void {
    if (!this.#isChanged) return;
    this.#totals.set({ leases_json: JSON.stringify(Object.fromEntries(this.#ends)) });
    this.#isChanged = false;
  }

  /** After a rollback: what was given, renewed or ended since was not. */
  discard(): void {
    this.#known = null;
    this.#isChanged = false;
  }
}
