// Checks query parameters. Refuses unknown and repeated parameters: a misspelt filter must not show everything, and two
// values of one parameter contradict each other. Does no I/O.
import type { ListQuery } from "../../contract/run.ts";
import { parseInstant } from "./instant.ts";
import { PAGE_LIMIT } from "./limits.ts";
import type { FieldError } from "../problems/field-errors.ts";
import type { Refusal } from "../problems/problems.ts";

export type QueryAnswer<T> = { ok: true; query: T } | { ok: false; refusal: Refusal };

/** Reads ?state=a,b&limit=&cursor= . `states` lists the allowed states, or null when the route has no state
 * filter. The caller reads the parameters in `others`. */
export function readListQuery(
  search: URLSearchParams,
  states: readonly string[] | null,
  others: readonly string[] = [],
): QueryAnswer<ListQuery> {
  const errors = badParameters(search, [...(states ? ["state"] : []), ...others, "limit", "cursor"]);
  const wanted = search.get("state")?.split(",") ?? [];
  if (states !== null) errors.push(...wrongChoices("state", wanted, states));
  const limitText = search.get("limit") ?? String(PAGE_LIMIT.default);
  const limit = Number(limitText);
  if (!/^\d{1,4}$/.test(limitText) || limit < PAGE_LIMIT.min || limit > PAGE_LIMIT.max) {
    errors.push({
      parameter: "limit",
      detail: `expected a whole number from ${PAGE_LIMIT.min} to ${PAGE_LIMIT.max}`,
    });
  }
  const cursor = search.get("cursor");
  // Cursors are short. The list that issued the cursor checks everything else about it.
  if (cursor !== null && cursor.length > 1_000) errors.push(badCursor());
  return errors.length > 0 ? invalid(errors) : { ok: true, query: { states: wanted, limit, cursor } };
}

/** Reads the parameters of every list, and ?from=. For files, also reads ?start=&end=. */
export function readRowsQuery(
  search: URLSearchParams,
  states: readonly string[],
  withRange: boolean,
): QueryAnswer<ListQuery> {
  const listed = readListQuery(search, states, withRange ? ["from", "start", "end"] : ["from"]);
  const errors = listed.ok || !("errors" in listed.refusal) ? [] : [...(listed.refusal.errors ?? [])];
  const from = search.get("from");
  if (from !== null && !/^\d{1,15}$/.test(from))
    errors.push({ parameter: "from", detail: "expected the number of a row" });
  const range = withRange ? readRange(search) : { ok: true as const, query: null };
  if (!range.ok && "errors" in range.refusal) errors.push(...(range.refusal.errors ?? []));
  if (!listed.ok || !range.ok || errors.length > 0) return invalid(errors);
  return {
    ok: true,
    query: {
      ...listed.query,
      ...(from !== null && { from: Number(from) }),
      ...(range.query && { range: range.query }),
    },
  };
}

/** The longest range of a list of files. A longer one would collect too many files for one call. */
const MAX_RANGE_MS = 3_600_000;

function readRange(search: URLSearchParams): QueryAnswer<{ startMs: number; endMs: number } | null> {
  const [start, end] = [search.get("start"), search.get("end")];
  if (start === null && end === null) return { ok: true, query: null };
  const errors: FieldError[] = [];
  const instantOf = (parameter: "start" | "end", text: string | null): number => {
    const instant = text === null ? null : parseInstant(text);
    if (instant?.ok) return instant.ms;
    errors.push({ parameter, detail: instant?.detail ?? "start and end belong together" });
    return 0;
  };
  const [startMs, endMs] = [instantOf("start", start), instantOf("end", end)];
  if (errors.length === 0 && endMs <= startMs)
    errors.push({ parameter: "end", detail: "is not after start" });
  if (endMs - startMs > MAX_RANGE_MS && errors.length === 0)
    errors.push({ parameter: "end", detail: "is more than one hour after start" });
  return errors.length > 0 ? invalid(errors) : { ok: true, query: { startMs, endMs } };
}

/** A parameter with a few allowed values. Null when it is absent. Any other parameter is refused. */
export function readChoice<const Value extends string>(
  search: URLSearchParams,
  parameter: string,
  allowed: readonly Value[],
): QueryAnswer<Value | null> {
  const errors = badParameters(search, [parameter]);
  const given = search.get(parameter);
  const value = allowed.find((candidate) => candidate === given) ?? null;
  if (given !== null && value === null)
    errors.push({ parameter, detail: `expected ${allowed.join(" or ")}` });
  return errors.length > 0 ? invalid(errors) : { ok: true, query: value };
}

/** Reads one optional whole number. Any other parameter is refused. */
export function readCount(
  search: URLSearchParams,
  { parameter, min, max, default: absent }: { parameter: string; min: number; max: number; default: number },
): QueryAnswer<number> {
  const errors = badParameters(search, [parameter]);
  const text = search.get(parameter) ?? String(absent);
  const isNumber = /^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max;
  if (!isNumber) errors.push({ parameter, detail: `expected a whole number from ${min} to ${max}` });
  return errors.length > 0 ? invalid(errors) : { ok: true, query: Number(text) };
}

/** Refuses parameters of a route that has none. Null: the request has no parameters. */
export function refuseParameters(search: URLSearchParams): Refusal | null {
  const errors = badParameters(search, []);
  return errors.length > 0 ? { code: "invalid_query", errors } : null;
}

/** One error for each value that is not allowed. */
export function wrongChoices(parameter: string, wanted: string[], allowed: readonly string[]): FieldError[] {
  const wrong = wanted.filter((value) => !allowed.includes(value));
  const expected = allowed.join(", ");
  return wrong.map((value) => ({ parameter, detail: `${JSON.stringify(value)} is not one of ${expected}` }));
}

export function badCursor(): FieldError {
  return { parameter: "cursor", detail: "expected a next_cursor of this list" };
}

/** One error for each unknown or repeated parameter. */
export function badParameters(search: URLSearchParams, known: readonly string[]): FieldError[] {
  const unknown = new Set([...search.keys()].filter((name) => !known.includes(name)));
  const repeated = known.filter((name) => search.getAll(name).length > 1);
  return [
    ...[...unknown].map((parameter) => ({
      parameter,
      detail: `unknown; this route takes ${known.join(", ") || "none"}`,
    })),
    ...repeated.map((parameter) => ({ parameter, detail: "is given more than once" })),
  ];
}

function invalid(errors: FieldError[]): { ok: false; refusal: Refusal } {
  return { ok: false, refusal: { code: "invalid_query", errors } };
}
