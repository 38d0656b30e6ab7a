// Whether a search for a RayID is under way. One search at a time bounds what searches cost. Lost with an eviction.
import { RAY_QUERY_MS } from "../../../src/contract/rays.ts";

export class RayQuery {
  #until = 0;

  /** False: another search is under way. */
  begin(now: number): boolean {
    // A time further away comes from a clock that was set back since.
    const isUnderWay = this.#until > now && this.#until <= now + RAY_QUERY_MS;
    if (!isUnderWay) this.#until = now + RAY_QUERY_MS;
    return !isUnderWay;
  }

  end(): void {
    this.#until = 0;
  }
}
