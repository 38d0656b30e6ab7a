// Decides when parsing must return to the event loop. Leases are renewed and batches are sent only between
// turns. Owns the end of a turn and the time limit of a file. The caller owns the clock and the wait.
//
// The platform's clock may stand still while code runs, and advances only during a wait. So work is also counted
// in bytes: the bytes of an ordinary file that take as long to parse.

import type { WorkClock } from "./types.ts";

/** How long a turn of work may take. A POST of the same isolate waits for the end of a turn. */
const TURN_MS = 10;
const TURN_BYTES = 1024 * 1024;
/** Each gzip member counts as so many bytes more than it has. Each member needs a zlib stream. */
const MEMBER_BYTES = 16 * 1024;
/** Each raw line counts as so many bytes more than it has. A short line that is not JSON costs an
 * exception. */
const LINE_BYTES = 128;
/** The consumer has 15 minutes. A file of a million records takes half a minute. */
export const MAX_FILE_MS = 600_000;

export class WorkTurns {
  readonly #clock: WorkClock | null;
  readonly #beganAt: number;
  #turnBeganAt: number;
  #work = 0;

  /** With a `clock` of null, no pause is ever due and no time limit is reached. */
  constructor(clock: WorkClock | null) {
    this.#clock = clock;
    this.#beganAt = clock?.now() ?? 0;
    this.#turnBeganAt = this.#beganAt;
  }

  /** Counts finished work: bytes decompressed and read, members begun, lines parsed. */
  did(work: { bytes?: number; members?: number; lines?: number }): void {
    this.#work += work.bytes ?? 0;
    this.#work += (work.members ?? 0) * MEMBER_BYTES;
    this.#work += (work.lines ?? 0) * LINE_BYTES;
  }

  get isDue(): boolean {
    if (this.#clock === null) return false;
    return this.#work >= TURN_BYTES || this.#clock.now() - this.#turnBeganAt >= TURN_MS;
  }

  async rest(): Promise<void> {
    if (this.#clock === null) return;
    await this.#clock.rest();
    this.#turnBeganAt = this.#clock.now();
    this.#work = 0;
  }

  get isTooSlow(): boolean {
    return this.#clock !== null && this.#clock.now() - this.#beganAt > MAX_FILE_MS;
  }
}
