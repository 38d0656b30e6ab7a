// Checks an answer of the API against the OpenAPI document. Ajv compiles code, so this runs in Node only. In workerd
// answer-check.ts does the same with the schemas themselves.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { DIST_DIR } from "../../local/build/dist-dir.ts";

export interface Content {
  [type: string]: { schema?: object };
}
export interface Operation {
  operationId: string;
  "x-needed-role"?: string;
  requestBody?: { content: { "application/json": { schema: object; example: unknown } } };
  responses: { [status: string]: { content?: Content; $ref?: string } };
}

/** The API document, as the build wrote it. vitest.config.ts builds before the tests. */
export const API = JSON.parse(readFileSync(join(DIST_DIR, "openapi.json"), "utf8")) as {
  paths: { [path: string]: { [method: string]: Operation } };
  components: { responses: { [name: string]: { content: Content } } };
};

const DOCUMENT = "http://api.test/openapi.json";
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema(API, DOCUMENT);
/** The compiled schemas, by the text of the schema. Compiling a schema takes longer than checking a value. */
const compiled = new Map<string, ValidateFunction>();

/** What keeps a value from fitting a schema of the document. Empty: it fits. */
export function misfits(schema: object, value: unknown): unknown[] {
  const text = JSON.stringify(schema).replaceAll('"#/', `"${DOCUMENT}#/`);
  const check = compiled.get(text) ?? ajv.compile(JSON.parse(text) as object);
  compiled.set(text, check);
  return check(value) ? [] : [...(check.errors ?? [])];
}

/** A path of the document, as a pattern of real paths. */
const PATTERNS = Object.keys(API.paths).map((path) => ({
  path,
  pattern: new RegExp(`^${path.replaceAll(/[.]/g, String.raw`\.`).replaceAll(/\{[a-z]+\}/g, "[^/]+")}$`),
}));
const REFUSED_ROUTES = new Set(["no_such_route", "method_not_allowed"]);

export interface Given {
  method: string;
  /** The path of the request, with or without its query. */
  path: string;
  status: number;
  contentType: string | null;
  text: string;
}

/** @throws Error when the document does not describe the answer. */
export function isDescribed(answer: Given): void {
  const faults = answerFaults(answer);
  if (faults.length === 0) return;
  const { method, path, status, text } = answer;
  const said = JSON.stringify(faults.slice(0, 5));
  throw new Error(
    `the API document does not describe ${method} ${path} → ${status}: ${said}\n${text.slice(0, 300)}`,
  );
}

/** What is wrong with an answer. Empty: the document describes it. */
function answerFaults({ method, path: asked, status, contentType, text }: Given): unknown[] {
  const path = asked.split("?")[0] ?? "";
  const type = contentType?.split(";")[0] ?? "";
  const found = PATTERNS.filter(({ pattern }) => pattern.test(path)).toSorted(
    (a, b) => a.path.split("{").length - b.path.split("{").length,
  )[0];
  const operation = found && API.paths[found.path]?.[method.toLowerCase()];
  const isRefusedRoute = type === "application/problem+json" && REFUSED_ROUTES.has(codeOf(text));
  if (operation === undefined || isRefusedRoute) {
    if (!isRefusedRoute) return [`${method} ${path} is not in the document`];
    return misfits({ $ref: "#/components/schemas/ProblemAnswer" }, JSON.parse(text));
  }
  const response = operation.responses[status];
  if (response === undefined)
    return [`${operation.operationId} has no answer ${status}: ${text.slice(0, 300)}`];
  const shared = response.$ref && API.components.responses[response.$ref.split("/").at(-1) ?? ""];
  const content = (shared || response).content?.[type];
  if (content === undefined) return [`${operation.operationId} ${status} has no content of type ${type}`];
  if (content.schema === undefined) return [];
  const values = type === "application/x-ndjson" ? text.trimEnd().split("\n") : [text];
  return values.flatMap((value) => misfits(content.schema ?? {}, JSON.parse(value)));
}

function codeOf(text: string): string {
  return (JSON.parse(text) as { code?: string }).code ?? "";
}
