// What JSON.parse takes without a word and no caller can mean: a member that is given twice, and nesting without end.
// Pure. The text is JSON already: it is walked token by token, without recursion.
import { pointerTo, type FieldError } from "./field-errors.ts";

/** Bodies have lists of texts inside one object; code that recurses over JSON needs a bound. */
const MAX_DEPTH = 16;

/** A string, with the colon behind it if it names a member; or a bracket. */
const TOKENS = /"(?:[^"\\]|\\.)*"(?:\s*(:))?|[{}[\]]/g;

/** The first fault; null: none. */
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
