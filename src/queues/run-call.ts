// Marks a failed call to a run's Durable Object. A parser must not take such a failure for a failure of R2, which
// pauses all parsing. A failed call is not a bug of the parser either.
import { errorText } from "../platform/log.ts";

export class RunCallFailed extends Error {
  constructor(verb: string, cause: unknown) {
    super(`${verb}: ${errorText(cause)}`, { cause });
    this.name = "RunCallFailed";
  }
}

/** @throws RunCallFailed with the error of the Durable Object as its cause. */
export async function runCall<T>(verb: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw new RunCallFailed(verb, error);
  }
}
