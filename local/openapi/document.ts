// Builds the OpenAPI document from the route table, the descriptions of the routes, and the schemas. Does no I/O. The
// same code always gives the same document.
import { PROBLEM_STATUS, type ProblemCode } from "../../src/contract/api/problem.ts";
import { ROUTE_NAMES, ROUTE_TABLE, type RouteName } from "../../src/http/route-table.ts";
import { answerSchema, componentSchemas, nameOf } from "./components.ts";
import { EXAMPLES } from "./examples.ts";
import { bodySchema } from "./request-schemas.ts";
import { ANSWER_HEADERS, TAGS, type JsonSchema, type RouteDoc, type SuccessDoc } from "./route-doc.ts";
import { ROUTE_DOCS } from "./route-docs.ts";
import { problemsOf } from "./route-problems.ts";

const DESCRIPTION = `Replays historical Logpush logs from R2 to a partner, and accounts for every line.

Every route but \`GET /health\` needs a credential: a Bearer token, or a session of Cloudflare Access. \`x-needed-role\` names the
least role: \`viewer\` reads, \`operator\` also changes. \`HEAD\` is answered wherever \`GET\` is. Every refusal is
\`application/problem+json\` and changes nothing. A refused path or method is \`no_such_route\` (404) or \`method_not_allowed\` (405).`;

/** The schemas of the parameters in paths, such as `:id`. */
const PATH_PARAMETERS: { [name: string]: JsonSchema } = {
  run: { name: "id", description: "The id of the run.", schema: { $ref: "#/components/schemas/RunId" } },
  window: { name: "id", description: "The number of the window.", schema: { type: "integer", minimum: 1 } },
  file: {
    name: "file",
    description: "The number of the file in the run.",
    schema: { type: "integer", minimum: 1 },
  },
  batch: {
    name: "batch",
    description: "The number of the batch in the run.",
    schema: { type: "integer", minimum: 1 },
  },
  ray: {
    name: "ray",
    description: "The RayID as the log has it.",
    schema: { type: "string", pattern: "^[ -~]{1,64}$" },
  },
};

const ACTOR = {
  name: "X-Actor",
  in: "header",
  description: "The caller's name for the audit trail. A name that Access verified comes first.",
  schema: { type: "string", maxLength: 100 },
};
const IDEMPOTENCY_KEY = {
  name: "Idempotency-Key",
  in: "header",
  description: "A repeated request with this key and the same body gets the first answer again, for 24 h.",
  schema: { type: "string", pattern: "^[ -~]{1,255}$" },
};

export function openApiDocument(): { [member: string]: unknown } {
  const shared = sharedRefusals();
  const paths: { [path: string]: { [method: string]: object } } = {};
  for (const route of ROUTE_NAMES) {
    const [method = "", path = ""] = route.split(" ");
    const shown = path.replaceAll(/:([a-z]+)/g, "{$1}");
    paths[shown] = { ...paths[shown], [method.toLowerCase()]: operation(route, shared) };
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "ctyun-logpush-backfill",
      version: "0.1.0",
      summary: "Replays historical Logpush logs to a partner.",
      description: DESCRIPTION,
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/", description: "This deployment." }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    security: [{ bearer: [] }, { access: [] }],
    paths,
    components: {
      securitySchemes: {
        bearer: {
          type: "http",
          scheme: "bearer",
          description: "API_TOKEN, or a token of API_TOKENS with its role.",
        },
        access: {
          type: "apiKey",
          in: "header",
          name: "Cf-Access-Jwt-Assertion",
          description: "The assertion that Cloudflare Access adds. ACCESS_ROLES maps it to a role.",
        },
      },
      parameters: { XActor: ACTOR, IdempotencyKey: IDEMPOTENCY_KEY },
      headers: Object.fromEntries(
        Object.entries(ANSWER_HEADERS).map(([name, description]) => [
          name,
          { description, schema: { type: "string" } },
        ]),
      ),
      responses: Object.fromEntries(
        [...shared].map(([key, name]) => [name, refusal(...(JSON.parse(key) as [number, ProblemCode[]]))]),
      ),
      examples: Object.fromEntries(Object.entries(EXAMPLES).map(([name, value]) => [name, { value }])),
      schemas: componentSchemas(),
    },
  };
}

function operation(route: RouteName, shared: Shared): object {
  const { role, summary } = ROUTE_TABLE[route];
  const doc = ROUTE_DOCS[route];
  const { operationId, tag, description, body } = doc;
  return {
    operationId,
    summary,
    description,
    tags: [tag],
    ...(role === null ? { security: [] } : { "x-needed-role": role }),
    ...withParameters(route, doc),
    ...(body && {
      requestBody: {
        required: body.mayBeEmpty !== true,
        content: { "application/json": { schema: bodySchema(body), example: body.example } },
      },
    }),
    responses: responses(route, doc, shared),
  };
}

function withParameters(route: RouteName, { query = {}, isKeyed }: RouteDoc): { parameters?: object[] } {
  const inPath = [...route.matchAll(/:([a-z]+)/g)].map(([, name = ""]) => {
    const key = name === "id" ? (route.includes("/runs/") ? "run" : "window") : name;
    return { ...PATH_PARAMETERS[key], in: "path", required: true };
  });
  const inQuery = Object.entries(query).map(([name, { description, schema, isRequired, isList }]) => ({
    name,
    in: "query",
    description,
    ...(isRequired && { required: true }),
    ...(isList
      ? { schema: { type: "array", items: schema, minItems: 1 }, style: "form", explode: false }
      : { schema }),
  }));
  const inHeader = [
    ...(route.startsWith("GET ") && route !== "GET /me" ? [] : ["XActor"]),
    ...(isKeyed ? ["IdempotencyKey"] : []),
  ].map((name) => ({ $ref: `#/components/parameters/${name}` }));
  const parameters = [...inPath, ...inQuery, ...inHeader];
  return parameters.length > 0 ? { parameters } : {};
}

/** Names of refusals that several routes have in common. The key contains the status and the problem codes. */
type Shared = ReadonlyMap<string, string>;

function sharedRefusals(): Shared {
  const keys = ROUTE_NAMES.flatMap((route) => refusalsOf(route).map((refused) => JSON.stringify(refused)));
  const repeated = [...new Set(keys)].filter((key) => keys.filter((other) => other === key).length > 1);
  const byStatus = Map.groupBy(repeated.toSorted(), (key) => (JSON.parse(key) as [number])[0]);
  return new Map(
    [...byStatus].flatMap(([status, same]) =>
      same.map((key, n) => [key, `Problem${status}${n === 0 ? "" : `_${n + 1}`}`] as const),
    ),
  );
}

function refusalsOf(route: RouteName): [status: number, codes: ProblemCode[]][] {
  const byStatus = Map.groupBy(problemsOf(route), (code) => PROBLEM_STATUS[code]);
  return [...byStatus].toSorted(([a], [b]) => a - b);
}

function responses(route: RouteName, { answers }: RouteDoc, shared: Shared): { [status: string]: object } {
  const given = Object.entries(answers).map(([status, answer]) => [status, success(answer)] as const);
  return Object.fromEntries([
    ...given,
    ...refusalsOf(route).map(([status, codes]): [number, object] => {
      const answer = answers[status];
      if (answer) return [status, eitherOf(success(answer), refusal(status, codes))];
      const name = shared.get(JSON.stringify([status, codes]));
      return [
        status,
        name === undefined ? refusal(status, codes) : { $ref: `#/components/responses/${name}` },
      ];
    }),
  ]);
}

interface Response {
  description: string;
  content?: object;
  headers?: object;
}

function success(answer: SuccessDoc): Response {
  const { description, schema, contentType = "application/json", headers = [] } = answer;
  const name = schema === null ? undefined : nameOf(schema);
  return {
    description,
    ...(headers.length > 0 && {
      headers: Object.fromEntries(
        headers.map((header) => [header, { $ref: `#/components/headers/${header}` }]),
      ),
    }),
    content: {
      [contentType]: {
        ...(schema ? { schema: answerSchema(schema) } : {}),
        ...(name !== undefined &&
          name in EXAMPLES && { examples: { one: { $ref: `#/components/examples/${name}` } } }),
      },
    },
  };
}

/** Describes a status with which a route answers either normally or with a problem. An example is the 500 of /health. */
function eitherOf(answer: Response, refused: Response): Response {
  return {
    ...answer,
    description: `${answer.description} Or: ${refused.description}`,
    content: { ...answer.content, ...refused.content },
  };
}

function refusal(status: number, codes: readonly ProblemCode[]): Response {
  const names = codes.map((code) => `\`${code}\``).join(", ");
  return {
    description: `${names}.`,
    content: {
      "application/problem+json": {
        schema: {
          allOf: [{ $ref: "#/components/schemas/ProblemAnswer" }],
          properties: {
            status: { const: status, description: "The HTTP status of this answer." },
            code: { enum: codes, description: "The codes with which this route answers this status." },
          },
        },
        ...(codes.includes("invalid_body") && {
          examples: { one: { $ref: "#/components/examples/ProblemAnswer" } },
        }),
      },
    },
  };
}
