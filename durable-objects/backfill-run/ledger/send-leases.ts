// Stores when the lease of each leased batch ends. There are at most `max_in_flight` leases. The totals row stores
// them. Claims and reports write this row anyway, so a lease costs no row of its own. Memory holds the leases as the
// present transaction changed them. After a rollback they are read again.
//
// The first claim of a batch writes no batch row either: the totals row stores that the batch is claimed, and the
// stored batch row stays `pending` with attempt 0. BatchRows returns such a row as `leased` with attempt 1. The row
// of any other leased batch has the state `leased` and its attempt. Every change checks state and attempt first.
import { setBack, type SetBack } from "./set-back.ts";
import type { TotalsRow } from "./totals.ts";

export class SendLeases {
  readonly #totals: TotalsRow;
  /** The end of each lease by batch, in epoch milliseconds. Null: not read yet since the Durable Object was loaded. */
  #known: Map<number, number> | null = null;
  /** Leased batches whose row still says `pending` with attempt 0. Null: not read yet since the Durable Object was
   * loaded. */
  #knownClaims: Set<number> | null = null;
  #isChanged = false;
  #areClaimsChanged = false;

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

  get #claims(): Set<number> {
    this.#knownClaims ??= new Set(JSON.parse(this.#totals.hot().claims_json) as number[]);
    return this.#knownClaims;
  }

  /** Gives the first lease of a batch, without a change of its row. Call only inside a transaction. */
  claim(batch: number, endMs: number): void {
    this.set(batch, endMs);
    this.#claims.add(batch);
    this.#areClaimsChanged = true;
  }

  /** Whether the batch is leased while its stored row is `pending`. */
  isClaimed(batch: number): boolean {
    return this.#claims.has(batch);
  }

  /** The claimed batches of a range of numbers. */
  claimedIn(first: number, count: number): number[] {
    return [...this.#claims].filter((batch) => batch >= first && batch < first + count);
  }

  /** Call when the row of a claimed batch was written. Call only inside a transaction. */
  written(batch: number): void {
    if (this.#claims.delete(batch)) this.#areClaimsChanged = true;
  }

  /** When the lease of the batch ends. Null: the batch is not leased. */
  endOf(batch: number): number | null {
    return this.#ends.get(batch) ?? null;
  }

  /** Gives or renews a lease. Call only inside a transaction, like `end`. */
  set(batch: number, endMs: number): void {
    this.#ends.set(batch, endMs);
    this.#isChanged = true;
  }

  end(batch: number): void {
    if (this.#ends.delete(batch)) this.#isChanged = true;
  }

  /** The end of each lease by batch, as it is now. */
  ends(): ReadonlyMap<number, number> {
    return new Map(this.#ends);
  }

  firstEnd(): number | null {
    return this.#ends.size === 0 ? null : Math.min(...this.#ends.values());
  }

  /** Ends the expired leases, the oldest first, and returns their batches. */
  takeExpired(now: number): number[] {
    const taken = [...this.#ends]
      .filter(([, endMs]) => endMs <= now)
      .toSorted(([, a], [, b]) => a - b)
      .map(([batch]) => batch);
    for (const batch of taken) this.end(batch);
    return taken;
  }

  /** Moves all leases after the clock was set back. Call only inside a transaction. */
  setBack(times: SetBack): void {
    for (const [batch, endMs] of this.#ends) {
      const moved = setBack(endMs, times);
      if (moved !== endMs) this.set(batch, moved);
    }
  }

  batches(): number[] {
    return [...this.#ends.keys()];
  }

  /** Passes the changes on to the totals row. Called at the end of a transaction, before this row is written. */
  save(): void {
    if (this.#isChanged) this.#totals.set({ leases_json: JSON.stringify(Object.fromEntries(this.#ends)) });
    if (this.#areClaimsChanged) this.#totals.set({ claims_json: JSON.stringify([...this.#claims]) });
    this.#isChanged = false;
    this.#areClaimsChanged = false;
  }

  /** Drops all changes since the transaction began. Called after a rollback. */
  discard(): void {
    this.#known = null;
    this.#knownClaims = null;
    this.#isChanged = false;
    this.#areClaimsChanged = false;
  }
}
