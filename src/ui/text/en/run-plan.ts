/** Texts about the plan of a dry run, and of a run that replays a plan. */
export const runPlan = {
  title: "Plan",
  hash: "Plan hash",
  batches: "Batches",
  minutes: "Minutes at the cap",
  compared: { waiting: "not compared yet", equal: "the bucket equals the plan", outdated: "outdated" },
  differs: (added: string, changed: string, missing: string) =>
    `New objects: ${added}. Changed: ${changed}. Missing: ${missing}.`,
} as const;
