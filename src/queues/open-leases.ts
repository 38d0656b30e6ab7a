// Keeps the send leases of one invocation's sender loops. Renews the leases together and aborts POSTs when renewals
// fail. A POST may begin only shortly after an acknowledged claim or renewal. An open POST is aborted when no renewal
// is acknowledged for too long. So no POST begins or continues after the run took the lease back.
import { RENEW_EVERY_MS } from "../contract/leases.ts";
import type { BatchRef, RenewAnswer } from "../contract/sending.ts";
import { steadyNow } from "./steady-clock.ts";

/** A POST may begin within this time after the last acknowledged claim or renewal, counted from the beginning of
 * that call. */
export const MAY_BEGIN_MS = 15_000;
/** An open POST is aborted after this time without an acknowledgement. The run's lease is 30 s. */
const ABORT_AFTER_MS = 20_000;
const LOOK_EVERY_MS = 1_000;

export interface OpenLease {
  ref: BatchRef;
  /** Time of the newest acknowledged claim or renewal, by the steady clock. */
  acknowledgedAt: number;
  abort: AbortController;
}

export class OpenLeases {
  readonly #open = new Set<OpenLease>();
  readonly #renew: (refs: BatchRef[]) => Promise<RenewAnswer>;
  readonly #failed: (error: unknown, leases: number) => void;
  readonly #timer: ReturnType<typeof setInterval>;
  #renewing = false;

  /** `failed` is called for every renewal without an answer, with the number of leases in this renewal. */
  constructor(
    renew: (refs: BatchRef[]) => Promise<RenewAnswer>,
    failed: (error: unknown, leases: number) => void,
  ) {
    this.#renew = renew;
    this.#failed = failed;
    this.#timer = setInterval(() => void this.#look(), LOOK_EVERY_MS);
  }

  open(ref: BatchRef, acknowledgedAt: number): OpenLease {
    const lease = { ref, acknowledgedAt, abort: new AbortController() };
    this.#open.add(lease);
    return lease;
  }

  close(lease: OpenLease): void {
    this.#open.delete(lease);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const now = steadyNow();
    for (const lease of this.#open) {
      if (now - lease.acknowledgedAt >= ABORT_AFTER_MS)
        lease.abort.abort(new Error("the lease was not renewed in time"));
    }
    const due = [...this.#open].filter((lease) => now - lease.acknowledgedAt >= RENEW_EVERY_MS);
    if (this.#renewing || due.length === 0) return;
    this.#renewing = true;
    try {
      const { refused } = await this.#renew(due.map((lease) => lease.ref));
      for (const lease of due) {
        const isRefused = refused.some(
          (ref) => ref.batch === lease.ref.batch && ref.attempt === lease.ref.attempt,
        );
        if (isRefused) {
          lease.abort.abort(new Error("the run took the lease back"));
          this.close(lease);
        } else lease.acknowledgedAt = now;
      }
    } catch (error) {
      this.#failed(error, due.length);
      // The next check tries again, and 20 s without an answer abort the POST.
    } finally {
      this.#renewing = false;
    }
  }
}
