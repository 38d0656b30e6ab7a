// The English dictionary. Each page has a file with its texts in this folder.
import { coverage } from "./coverage.ts";
import { frame, signIn } from "./frame.ts";
import { home, runs, system } from "./home.ts";
import { newRun } from "./new-run.ts";
import { parts } from "./parts.ts";
import { problems } from "./problems.ts";
import { queue } from "./queue.ts";
import { reasons } from "./reasons.ts";
import { run, runVerbs } from "./run.ts";
import { ray, runLists } from "./run-lists.ts";
import { evidence, runEvents, runMap } from "./run-parts.ts";
import { rowVerbs } from "./row-verbs.ts";
import { states } from "./states.ts";
import { units } from "./units.ts";
import { verbs } from "./verbs.ts";

export const en = {
  frame,
  signIn,
  home,
  coverage,
  newRun,
  runs,
  system,
  parts,
  problems,
  queue,
  reasons,
  run,
  runVerbs,
  runLists,
  ray,
  runMap,
  runEvents,
  evidence,
  rowVerbs,
  states,
  units,
  verbs,
};
