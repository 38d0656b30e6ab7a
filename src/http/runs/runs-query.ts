// Reads the query of GET /runs. Does no I/O.
import { STAGES } from "../../contract/states.ts";
import type { RunsFilter, RunsQuery } from "../../contract/registry.ts";
import { parseInstant } from "../requests/instant.ts";
import { badParameters, readListQuery, type QueryAnswer, wrongChoices } from "../requests/list-query.ts";
import type { FieldError } from "../problems/field-errors.ts";
import { RECEIVER } from "../requests/receiver-query.ts";

const FILTERS = ["stage", "since", "until", "exceptions", RECEIVER] as const;

/** Reads ?stage=a,b&since=&until=&exceptions=&limit=&cursor= . The caller reads ?receiver= . */
export function readRunsQuery(search: URLSearchParams): QueryAnswer<RunsQuery> {
  const listed = readListQuery(search, null, FILTERS);
  const errors = listed.ok || !("errors" in listed.refusal) ? [] : [...listed.refusal.errors];
  const filter: RunsFilter = {};
  const stages = search.get("stage")?.split(",");
  if (stages) {
    errors.push(...wrongChoices("stage", stages, STAGES));
    filter.stages = stages;
  }
  for (const name of ["since", "until"] as const) {
    const text = search.get(name);
    if (text === null) continue;
    const instant = parseInstant(text);
    if (instant.ok) filter[name] = instant.ms;
    else errors.push(badInstant(name, text, instant.detail));
  }
  const { since, until } = filter;
  if (since !== undefined && until !== undefined && since > until) {
    errors.push({ parameter: "until", detail: "is before since" });
  }
  const exceptions = search.get("exceptions");
  if (exceptions !== null) {
    errors.push(...wrongChoices("exceptions", [exceptions], ["true", "false"]));
    filter.exceptions = exceptions === "true";
  }
  if (!listed.ok || errors.length > 0) return { ok: false, refusal: { code: "invalid_query", errors } };
  const { cursor, limit } = listed.query;
  return { ok: true, query: { cursor, limit, ...filter } };
}

/** Reads ?since= of a run's series. Null: all points. */
export function readSince(search: URLSearchParams): QueryAnswer<number | null> {
  const errors = badParameters(search, ["since"]);
  const text = search.get("since");
  const instant = text === null ? null : parseInstant(text);
  if (text !== null && instant?.ok === false) errors.push(badInstant("since", text, instant.detail));
  if (errors.length > 0) return { ok: false, refusal: { code: "invalid_query", errors } };
  return { ok: true, query: instant?.ok ? instant.ms : null };
}

/** A plus sign in a query stands for a space. */
export function badInstant(parameter: string, text: string, detail: string): FieldError {
  const hint = / \d\d:\d\d$/.test(text) ? "; write the + of an offset as %2B" : "";
  return { parameter, detail: detail + hint };
}
