// The English texts of the overview of one run. The other pages of a run need them too.
export { batchFacts } from "./batch-facts.ts";
export { canary, meanings, twice } from "./run-proof.ts";
export { limitNames, runVerbs } from "./run-verbs.ts";
