// The headers of every answer, and the limits of a request's parts. No page of another origin may read an answer.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BackfillRun } from "../../durable-objects/backfill-run/backfill-run.ts";
import { RunRegistry } from "../../durable-objects/run-registry/run-registry.ts";
import { MAX_ALL_HEADERS, MAX_HEADER, MAX_PATH, MAX_QUERY } from "../../src/http/requests/limits.ts";
import { routes } from "../../src/http/router.ts";
import { ApiUnderTest, type Answer, type Ask } from "../support/api-under-test.ts";
import { wantedRun } from "../support/registry-fixtures.ts";
import { admitted } from "../support/registry-under-test.ts";

const api = new ApiUnderTest();
beforeEach(() => api.setUp());
afterEach(() => api.tearDown());
const BODY = { start: "2030-04-22T14:00:00Z", end: "2030-04-22T15:00:00Z" };

function expectHeaders({ headers }: Answer, said: string): void {
  expect(Object.fromEntries(headers), said).toMatchObject({
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": expect.stringContaining("default-src 'none'"),
  });
  expect([...headers.keys()].filter((name) => name.startsWith("access-control-"))).toEqual([]);
  expect(headers.has("Set-Cookie")).toBe(false);
}

describe("every answer", () => {
  it("has the headers, on every route with and without a credential", async () => {
    const page = { ok: true as const, page: { items: [], next_cursor: null } };
    vi.spyOn(BackfillRun.prototype, "listFiles").mockResolvedValue(page);
    vi.spyOn(BackfillRun.prototype, "listBatches").mockResolvedValue(page);
    const id = admitted(await api.api.admit(wantedRun(), null));
    for (const [method, , , path = ""] of routes.routes) {
      const asked = path.replace(":id", id).replace(/:[a-z]+/, "1");
      expectHeaders(await api.ask(asked, { method }), `${method} ${path}`);
      expectHeaders(await api.ask(asked, { method, token: null }), `${method} ${path} without a token`);
    }
  });

  const cases: [string, string, Ask, number][] = [
    ["health", "/health", { token: null }, 200],
    ["HEAD", "/runs", { method: "HEAD" }, 200],
    ["a missing file of the page", "/ui/x.js", { token: null }, 404],
    ["an unknown path", "/nowhere", {}, 404],
    ["a wrong method", "/runs", { method: "PUT" }, 405],
    ["a closed API", "/runs", { env: { API_TOKEN: "" } }, 403],
    ["a large body", "/runs", { method: "POST", body: "x".repeat(65_537) }, 413],
    ["a bad body", "/runs", { method: "POST", body: "{" }, 400],
    ["a bad query", "/runs?x=1", {}, 422],
    ["a bad configuration", "/runs", { env: { BATCH_SIZE: "x" } }, 500],
    ["a bad configuration of health", "/health", { env: { BATCH_SIZE: "x" } }, 500],
    ["a long path", `/${"x".repeat(2_000)}`, {}, 414],
    ["large headers", "/runs", { headers: { "X-Actor": "x".repeat(20_000) } }, 431],
  ];
  it.each(cases)("has the headers: %s", async (_name, path, ask, status) => {
    vi.spyOn(console, "error").mockReturnValue();
    const answer = await api.ask(path, ask);
    expect(answer.status).toBe(status);
    expectHeaders(answer, path);
  });

  it("has the headers when the Worker fails, and when it starts a run", async () => {
    expectHeaders(await api.post(BODY), "201");
    vi.spyOn(console, "error").mockReturnValue();
    vi.spyOn(RunRegistry.prototype, "list").mockRejectedValue(new Error("down"));
    const failed = await api.ask("/runs");
    expect(failed.status).toBe(500);
    expectHeaders(failed, "500");
  });

  it.each(["/runs", "/me", "/health", "/ui/"])("grants no preflight on %s", async (path) => {
    const headers = { Origin: "https://evil.test", "Access-Control-Request-Method": "POST" };
    for (const token of [null, "test-token"]) {
      const answer = await api.ask(path, { method: "OPTIONS", headers, token });
      expect([401, 404, 405]).toContain(answer.status);
      expectHeaders(answer, path);
    }
  });
});

async function statusOf(path: string, headers: Record<string, string> = {}): Promise<number> {
  return (await api.ask(path, { headers })).status;
}

/** Headers of 10,000 characters each. */
function many(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [`x-${n}`, "x".repeat(10_000)]));
}

describe("the limits of a request", () => {
  it("refuse a path, a query and a header above the limit, and take the largest", async () => {
    expect(await statusOf(`/${"x".repeat(MAX_PATH - 1)}`)).toBe(404);
    expect(await statusOf(`/${"x".repeat(MAX_PATH)}`)).toBe(414);
    expect(await statusOf(`/runs?${"x".repeat(MAX_QUERY - 1)}`)).toBe(422);
    expect(await statusOf(`/runs?${"x".repeat(MAX_QUERY)}`)).toBe(414);
    expect(await statusOf("/runs", { Cookie: "x".repeat(MAX_HEADER) })).toBe(200);
    expect(await statusOf("/runs", { Cookie: "x".repeat(MAX_HEADER + 1) })).toBe(431);
    expect(await statusOf("/runs", many(6))).toBe(200);
    expect(await statusOf("/runs", many(Math.ceil(MAX_ALL_HEADERS / 10_000)))).toBe(431);
  });

  it("hold before the credential is looked at, and name the header", async () => {
    const digest = vi.spyOn(crypto.subtle, "digest");
    const answer = await api.ask("/runs", { token: "x".repeat(MAX_HEADER) });
    expect(answer).toMatchObject({ status: 431, json: { errors: [{ header: "authorization" }] } });
    expect(answer.text.length).toBeLessThan(1_000);
    expect(digest).not.toHaveBeenCalled();
  });
});
