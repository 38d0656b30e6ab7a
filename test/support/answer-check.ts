// Checks an answer of the API against the schemas of the API document, in workerd. The schemas of JSON objects are
// closed, so a member that is not in the document fails the test. document-check.ts does the same in Node, with the
// document itself.
import { exports } from "cloudflare:workers";
import * as v from "valibot";
import { PROBLEM_STATUS, ProblemAnswer } from "../../src/contract/api/problem.ts";
import { ROUTE_NAMES, ROUTE_TABLE, type RouteName } from "../../src/http/route-table.ts";
import type { SuccessDoc } from "../../local/openapi/route-doc.ts";
import { ROUTE_DOCS } from "../../local/openapi/route-docs.ts";
import { problemsOf } from "../../local/openapi/route-problems.ts";

export interface Given {
  method: string;
  /** The path of the request, with or without its query. */
  path: string;
  status: number;
  contentType: string | null;
  text: string;
}

/** Sends a request to the Worker itself, with its real Durable Objects, and checks the answer. */
export async function askWorker(path: string, init: RequestInit = {}): Promise<Response> {
  const response = await exports.default.fetch(`http://api.test${path}`, init);
  const { status, headers } = response;
  const text = await response.clone().text();
  checkAnswer({ method: init.method ?? "GET", path, status, contentType: headers.get("Content-Type"), text });
  return response;
}

/** Sorted by the number of parameters. So `/windows/pause` is matched before `/windows/:id`, which would match it
 * too. */
const PATTERNS = ROUTE_NAMES.toSorted((a, b) => a.split(":").length - b.split(":").length).map((route) => {
  const [method = "", path = ""] = route.split(" ");
  const pattern = path.replaceAll(".", String.raw`\.`).replaceAll(/:[a-z]+/g, "[^/]+");
  return { route, method, pattern: new RegExp(`^${pattern}${isRouted(route) ? "/?" : ""}$`) };
});

/** The router takes a "/" at the end. /health is answered before the router. */
function isRouted(route: RouteName): boolean {
  return ROUTE_TABLE[route].role !== null;
}

/** @throws Error when the document does not describe the answer. */
export function checkAnswer({ method, path, status, contentType, text }: Given): void {
  const asked = method === "HEAD" ? "GET" : method;
  const { pathname } = new URL(`http://api.test${path}`);
  const route = PATTERNS.find((known) => known.method === asked && known.pattern.test(pathname))?.route;
  const said = `${method} ${pathname.slice(0, 100)} → ${status} ${text.slice(0, 300)}`;
  const type = contentType?.split(";")[0] ?? "";
  if (type === "application/problem+json") {
    if (method !== "HEAD") checkProblem(route, status, text, said);
    return;
  }
  // The page is no part of the API.
  if (/^\/(ui(\/.*)?)?$/.test(pathname)) return;
  if (route === undefined) throw new Error(`no route of the document: ${said}`);
  const { answers }: { answers: { [status: number]: SuccessDoc } } = ROUTE_DOCS[route];
  const answer = answers[status];
  if (answer === undefined) throw new Error(`the document has no answer ${status} of ${route}: ${said}`);
  const { schema, contentType: wanted = "application/json" } = answer;
  if (type !== wanted) throw new Error(`the document has ${wanted}, not ${type}: ${said}`);
  if (schema === null || method === "HEAD") return;
  const values = wanted === "application/x-ndjson" ? text.trimEnd().split("\n") : [text];
  for (const value of values) fits(schema, JSON.parse(value), said);
}

function checkProblem(route: RouteName | undefined, status: number, text: string, said: string): void {
  const { code } = fits(ProblemAnswer, JSON.parse(text), said);
  if (PROBLEM_STATUS[code] !== status) throw new Error(`the document has ${PROBLEM_STATUS[code]}: ${said}`);
  const isRefusedRoute = code === "no_such_route" || code === "method_not_allowed";
  if (isRefusedRoute || route === undefined) return;
  if (!problemsOf(route).includes(code)) throw new Error(`the document has no ${code} of ${route}: ${said}`);
}

function fits<const Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  said: string,
): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return parsed.output;
  const faults = parsed.issues.map((issue) => `${v.getDotPath(issue) ?? ""}: ${issue.message}`);
  throw new Error(`the document does not describe this answer: ${faults.join("; ")}\n${said}`);
}
