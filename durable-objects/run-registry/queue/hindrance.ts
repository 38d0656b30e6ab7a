// Explains why the queue starts no window now: a code for programs, and a text for people. Does no I/O.
import { iso } from "../../../src/contract/instants.ts";
import type { QueueHindrance } from "../../../src/contract/windows.ts";

export interface Hindrance {
  code: QueueHindrance["code"];
  /** A text that continues the sentence "waits for …". */
  detail: string;
  /** The run that the queue waits for. */
  runId?: string;
  /** Epoch ms. */
  notBefore?: number;
}

export function behindRun(code: Hindrance["code"], runId: string, does: string): Hindrance {
  return { code, detail: `run ${runId}, which ${does}`, runId };
}

/** `startsAt`: when the first window may start, in epoch ms. Null: it may start now. */
export function notYet(startsAt: number, now: number): Hindrance | null {
  if (startsAt <= now) return null;
  return { code: "not_before", detail: `not_before ${iso(startsAt)}`, notBefore: startsAt };
}
