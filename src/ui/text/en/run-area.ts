// The English texts of the pages of one run.
export { ray, runLists } from "./run-lists.ts";
export { evidence, runEvents, runMap } from "./run-parts.ts";
export { runVerbs } from "./run-verbs.ts";
