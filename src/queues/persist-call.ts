// Repeats a call to a run's Durable Object until the run answers, so that a brief fault does not lose a known
// outcome. Use it only for calls that may be made twice.
import { steadyNow } from "./steady-clock.ts";

/** How long a send report is retried. After this time the lease has expired and the run has decided without the
 * report. */
export const REPORT_FOR_MS = 60_000;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

/** @throws the last error after `forMs`. */
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
