// The Chinese texts that every page needs. All other texts are in areas, which load with the pages that need them.
export { frame, signIn } from "./frame.ts";
export { parts } from "./parts.ts";
export { problems } from "./problems.ts";
export { reasons } from "./reasons.ts";
export { run } from "./run.ts";
export { states } from "./states.ts";
export { units } from "./units.ts";
export { verbs } from "./verbs.ts";
