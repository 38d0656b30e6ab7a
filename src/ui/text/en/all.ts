// All English texts together, for types and tests. The page loads them in parts: see ../texts.ts.
import * as coverage from "./coverage.ts";
import * as core from "./en.ts";
import * as home from "./home.ts";
import * as moreProblems from "./more-problems.ts";
import * as newRun from "./new-run.ts";
import * as queue from "./queue.ts";
import * as receivers from "./receivers.ts";
import * as run from "./run-area.ts";
import * as closed from "./run-closed.ts";
import * as rowReasons from "./row-area.ts";
import * as runPlan from "./run-plan.ts";
import * as runParts from "./run-parts.ts";
import * as system from "./system.ts";

export const en = {
  ...core,
  ...coverage,
  ...home,
  ...moreProblems,
  ...newRun,
  ...queue,
  ...receivers,
  ...run,
  ...runPlan,
  ...runParts,
  ...closed,
  ...rowReasons,
  ...system,
};
