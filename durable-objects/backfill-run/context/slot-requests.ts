// Requests for the receiver's slot that are out, in this life of the object: whether a refusal may still count.

/** Requests of this life of the object; their answers die with it. */
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
