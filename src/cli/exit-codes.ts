// What each exit code means, and which one an outcome gets. Pure.
import type { RunStatusAnswer } from "../contract/api/api-types.ts";

export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  /** The run waits for a person, or it stayed suspended until the end of `--timeout`. */
  personNeeded: 3,
  notAllowed: 4,
  /** The API refused the command because of a state: slot_taken, overlap, wrong_state and all other answers 409. */
  conflict: 5,
  aborted: 6,
  /** The evidence does not verify, or a recount differs. */
  differs: 7,
  /** With `--strict`: the run is delivered with exceptions. */
  exceptions: 8,
  /** With `--exit-code`: coverage has holes. */
  holes: 10,
  timedOut: 124,
  interrupted: 130,
} as const;

export type Exit = (typeof EXIT)[keyof typeof EXIT];

/** The exit code for a refusal of the API. */
export function exitOfProblem(status: number, code: string | null): Exit {
  // The bucket does not hold the evidence that the run wrote.
  if (code === "report_damaged") return EXIT.differs;
  if (status === 401 || status === 403) return EXIT.notAllowed;
  // The session of Cloudflare Access is missing or has ended.
  if (status >= 300 && status < 400) return EXIT.notAllowed;
  return status === 409 ? EXIT.conflict : EXIT.failed;
}

export const UNTIL = ["delivered", "attention", "cleaned"] as const;
export type Until = (typeof UNTIL)[number];

type Watched = Pick<RunStatusAnswer, "stage_code" | "delivery_completed" | "exceptions">;

/** The exit code that ends a `watch`. Null: the run may still reach the awaited stage. */
export function exitOfWatch(status: Watched, until: Until, isStrict: boolean): Exit | null {
  const { stage_code: stage } = status;
  const reached = isStrict && status.exceptions > 0 ? EXIT.exceptions : EXIT.done;
  if (stage === "aborted") return EXIT.aborted;
  const needsPerson = stage === "needs_attention" || stage === "paused";
  if (until === "attention") {
    if (needsPerson) return EXIT.done;
    // The run has ended without needing a person, and cannot need one any more.
    return stage === "cleaned" || stage === "counted" ? EXIT.failed : null;
  }
  if (needsPerson) return EXIT.personNeeded;
  // A dry run ends here. It has nothing to deliver or to clean up.
  if (stage === "counted") return EXIT.done;
  const isReached = until === "cleaned" ? stage === "cleaned" : status.delivery_completed;
  return isReached ? reached : null;
}

/** The exit code at the end of `--timeout`. `stage` is the last stage that was seen, or null. */
export function exitOfTimeout(stage: string | null): Exit {
  return stage === "suspended" ? EXIT.personNeeded : EXIT.timedOut;
}
