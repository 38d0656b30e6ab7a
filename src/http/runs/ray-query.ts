// Reads which RayID GET /runs/:id/rays/:ray asks for, and where to look. Does no I/O.
import type { RayFilesQuery } from "../../contract/rays.ts";
import type { FieldError } from "../problems/field-errors.ts";
import { parseInstant } from "../requests/instant.ts";
import { badCursor, badParameters, type QueryAnswer } from "../requests/list-query.ts";

const MAX_CURSOR_CHARS = 40;

export interface RayQuery {
  rayId: string;
  files: RayFilesQuery;
}

/** `path`: the RayID as the path has it, with percent escapes. */
export function readRayQuery(path: string, search: URLSearchParams): QueryAnswer<RayQuery> {
  const errors = badParameters(search, ["at", "cursor"]);
  const rayId = decoded(path);
  if (rayId === null || !/^[ -~]{1,64}$/.test(rayId))
    errors.push({ parameter: "ray", detail: "expected a RayID of 1 to 64 printable ASCII characters" });
  const at = readAt(search.get("at"), errors);
  const cursor = search.get("cursor");
  if (cursor !== null && cursor.length > MAX_CURSOR_CHARS) errors.push(badCursor());
  if (rayId === null || errors.length > 0) return { ok: false, refusal: { code: "invalid_query", errors } };
  return { ok: true, query: { rayId, files: { at, cursor } } };
}

/** An instant that is copied from a log has fractions of a second. A search does not need the fractions, so they
 * are accepted and ignored. */
function readAt(text: string | null, errors: FieldError[]): number | null {
  if (text === null) return null;
  const instant = parseInstant(text.replace(/\.\d{1,9}(?=[Zz]|[+-]\d\d:\d\d$)/, ""));
  if (instant.ok) return instant.ms;
  // A plus sign in a query stands for a space.
  const hint = / \d\d:\d\d$/.test(text) ? "; write the + of an offset as %2B" : "";
  errors.push({ parameter: "at", detail: instant.detail + hint });
  return null;
}

function decoded(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}
