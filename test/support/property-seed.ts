// Gives property tests the same random inputs in every run of `.ci/run`, so that a change is judged by what it changes.
// `npm test` by hand uses new inputs each time, and names the seed of a failure.
import fc from "fast-check";

const SEED = 20_260_422;

if (process.env["CI"] === "true") fc.configureGlobal({ seed: SEED });
