// Remembers whether a search for a RayID is running. A run allows one search at a time, to limit the cost. After an
// eviction, the search is forgotten.
import { RAY_QUERY_MS } from "../../../src/contract/rays.ts";

export class RayQuery {
  #until = 0;

  /** False: another search is under way. */
  begin(now: number): boolean {
    // A later time means that the clock was set back after the search began.
    const isUnderWay = this.#until > now && this.#until <= now + RAY_QUERY_MS;
    if (!isUnderWay) this.#until = now + RAY_QUERY_MS;
    return !isUnderWay;
  }

  end(): void {
    this.#until = 0;
  }
}
