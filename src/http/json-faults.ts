// Finds mistakes that JSON.parse accepts silently: a member that appears twice, and excessive nesting. Does no I/O. The
// text is already known to be JSON. The function reads the text token by token, without recursion.
import { pointerTo, type FieldError } from "./field-errors.ts";

/** A valid body contains lists of texts inside one object. Recursive code over JSON needs a bound. */
const MAX_DEPTH = 16;

/** Matches a string or a bracket. If the string is the name of a member, its colon is part of the match. */
const TOKENS = /"(?:[^"\\]|\\.)*"(?:\s*(:))?|[{}[\]]/g;

/** The first fault in a JSON text. Null: no fault. */
export function faultOf(text: string): FieldError | null {
  const open: Set<string>[] = [];
  for (const [token, colon] of text.matchAll(TOKENS)) {
    if (token === "{" || token === "[") {
      open.push(new Set());
      if (open.length > MAX_DEPTH)
        return { pointer: "#", detail: `is nested deeper than ${MAX_DEPTH} levels` };
    } else if (token === "}" || token === "]") open.pop();
    else if (colon !== undefined) {
      const name = JSON.parse(token.slice(0, token.lastIndexOf('"') + 1)) as string;
      const names = open.at(-1);
      if (names?.has(name)) return { pointer: pointerTo([name]), detail: "is given twice" };
      names?.add(name);
    }
  }
  return null;
}
