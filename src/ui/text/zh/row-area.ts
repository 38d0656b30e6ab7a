// The texts of files and batches, which only pages and parts about them need.
export { rowReasons } from "./row-reasons.ts";
export { rowVerbs } from "./row-verbs.ts";
export { runLists } from "./run-lists.ts";
