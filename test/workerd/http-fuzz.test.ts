// Random requests to every route: wrong types, sizes, encodings, unknown members, control characters, all callers. None
// causes an error of the Worker. A refusal changes nothing, and only an operator changes anything.
import { runInDurableObject } from "cloudflare:test";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { BackfillRun } from "../../durable-objects/backfill-run/backfill-run.ts";
import { ROUTE_NAMES, type RouteName } from "../../src/http/route-table.ts";
import { FIELD_TEXTS } from "../../local/openapi/field-texts.ts";
import { ROUTE_DOCS } from "../../local/openapi/route-docs.ts";
import { ApiUnderTest, TOKEN, type Ask } from "../support/api-under-test.ts";
import { ONE_OF, aTeam, through, tokens } from "../support/callers.ts";
import { bodyOf, queryOf } from "../support/from-document.ts";
import { wantedRun } from "../support/registry-fixtures.ts";
import { admitted } from "../support/registry-under-test.ts";

const api = new ApiUnderTest();
beforeEach(() => api.setUp());
afterEach(() => api.tearDown());
const MAX_REFUSAL_BYTES = 16_384;
const DEEP = "[".repeat(3_000) + "]".repeat(3_000);
let errorLines: string[] = [];
beforeEach(() => {
  errorLines = [];
  const page = { ok: true as const, page: { items: [], next_cursor: null } };
  // The ledger ends with its first page.
  vi.spyOn(BackfillRun.prototype, "listFiles").mockResolvedValue(page);
  vi.spyOn(BackfillRun.prototype, "listBatches").mockResolvedValue(page);
  vi.spyOn(console, "error").mockImplementation((line: string) => void errorLines.push(line));
});

/** Every row of the registry, and what the runs were asked to do. */
async function state(): Promise<string> {
  const rows = await runInDurableObject(api.stub, (_object, { storage: { sql } }) => {
    const tables = sql.exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'").toArray(); // prettier-ignore
    return tables.map(({ name }) => [name, sql.exec(`SELECT * FROM "${name}"`).toArray()]);
  });
  return JSON.stringify([rows, api.commands.length, api.aborts.length, api.runs.started.length]);
}

const WINDOW = { start: "2030-04-22T14:00:00Z", end: "2030-04-22T15:00:00Z" };
const MEMBERS = Object.keys(FIELD_TEXTS);
const aValue = fc.oneof(
  fc.constantFrom<unknown>(
    null, true, 0, -1, 1.5, 2 ** 53, 1e308, "", " ", "\u0000", "a\u0007b", "a\u202eb", "a\u2028b", "\ud800", "1e999",
    "x".repeat(5_000), "😀".repeat(600), [], [[]], [null], {}, { toString: 1 }, { length: -1 }, [WINDOW, WINDOW],
    Array.from({ length: 600 }, () => WINDOW), "2030-04-22T14:00:00+99:99", "0000-01-01T00:00:00Z", "P1D", "-1h", "NaN",
  ), // prettier-ignore
  fc.jsonValue({ maxDepth: 3 }),
);
const aMember = fc.oneof(
  { arbitrary: fc.constantFrom(...MEMBERS), weight: 4 },
  fc.constantFrom("__proto__", "constructor", "", "Start", "start ", "st\u0000art", "x".repeat(3_000)),
);
/** A body that fits the document, with members replaced, added or removed. */
function mutantOf(body: fc.Arbitrary<object>): fc.Arbitrary<string> {
  const changes = fc.array(fc.tuple(aMember, fc.option(aValue, { nil: undefined })), { maxLength: 3 });
  return fc.tuple(body, changes).map(([whole, changed]) => JSON.stringify({ ...whole, ...Object.fromEntries(changed) })); // prettier-ignore
}

const anEncoding = fc.constantFrom("utf8", "utf8", "utf8", "utf8", "bom", "utf16", "latin1", "cut", "gzip");

function aBody(route: RouteName): fc.Arbitrary<string | Uint8Array> {
  const fitting = bodyOf(route) ?? fc.constant<object>({ note: "x" });
  const text = fc.oneof(
    { arbitrary: mutantOf(fitting), weight: 4 },
    { arbitrary: fitting.map((body) => JSON.stringify(body)), weight: 4 },
    { arbitrary: fc.constant(""), weight: 2 },
    fc.constantFrom("", DEEP, `{"note":${DEEP}}`, "{", "null", '{"note":"x","note":"y"}', '{"max_in_flight":1e999}', '{"__proto__":1}', "x".repeat(65_537)), // prettier-ignore
    fc.string({ maxLength: 60 }),
  );
  return fc.tuple(text, anEncoding).map(([body, encoding]) => encoded(body, encoding));
}

function encoded(text: string, encoding: string): string | Uint8Array {
  const bytes = new TextEncoder().encode(text);
  switch (encoding) {
    case "bom":
      return new Uint8Array([0xef, 0xbb, 0xbf, ...bytes]);
    case "utf16":
      return new Uint8Array([0xff, 0xfe, ...[...bytes].flatMap((byte) => [byte, 0])]);
    case "latin1":
      return new Uint8Array([...bytes.slice(0, -1), 0xe9, 0xff, ...bytes.slice(-1)]);
    case "cut":
      return bytes.slice(0, Math.max(0, bytes.length - 1));
    case "gzip":
      return new Uint8Array([0x1f, 0x8b, 8, 0, ...bytes]);
    default:
      return text;
  }
}

const aWord = fc.oneof(fc.string({ maxLength: 20 }), fc.string({ unit: "binary", maxLength: 8 }).map((text) => encodeURIComponent(text.toWellFormed()))); // prettier-ignore
/** Names of parameters, also of other routes. */
const PARAMETERS = [
  ...new Set(Object.values(ROUTE_DOCS).flatMap(({ query = {} }) => Object.keys(query))),
  "x",
];

function aQuery(route: RouteName): fc.Arbitrary<string> {
  return fc.oneof(
    { arbitrary: queryOf(route), weight: 4 },
    { arbitrary: fc.constant(""), weight: 1 },
    fc.constantFrom("limit=1&limit=2", "cursor=%ff%fe", "cursor=MTIz", "%=%", "&&&", "a=1".repeat(900), "a".repeat(16_384)), // prettier-ignore
    fc.tuple(fc.constantFrom(...PARAMETERS), aWord).map(([name, value]) => `${name}=${value}`),
  );
}

const aSegment = fc.oneof(
  fc.constantFrom("1", "0", "-1", "1e3", "9".repeat(400), "%", "%2", "%2e%2e", "%00", "%0d%0a", "%ff", "..", "__proto__", "constructor", "%F0%9F%98%80", "%ED%A0%80", "a".repeat(4_000)),
  aWord,
); // prettier-ignore
/** The usual value in three of four cases. */
function mostly<Usual, Other>(usual: Usual, other: fc.Arbitrary<Other>): fc.Arbitrary<Usual | Other> {
  return fc.oneof({ arbitrary: fc.constant(usual), weight: 3 }, other);
}

const hostileHeaders = fc.record(
  {
    "X-Actor": fc.oneof(fc.constantFrom("li.wei", "", "x".repeat(101), "x".repeat(30_000)), fc.string({ maxLength: 10 })), // prettier-ignore
    "Idempotency-Key": fc.oneof(fc.constantFrom("k", "", "x".repeat(300)), fc.string({ maxLength: 5 })),
    "Content-Type": fc.constantFrom("application/json", "text/plain; charset=utf-16", "multipart/form-data", ""), // prettier-ignore
    "Content-Encoding": fc.constantFrom("gzip", "identity"),
    "Sec-Fetch-Site": fc.constantFrom("same-origin", "cross-site", "none", "x"),
    Origin: fc.constantFrom("http://api.test", "https://evil.test", "null", "%"),
    Cookie: fc.constantFrom("CF_Authorization=x", "c=".padEnd(16_384, "x"), "c=".padEnd(16_385, "x")),
    "X-HTTP-Method-Override": fc.constantFrom("DELETE", "POST"),
  },
  { requiredKeys: [] },
);

const someHeaders = mostly({}, hostileHeaders);

const CALLERS = ["operator", "operator", "operator", "operator", "viewer", "metrics", "none", "wrong", "basic", "access-operator", "access-viewer", "access-stranger", "access-forged"] as const; // prettier-ignore
type CallerName = (typeof CALLERS)[number];

/** Every caller as the part of a request that says who asks. */
async function everyCaller(): Promise<Record<CallerName, Ask>> {
  const team = await aTeam();
  const API_TOKENS = await tokens();
  const operator = await through(team, ONE_OF.operator);
  const env = { ...operator.env, API_TOKENS };
  const byAccess = async (payload: object): Promise<Ask> => ({
    ...(await through(team, { ...payload })),
    env,
  });
  const forged = { "Cf-Access-Jwt-Assertion": "eyJhbGciOiJub25lIn0.e30." };
  return {
    operator: { token: TOKEN, env },
    viewer: { token: "secret-viewer", env },
    metrics: { token: "secret-metrics", env },
    none: { token: null, env },
    wrong: { token: "wrong", env },
    basic: { token: null, headers: { Authorization: "Basic eDp5" }, env },
    "access-operator": await byAccess(ONE_OF.operator),
    "access-viewer": await byAccess(ONE_OF.viewer),
    "access-stranger": await byAccess({ email: "x@elsewhere.test" }),
    "access-forged": { token: TOKEN, headers: forged, env },
  };
}

it("answers any request without a fault, and only an operator's accepted request changes anything", async () => {
  const id = admitted(await api.api.admit(wantedRun(), null));
  const callers = await everyCaller();
  const aRequest = (route: RouteName) => ({
    route: fc.constant(route),
    method: mostly(null, fc.constantFrom("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND")), // prettier-ignore
    segment: mostly(null, aSegment),
    unknown: mostly(null, aSegment),
    query: aQuery(route),
    body: aBody(route),
    headers: someHeaders,
    caller: fc.constantFrom(...CALLERS),
  });
  const request = fc.constantFrom(...ROUTE_NAMES).chain((route) => fc.record(aRequest(route)));
  const seen = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(request, async (one) => {
      const [usual = "", template = ""] = one.route.split(" ");
      const method = one.method ?? usual;
      const path = template.replace(":id", one.unknown ?? id).replace(/:(file|batch)/, one.segment ?? "1"); // prettier-ignore
      const given = Object.entries(one.headers).filter(([, value]) => isHeaderValue(value ?? ""));
      const { headers: credentials = {}, ...caller } = callers[one.caller];
      const before = await state();
      errorLines = [];
      const answer = await api.ask(`${path}${one.query && `?${one.query}`}`, {
        ...caller,
        method,
        headers: { ...(Object.fromEntries(given) as Record<string, string>), ...credentials },
        ...(!["GET", "HEAD"].includes(method) && one.body.length > 0 && { body: one.body }),
      });
      const said = `${one.caller} ${method} ${path.slice(0, 100)} → ${answer.status} ${answer.text.slice(0, 300)}`;
      seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1);
      expect(answer.status, said).not.toBe(500);
      expect(errorLines, said).toEqual([]);
      expect(answer.headers.get("X-Content-Type-Options"), said).toBe("nosniff");
      if (answer.status >= 400) {
        expect(answer.text.length, said).toBeLessThan(MAX_REFUSAL_BYTES);
        if (method !== "HEAD") expect(answer.json, said).toMatchObject({ status: answer.status });
      }
      if (answer.status >= 400 || !one.caller.endsWith("operator")) expect(await state(), said).toBe(before);
    }),
    { numRuns: 700, seed: 14 },
  );
  // The requests get past the checks often enough. Rare answers have tests of their own.
  expect([...seen.keys()]).toEqual(expect.arrayContaining([200, 400, 401, 403, 404, 405, 422]));
});

function isHeaderValue(text: string): boolean {
  return /^[\x20-\x7e\x80-\xff]*$/.test(text) && text.trim() === text;
}
