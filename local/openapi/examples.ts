// One example for each kind of answer, by the name of its component. They were taken from a run of the demo's logs and
// shortened. A test checks that each fits its schema.
import EXAMPLES_JSON from "./examples.json" with { type: "json" };

export const EXAMPLES: Readonly<Record<string, unknown>> = EXAMPLES_JSON;
