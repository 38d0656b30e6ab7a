// Schema issues → what a caller is told: which field, and what was expected of it. Pure.
import type * as v from "valibot";

export function fieldErrors(issues: readonly v.BaseIssue<unknown>[]): FieldError[] {
  return issues.map((issue) => {
    const keys = (issue.path ?? []).map((item) => String(item.key));
    return { pointer: pointerTo(keys), detail: detailOf(issue) };
  });
}

/** A JSON pointer (RFC 6901) as a URI fragment, as RFC 9457 shows them. */
export function pointerTo(keys: readonly string[]): string {
  const escaped = keys.map((key) =>
    encodeURIComponent(key.replaceAll("~", "~0").replaceAll("/", "~1").toWellFormed()),
  );
  return ["#", ...escaped].join("/");
}

/** A field directly in the body that no schema names. */
export function unknownField(name: string): FieldError {
  return { pointer: pointerTo([name]), detail: "unknown field" };
}

/** An issue of the object itself, rather than of a value in it, is a field that is absent. */
function detailOf(issue: v.BaseIssue<unknown>): string {
  return issue.type === "object" ? "required" : issue.message;
}

/** One thing to mend. A body's field is named by a JSON pointer, a query parameter or a header by its name. */
export type FieldError =
  | { pointer: string; detail: string }
  | { parameter: string; detail: string }
  | { header: string; detail: string };
