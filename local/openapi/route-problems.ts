// Lists which problem codes a route can answer: the codes of all similar routes, and its own codes.
import type { ProblemCode } from "../../src/contract/api/problem.ts";
import { ROUTE_TABLE, type RouteName } from "../../src/http/route-table.ts";
import { ROUTE_DOCS } from "./route-docs.ts";

const EVERY_ROUTE: readonly ProblemCode[] = [
  "url_too_long",
  "headers_too_large",
  "invalid_query",
  "internal_error",
  "object_unavailable",
];
const WITH_CREDENTIAL: readonly ProblemCode[] = [
  "unauthorized",
  "assertion_refused",
  "api_token_not_configured",
  "not_allowed",
  "too_many_attempts",
  "access_unreachable",
  "bad_configuration",
];
const WITH_BODY: readonly ProblemCode[] = ["body_not_json", "body_too_large", "invalid_body"];
const CHANGES: readonly ProblemCode[] = ["cross_site", "invalid_header"];
/** Problem codes of every route about one run. `start_unconfirmed`: the registry lists the run, but the run has not
 * confirmed its start. */
const OF_A_RUN: readonly ProblemCode[] = ["unknown_run", "start_unconfirmed"];

/** Problems that have nothing to do with a single route. They concern the caller, the form of the request, or the
 * deployment. */
export const GENERAL_PROBLEMS = [...EVERY_ROUTE, ...WITH_CREDENTIAL, ...WITH_BODY, ...CHANGES];

/** The problem codes of a route, sorted by their HTTP status. */
export function problemsOf(route: RouteName): ProblemCode[] {
  const { role } = ROUTE_TABLE[route];
  const { body, problems } = ROUTE_DOCS[route];
  return [
    ...new Set([
      ...EVERY_ROUTE,
      ...(role === null ? [] : WITH_CREDENTIAL),
      ...(body ? WITH_BODY : []),
      ...(route.startsWith("GET ") ? [] : CHANGES),
      ...(route.includes("/runs/:id") ? OF_A_RUN : []),
      ...problems,
    ]),
  ];
}
