// The exit codes, and the rules that choose one. Does no I/O.
import type { RunStatusAnswer } from "../contract/api/api-types.ts";

export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  /** The run waits for a person, or was still suspended when the time of `--timeout` ended. */
  personNeeded: 3,
  notAllowed: 4,
  /** The API answered 409, such as slot_taken, overlap or wrong_state. */
  conflict: 5,
  aborted: 6,
  /** The verification of the evidence failed, or a recount found a difference. */
  differs: 7,
  /** With `--strict`: the run is delivered with exceptions. */
  exceptions: 8,
  /** With `--exit-code`: coverage has holes. */
  holes: 10,
  timedOut: 124,
  interrupted: 130,
} as const;

export type Exit = (typeof EXIT)[keyof typeof EXIT];

/** The exit code when the API refuses a request. */
export function exitOfProblem(status: number, code: string | null): Exit {
  // The evidence in the bucket is not what the run wrote.
  if (code === "report_damaged") return EXIT.differs;
  if (status === 401 || status === 403) return EXIT.notAllowed;
  // A redirect means that the session of Cloudflare Access is missing or has ended.
  if (status >= 300 && status < 400) return EXIT.notAllowed;
  return status === 409 ? EXIT.conflict : EXIT.failed;
}

export const UNTIL = ["delivered", "attention", "cleaned"] as const;
export type Until = (typeof UNTIL)[number];

type Watched = Pick<RunStatusAnswer, "stage_code" | "delivery_completed" | "exceptions">;

/** The exit code with which `watch` ends. Null: `watch` continues, because the run may still reach the awaited stage. */
export function exitOfWatch(status: Watched, until: Until, isStrict: boolean): Exit | null {
  const { stage_code: stage } = status;
  const reached = isStrict && status.exceptions > 0 ? EXIT.exceptions : EXIT.done;
  if (stage === "aborted") return EXIT.aborted;
  const needsPerson = stage === "needs_attention" || stage === "paused";
  if (until === "attention") {
    if (needsPerson) return EXIT.done;
    // The run has ended and can no longer need a person.
    return stage === "cleaned" || stage === "counted" ? EXIT.failed : null;
  }
  if (needsPerson) return EXIT.personNeeded;
  // A dry run ends in this stage. A dry run delivers nothing and deletes nothing.
  if (stage === "counted") return EXIT.done;
  const isReached = until === "cleaned" ? stage === "cleaned" : status.delivery_completed;
  return isReached ? reached : null;
}

/** The exit code when the time of `--timeout` ends. `stage` is the last known stage, or null. */
export function exitOfTimeout(stage: string | null): Exit {
  return stage === "suspended" ? EXIT.personNeeded : EXIT.timedOut;
}
