// Counts the unanswered requests for the receiver's slot. sending/slot.ts explains when a refusal counts.

/** The counts of unanswered requests. They need not survive an eviction, because an eviction loses the requests and
 * their answers too. */
export class SlotRequests {
  #begun = 0;
  #out = 0;

  get areOut(): boolean {
    return this.#out > 0;
  }

  begin(): { end(): { wasAlone: boolean } } {
    const startedAlone = this.#out === 0;
    this.#out += 1;
    const mine = (this.#begun += 1);
    return {
      end: () => {
        this.#out -= 1;
        return { wasAlone: startedAlone && this.#begun === mine };
      },
    };
  }
}
