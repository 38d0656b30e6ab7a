// Computes how many sender loops are useful now. A sender loop claims batches and sends them, one after the other.
// Each sender makes calls of its own, so a sender that is not needed costs calls and rows. Does no I/O.

/** The time of a loop's calls for one batch, in ms. */
const CALLS_MS = 20;
/** The factor for sender loops in addition to those that the mean answer time needs. Answer times vary, so the rate
 * can use a quarter more loops. */
const HEADROOM = 1.25;
/** A woken sender begins after some hundred ms. So no further sender is useful when the present loops send all waiting
 * batches within this time. */
const SOON_MS = 1_000;

export interface SendingSpeed {
  /** Lines per second that permits allow now. */
  rate: number;
  /** Mean lines of a batch. Null: no batch was delivered yet. */
  linesPerBatch: number | null;
  /** Mean time of an answer lately, in ms. Null: the receiver has not answered yet. */
  answerMs: number | null;
  /** How long a permit waits for the body, and how late its POST begins, in ms. */
  readyMs: number;
  lateMs: number;
}

/** How many loops can send at the present rate, but no more than are needed to send `batches` batches within a
 * second. Infinity: unknown. */
export function usefulLoops(speed: SendingSpeed, batches: number): number {
  const { rate, linesPerBatch, answerMs, readyMs, lateMs } = speed;
  if (linesPerBatch === null || answerMs === null) return Infinity;
  const batchMs = answerMs + readyMs + lateMs + CALLS_MS;
  const forRate = ((rate / linesPerBatch) * batchMs * HEADROOM) / 1_000;
  return Math.ceil(Math.min(forRate, (batches * batchMs) / SOON_MS));
}

/** A POST that is open for longer than this no longer counts as a loop that sends, in ms. */
export function slowAfterMs(answerMs: number | null): number {
  return Math.max(2_000, 4 * (answerMs ?? 0));
}
