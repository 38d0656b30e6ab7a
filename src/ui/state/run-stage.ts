// The meaning of each stage of a run for the page: the colour of the stage, and whether the run is working. The API
// decides what is possible.
import type { Stage } from "../../contract/states.ts";

/** red: a person must act. amber: something is wrong. green: delivered. work: the run is working. idle: the run rests
 * or has ended. */
export type Tone = "red" | "amber" | "green" | "work" | "idle";

const TONES: Record<Stage, Tone> = {
  scanning_and_queueing: "work",
  sending: "work",
  counting: "work",
  aborting: "work",
  needs_attention: "red",
  suspended: "amber",
  paused: "amber",
  sent_waiting_cleanup: "green",
  cleaned: "green",
  aborted: "idle",
  counted: "idle",
};

export function toneOf(stage: Stage): Tone {
  return TONES[stage];
}

/** True: the numbers of a run in this stage change without a person. */
export function isWorking(stage: Stage): boolean {
  return TONES[stage] === "work";
}

/** Whether a person may still decide about files and batches of the run. The API refuses every decision about a run that
 * is aborted or cleaned up, and about a dry run. */
export function takesDecisions(run: { stage_code: Stage; dry_run: boolean }): boolean {
  return !run.dry_run && !["aborting", "aborted", "cleaned"].includes(run.stage_code);
}

/** The stages in which a run waits for a person, or may wait for one. */
export const WAITING_STAGES = ["needs_attention", "suspended", "paused"] as const satisfies readonly Stage[];

/** Every stage, in the order in which the page lists them. */
export const STAGE_CODES = Object.keys(TONES) as Stage[];
