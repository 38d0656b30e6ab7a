// One example for each kind of answer. The key is the name of its schema. The examples are shortened answers from a
// run with the demo's logs. A test compares each example with its schema.
import EXAMPLES_JSON from "./examples.json" with { type: "json" };

export const EXAMPLES: Readonly<Record<string, unknown>> = EXAMPLES_JSON;
