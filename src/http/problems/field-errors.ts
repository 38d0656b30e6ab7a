// Turns schema issues into errors for the caller: which field, and what was expected. Does no I/O.
import type * as v from "valibot";

export function fieldErrors(issues: readonly v.BaseIssue<unknown>[]): FieldError[] {
  return issues.map((issue) => {
    const keys = (issue.path ?? []).map((item) => String(item.key));
    return { pointer: pointerTo(keys), detail: detailOf(issue) };
  });
}

/** A JSON pointer (RFC 6901) as a URI fragment, the form that RFC 9457 uses. */
export function pointerTo(keys: readonly string[]): string {
  const escaped = keys.map((key) =>
    encodeURIComponent(key.replaceAll("~", "~0").replaceAll("/", "~1").toWellFormed()),
  );
  return ["#", ...escaped].join("/");
}

/** The error for a field of the body that no schema contains. */
export function unknownField(name: string): FieldError {
  return { pointer: pointerTo([name]), detail: "unknown field" };
}

/** An issue of the JSON object itself means that a field is absent. */
function detailOf(issue: v.BaseIssue<unknown>): string {
  return issue.type === "object" ? "required" : issue.message;
}

/** One error to fix. A body field has a JSON pointer. A query parameter or header has its name. */
export type FieldError =
  | { pointer: string; detail: string }
  | { parameter: string; detail: string }
  | { header: string; detail: string };
