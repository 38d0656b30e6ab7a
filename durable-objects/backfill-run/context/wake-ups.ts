// Counts wake-up messages to senders: which invocations of senders are working, and how many wake-ups no sender has
// handled. An eviction loses these counts. The clock then wakes one sender, and counts again from the claims that
// arrive.

/** How many wake-ups one invocation serves at once. Equals max_batch_size of the send queue. */
export const WAKE_UPS_PER_INVOCATION = 2;

/** An invocation that has not claimed for this long has ended, or all its sender loops wait for answers. */
export const INVOCATION_SEEN_MS = 3_000;

/** A sender that has claimed for this long gets a successor. It ends 10 s later (CLAIM_FOR_MS), and a wake-up may
 * need some seconds. */
const SUCCESSOR_AFTER_MS = 50_000;

/** A sender that was refused asks again within this time. */
const GIVES_WAY_MS = 500;

/** How long an invocation may live. After a longer silence it is forgotten. */
const LONGEST_INVOCATION_MS = 900_000;

/** If no sender claims within this time after a wake-up, the wake-up counts as lost. */
const WAKE_UP_LOST_MS = 5_000;

/** `since`: its first claim. `at`: its newest claim. */
interface Seen {
  since: number;
  at: number;
  hasWork: boolean;
}

export class WakeUps {
  readonly #seen = new Map<string, Seen>();
  #out = 0;
  #sentAt = 0;
  #isRequested = false;
  #refusedAt = -Infinity;

  /** How many wake-ups no invocation has answered. At `lostAt` they count as lost. */
  get out(): number {
    return this.#out;
  }

  lostAt(now: number): number {
    // A send time in the future means that the clock was set back
    return this.#sentAt > now ? 0 : this.#sentAt + WAKE_UP_LOST_MS;
  }

  sent(count: number, now: number): void {
    this.#out = (now < this.lostAt(now) ? this.#out : 0) + count;
    this.#sentAt = now;
  }

  /** Call when a sender asked for work. A new invocation has then answered its wake-ups. When no wake-up is left
   * unanswered, the clock may wake more senders. */
  claimed(lane: string, now: number): void {
    const invocation = invocationOf(lane);
    const seen = this.#seen.get(invocation);
    if (!seen) {
      this.#out = Math.max(0, this.#out - WAKE_UPS_PER_INVOCATION);
      if (this.#out === 0) this.request();
    }
    this.#seen.set(invocation, { since: seen?.since ?? now, at: now, hasWork: true });
  }

  ended(lane: string): void {
    const seen = this.#seen.get(invocationOf(lane));
    if (seen) seen.hasWork = false;
  }

  /** Invocations that claimed lately. `ending`: how many of them soon end. */
  invocations(now: number): { working: number; ending: number } {
    const count = { working: 0, ending: 0 };
    for (const [invocation, { since, at, hasWork }] of this.#seen) {
      // A time in the future means that the clock was set back
      if (now - at > LONGEST_INVOCATION_MS || at > now) this.#seen.delete(invocation);
      else if (hasWork && now - at <= INVOCATION_SEEN_MS)
        count[isOld(since, now) ? "ending" : "working"] += 1;
    }
    return count;
  }

  /** Whether the sender soon ends and gets a successor. */
  isEnding(lane: string, now: number): boolean {
    const seen = this.#seen.get(invocationOf(lane));
    return seen !== undefined && isOld(seen.since, now);
  }

  /** Call when a sender that has time left was refused, because too many batches are in flight. */
  refused(now: number): void {
    this.#refusedAt = now;
  }

  /** Whether the sender soon ends while another sender waits for a place in flight. */
  givesWay(lane: string, now: number): boolean {
    return Math.abs(now - this.#refusedAt) <= GIVES_WAY_MS && this.isEnding(lane, now);
  }

  /** Call when the clock must check the run soon. For example, a report allows several batches to be sent. */
  request(): void {
    this.#isRequested = true;
  }

  takeRequest(): boolean {
    const was = this.#isRequested;
    this.#isRequested = false;
    return was;
  }
}

function isOld(since: number, now: number): boolean {
  return now - since >= SUCCESSOR_AFTER_MS;
}

function invocationOf(lane: string): string {
  return lane.slice(0, lane.lastIndexOf("."));
}
