// The English texts of the overview of one run. The other pages of a run need them too.
export { rowReasons } from "./row-reasons.ts";
export { runLists } from "./run-lists.ts";
export { canary, closed, meanings, twice } from "./run-proof.ts";
export { limitNames, runVerbs } from "./run-verbs.ts";
