// Refuses a request that is larger than any that a client needs, before any other code reads it.
import type { AccessRefusal } from "../problems/access-problems.ts";
import { MAX_ALL_HEADERS, MAX_HEADER, MAX_PATH, MAX_QUERY } from "./limits.ts";

/** The refusal of a request that is too large. Null: path, query and headers are within their limits. */
export function refuseSize({ pathname, search }: URL, headers: Headers): AccessRefusal | null {
  if (pathname.length > MAX_PATH) return tooLong("path", MAX_PATH);
  if (search.length > MAX_QUERY) return tooLong("query", MAX_QUERY);
  let sum = 0;
  for (const [name, value] of headers) {
    sum += name.length + value.length;
    if (value.length > MAX_HEADER) {
      const detail = `expected at most ${MAX_HEADER} characters`;
      return { code: "headers_too_large", header: name, detail };
    }
  }
  if (sum <= MAX_ALL_HEADERS) return null;
  const detail = `all headers together have at most ${MAX_ALL_HEADERS} characters`;
  return { code: "headers_too_large", header: null, detail };
}

function tooLong(part: string, most: number): AccessRefusal {
  return { code: "url_too_long", detail: `the ${part} of a URL has at most ${most} characters` };
}
