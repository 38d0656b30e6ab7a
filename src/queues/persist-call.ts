// Repeats a call to a run's object until it is answered: a known outcome must not be lost to a passing fault.
// Only for calls that may be made twice.
import { steadyNow } from "./steady-clock.ts";

/** A report is retried so long; after that the lease has run out and the object has decided without us. */
export const REPORT_FOR_MS = 60_000;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

/** @throws the last error, when `forMs` are over. */
export async function persistCall<T>(call: () => Promise<T>, forMs: number): Promise<T> {
  const until = steadyNow() + forMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
    try {
      return await call();
    } catch (error) {
      if (steadyNow() + pauseMs >= until) throw error;
      await scheduler.wait(pauseMs);
    }
  }
}
