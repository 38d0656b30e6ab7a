// The text of one fault in a secret of JSON. Repeats no text of the secret. Does no I/O.
import type * as v from "valibot";

/** The text of a fault. A schema has only one message for three faults of a JSON object, so this function tells
 * them apart. */
export function faultText(issue: v.BaseIssue<unknown>): string {
  if (issue.type !== "strict_object") return issue.message;
  if (issue.expected === "never") return "expected no other member";
  return issue.expected === "Object" ? "expected an object" : "expected this member";
}
