// Malformed requests to every route. Each is refused with a named problem. None causes an error of the Worker,
// changes anything, or gets an answer too large to read.
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BackfillRun } from "../../durable-objects/backfill-run/backfill-run.ts";
import { routes } from "../../src/http/router.ts";
import { ApiUnderTest, type Ask } from "../support/api-under-test.ts";
import { wantedRun } from "../support/registry-fixtures.ts";
import { admitted } from "../support/registry-under-test.ts";

const api = new ApiUnderTest();
beforeEach(() => api.setUp());
afterEach(() => api.tearDown());
const MAX_REFUSAL_BYTES = 16_384;
const BODY = { start: "2030-04-22T14:00:00Z", end: "2030-04-22T15:00:00Z" };
/** Every route, as a method and a path with parameters. */
const ROUTES = [
  ...routes.routes.map(([method, , , path]) => ({ method, path: path ?? "" })),
  { method: "GET", path: "/health" },
];
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

async function aRun(): Promise<string> {
  return admitted(await api.api.admit(wantedRun(), null));
}

function pathOf(template: string, id: string, number = "1"): string {
  return template.replace(":id", id).replace(/:(file|batch)/, number);
}

describe("every route", () => {
  it("is in the table that this test walks", () => {
    expect(ROUTES.length).toBeGreaterThan(20);
    expect(ROUTES).toContainEqual({ method: "POST", path: "/runs/:id/files/:file/retry" });
  });

  it.each(ROUTES)("refuses unknown parameters on $method $path", async ({ method, path }) => {
    const id = await aRun();
    const ask: Ask = { method, ...(method === "POST" && { body: path === "/runs" ? BODY : {} }) };
    for (const query of ["dry_run=true", "dry_run=", "__proto__=1", "constructor", "%00=1", "=1"]) {
      const answer = await api.ask(`${pathOf(path, id)}?${query}`, ask);
      expect(answer, query).toMatchObject({ status: 422, json: { code: "invalid_query" } });
    }
    expect([api.commands, api.aborts, await api.everyRun()]).toMatchObject([[], [], [{ id }]]);
  });

  it.each(ROUTES.filter(({ method }) => method !== "GET"))(
    "refuses bodies that make no sense, and one that breaks off, on $method $path",
    async ({ method, path }) => {
      const id = await aRun();
      const bodies = [
        DEEP, `{"note":${DEEP}}`, '{"note":"a","note":"b"}', '{"__proto__":{"note":"x"}}', '{"constructor":1}',
        '{"note":"\\ud800"}', '{"note":1e999}', '{"continue_of":[[[]]]}', '{"continue_of":{"toString":1}}',
        '{"start":1e999}', "\ufeff", "null", "[]", '"{}"', "1e999", "{", "\u0000",
      ]; // prettier-ignore
      for (const body of bodies) {
        const headers = { "Idempotency-Key": "k" };
        const answer = await api.ask(pathOf(path, id), { method, body, headers });
        expect([400, 422], `${body.slice(0, 40)} → ${answer.text}`).toContain(answer.status);
        expect(answer.text.length).toBeLessThan(MAX_REFUSAL_BYTES);
      }
      expect([api.commands, api.aborts, await api.everyRun()]).toMatchObject([[], [], [{ id }]]);
      expect(errorLines).toEqual([]);
    },
  );
});

describe("a refusal", () => {
  it("names the first faults and counts the others", async () => {
    const query = Array.from({ length: 1_500 }, (_, n) => `p${n}=1`).join("&");
    const answer = await api.ask(`/runs?${query}`);
    expect(answer).toMatchObject({ status: 422, json: { errors_left_off: 1_480 } });
    expect(answer.json.errors).toHaveLength(20);
    expect(answer.text.length).toBeLessThan(MAX_REFUSAL_BYTES);

    const members = Object.fromEntries(Array.from({ length: 4_000 }, (_, n) => [`m${n}`, 1]));
    expect((await api.post(members)).text.length).toBeLessThan(MAX_REFUSAL_BYTES);
  });

  it("cuts what it repeats, and never within a character", async () => {
    const long = "😀".repeat(1_300);
    for (const answer of [
      await api.post({ [long]: 1 }),
      await api.ask(`/runs?${encodeURIComponent(long)}=1`),
      await api.ask(`/runs/x/files?state=${encodeURIComponent(long)}`),
      await api.ask(`/runs/${encodeURIComponent(long)}`),
      await api.post({ continue_of: long }),
    ]) {
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.text.length).toBeLessThan(MAX_REFUSAL_BYTES);
      expect(answer.text.isWellFormed()).toBe(true);
      expect(answer.text).not.toContain("\\ud83d");
    }
  });
});

const JSON_TEXTS = [
  "", "{}", DEEP, "{", "null", '{"note":"x"}', '{"note":"x","note":"y"}', '{"force":true}', '{"outcome":"resend"}',
  '{"continue_of":[]}', '{"codes":["late_files"]}', '{"max_in_flight":1e999}', JSON.stringify(BODY), '{"__proto__":1}',
  "x".repeat(65_537), '{"answers":"success"}', '{"replay":"yes"}', '{"rate":null}', '{"start":"2030-04-22T14:00:00.0Z"}',
]; // prettier-ignore
const aBody = fc.oneof(
  fc.constantFrom(...JSON_TEXTS),
  fc.json({ maxDepth: 4 }),
  fc.string({ maxLength: 60 }),
);
const aText = fc.oneof(fc.string({ maxLength: 20 }), fc.string({ unit: "binary", maxLength: 8 }).map((text) => encodeURIComponent(text.toWellFormed()))); // prettier-ignore
const aQuery = fc.oneof(
  fc.constant(""),
  fc.constantFrom("limit=5", "limit=1&limit=2", "cursor=%ff%fe", "cursor=MTIz", "state=failed", "view=raw", "force=true", "force=false", "%=%", "&&&", "a=1".repeat(900)),
  fc.tuple(fc.constantFrom("limit", "cursor", "state", "since", "until", "stage", "exceptions", "view", "force", "x"), aText).map(([name, value]) => `${name}=${value}`),
); // prettier-ignore
const aSegment = fc.oneof(
  fc.constantFrom("1", "0", "-1", "1e3", "9".repeat(400), "%", "%2", "%2e%2e", "%00", "%ff", "..", "__proto__", "constructor", "%F0%9F%98%80", "%ED%A0%80", "a".repeat(4_000)),
  aText,
); // prettier-ignore
const headers = fc.record(
  {
    "X-Actor": fc.oneof(fc.constantFrom("li.wei", "", " ", "x".repeat(30_000)), fc.string({ maxLength: 10 })),
    "Idempotency-Key": fc.oneof(fc.constantFrom("k", "", "x".repeat(300)), fc.string({ maxLength: 5 })),
    "Content-Type": fc.constantFrom(
      "application/json",
      "text/plain; charset=utf-16",
      "multipart/form-data",
      "",
    ),
    "Cf-Access-Jwt-Assertion": fc.constantFrom("a.b.c", "..", "eyJhbGciOiJub25lIn0.e30.", "x".repeat(9_000)),
  },
  { requiredKeys: [] },
);

it("answers any request without a fault, and a refusal changes nothing", async () => {
  const id = await aRun();
  const request = fc.record({
    route: fc.constantFrom(...ROUTES),
    method: fc.option(fc.constantFrom("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"), { nil: null, freq: 3 }), // prettier-ignore
    segment: fc.option(aSegment, { nil: null }),
    unknown: fc.option(aSegment, { nil: null, freq: 6 }),
    query: aQuery,
    body: aBody,
    headers,
    token: fc.constantFrom(undefined, undefined, null, "", "wrong", "é"),
  });
  await fc.assert(
    fc.asyncProperty(request, async (one) => {
      const method = one.method ?? one.route.method;
      const path = pathOf(one.route.path, one.unknown ?? id, one.segment ?? "1");
      const before = [api.commands.length, api.aborts.length, (await api.everyRun()).length];
      errorLines = [];
      const sent = Object.fromEntries(
        Object.entries(one.headers).filter(([, value]) => isHeaderValue(value ?? "")),
      ) as Record<string, string>;
      const answer = await api.ask(`${path}${one.query && `?${one.query}`}`, {
        method,
        headers: sent,
        ...(!["GET", "HEAD"].includes(method) && one.body !== "" && { body: one.body }),
        ...(one.token !== undefined && { token: one.token === "é" ? "wrong" : one.token }),
      });
      const said = `${method} ${path.slice(0, 100)} → ${answer.status} ${answer.text.slice(0, 300)}`;
      expect(answer.status, said).not.toBe(500);
      expect(errorLines, said).toEqual([]);
      if (answer.status < 400) return;
      expect(answer.text.length, said).toBeLessThan(MAX_REFUSAL_BYTES);
      const after = [api.commands.length, api.aborts.length, (await api.everyRun()).length];
      expect(after, said).toEqual(before);
      if (method !== "HEAD") expect(answer.json, said).toMatchObject({ status: answer.status });
    }),
    { numRuns: 400, seed: 10 },
  );
});

function isHeaderValue(text: string): boolean {
  return /^[\x20-\x7e\x80-\xff]*$/.test(text) && text.trim() === text;
}
