// Reads JSON that a person wrote, and finds mistakes that JSON.parse accepts silently: a member that appears twice, of
// which JSON.parse keeps the last, and excessive nesting. Does no I/O.

/** A valid text has few levels. Recursive code over JSON needs a bound. */
const MAX_DEPTH = 16;

/** Matches a string or a bracket. If the string is the name of a member, its colon is part of the match. */
const TOKENS = /"(?:[^"\\]|\\.)*"(?:\s*(:))?|[{}[\]]/g;

export interface JsonFault {
  /** The member that appears twice. Null: the fault concerns the whole text. */
  member: string | null;
  detail: string;
}

/** The first fault in a text that JSON.parse accepts. Null: no fault. Reads the text token by token, without recursion. */
export function jsonFault(text: string): JsonFault | null {
  const open: Set<string>[] = [];
  for (const [token, colon] of text.matchAll(TOKENS)) {
    if (token === "{" || token === "[") {
      open.push(new Set());
      if (open.length > MAX_DEPTH)
        return { member: null, detail: `is nested deeper than ${MAX_DEPTH} levels` };
    } else if (token === "}" || token === "]") open.pop();
    else if (colon !== undefined) {
      const member = JSON.parse(token.slice(0, token.lastIndexOf('"') + 1)) as string;
      const members = open.at(-1);
      if (members?.has(member)) return { member, detail: "is given twice" };
      members?.add(member);
    }
  }
  return null;
}

/** The value of a var or a secret. Undefined: the text is not JSON, or has a fault. The parser's own message would quote
 * the text, which may be secret. */
export function jsonOf(text: string): unknown {
  try {
    const json: unknown = JSON.parse(text);
    return jsonFault(text) === null ? json : undefined;
  } catch {
    return undefined;
  }
}
