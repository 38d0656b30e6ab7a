// Remembers why the registry refused the receiver's slot to the clock of a working run. The run then waits, and
// asks for the slot again.
import type { SlotAnswer } from "../../../src/contract/registry.ts";

/** How often a waiting run asks for the slot. Each time is one call to the registry. */
const ASK_EVERY_MS = 15_000;

export type KeptRefusal = { code: string; detail: string };

export class SlotRefusal {
  #refusal: KeptRefusal | null;
  #at: number | null = null;

  constructor(kept: KeptRefusal | null) {
    this.#refusal = kept;
  }

  /** Why the slot was refused. Null: it was not refused since the run last owned it. */
  get reason(): KeptRefusal | null {
    return this.#refusal;
  }

  refused(answer: Extract<SlotAnswer, { ok: false }>, now: number): void {
    this.#refusal = reasonOf(answer);
    this.#at = now;
  }

  granted(): void {
    this.#refusal = null;
    this.#at = null;
  }

  /** A refusal in the future means that the clock was set back. */
  askAgainAt(now: number): number {
    return this.#at === null || this.#at > now ? now : this.#at + ASK_EVERY_MS;
  }
}

function reasonOf(answer: Extract<SlotAnswer, { ok: false }>): KeptRefusal {
  if (answer.code === "slot_taken") {
    const detail = `run ${answer.holder} sends; this run goes on when that run has released the slot`;
    return { code: "slot_taken", detail };
  }
  const detail = `${answer.detail}; abort this run, or repeat its work with "replay": true`;
  return { code: "overlap", detail };
}
