// What the stage of a run means for the page. The API decides what is possible; this only sorts stages.
import type { Stage } from "../../contract/states.ts";

/** Red: a person must act. Amber: degraded. Green: delivered. Work: it goes on. Idle: it rests or has ended. */
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

/** Numbers of such a run change by themselves. */
export function isWorking(stage: Stage): boolean {
  return TONES[stage] === "work";
}

/** Stages that wait for a person, or may. */
export const WAITING_STAGES = ["needs_attention", "suspended", "paused"] as const satisfies readonly Stage[];

/** Every stage, in the order in which a person looks for them. */
export const STAGE_CODES = Object.keys(TONES) as Stage[];
