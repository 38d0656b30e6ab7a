// Tests which requests are let in, and which are refused: tokens, routes, methods, configuration, thrown errors.
import { exports } from "cloudflare:workers";
import { listDurableObjectIds } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RunRegistry } from "../../durable-objects/run-registry/run-registry.ts";
import { ApiUnderTest, TOKEN } from "../support/api-under-test.ts";
import { wantedRun } from "../support/registry-fixtures.ts";
import { admitted, NOW } from "../support/registry-under-test.ts";

const api = new ApiUnderTest();
beforeEach(() => api.setUp());
afterEach(() => api.tearDown());
const ROUTES: [string, string][] = [
  ["POST", "/runs"],
  ["GET", "/runs"],
  ["GET", "/runs/x"],
  ["GET", "/runs/x/files"],
  ["GET", "/runs/x/batches"],
  ["GET", "/runs/x/events"],
  ["GET", "/runs/x/ledger"],
  ["DELETE", "/runs/x"],
  ["PATCH", "/runs/x"],
  ["POST", "/runs/x/accept"],
  ["POST", "/runs/x/batches/1/resolve"],
  ["GET", "/nowhere"],
];

describe("access", () => {
  it.each(ROUTES)("refuses %s %s without the right token, whatever may exist there", async (method, path) => {
    const compared = vi.spyOn(crypto.subtle, "timingSafeEqual");
    const without = await api.ask(path, { method, token: null });
    expect(without).toMatchObject({ status: 401, json: { code: "unauthorized" } });
    expect(without.headers.get("WWW-Authenticate")).toBe('Bearer realm="backfill"');
    expect(compared).not.toHaveBeenCalled();
    for (const token of ["wrong", `${TOKEN}x`, TOKEN.slice(0, -1), TOKEN.toUpperCase()]) {
      const answer = await api.ask(path, { method, token });
      expect(answer, token).toMatchObject({ status: 401, json: { code: "unauthorized" } });
      expect(answer.headers.get("WWW-Authenticate")).toContain("invalid_token");
    }
    // The tokens differ in length. Their digests are compared in constant time all the same.
    expect(compared).toHaveBeenCalledTimes(4);
  });

  it.each(ROUTES)("refuses %s %s to every caller while no token is configured", async (method, path) => {
    for (const API_TOKEN of [undefined, ""]) {
      for (const token of [TOKEN, "undefined", "null", null]) {
        const answer = await api.ask(path, { method, token, env: { API_TOKEN } });
        expect(answer).toMatchObject({ status: 403, json: { code: "api_token_not_configured" } });
      }
    }
  });

  it("takes the scheme in any case and nothing but Bearer", async () => {
    expect(
      (await api.ask("/runs", { token: null, headers: { Authorization: `bEARER ${TOKEN}` } })).status,
    ).toBe(200);
    expect(
      (await api.ask("/runs", { token: null, headers: { Authorization: `Basic ${TOKEN}` } })).status,
    ).toBe(401);
    expect((await api.ask("/runs", { token: null, headers: { Authorization: TOKEN } })).status).toBe(401);
  });

  it("answers /health to every caller and says only ok", async () => {
    const health = await api.ask("/health", { token: null, env: { API_TOKEN: undefined } });
    expect([health.status, health.text]).toEqual([200, '{"ok":true}\n']);
  });

  it("is checked by the Worker's entry module too", async () => {
    expect((await exports.default.fetch("http://api.test/health")).status).toBe(200);
    expect((await exports.default.fetch("http://api.test/runs")).status).toBe(401);
    const listed = await exports.default.fetch("http://api.test/runs", {
      headers: { Authorization: `Bearer ${TOKEN}` },
    });
    expect([listed.status, await listed.json()]).toEqual([
      200,
      { items: expect.any(Array), next_cursor: null },
    ]);
  });
});

describe("every request", () => {
  it.each(["/health", "/runs", "/nowhere"])(
    "pokes the registry (%s), because its alarm may be lost",
    async (path) => {
      admitted(await api.api.admit(wantedRun(), null));
      await api.setAlarm(null);
      await api.ask(path);
      expect(await api.alarmAt()).toBeGreaterThan(NOW);
    },
  );

  it("touches no object when it has no right token", async () => {
    const before = (await listDurableObjectIds(env.RUN_REGISTRY)).length;
    await api.ask("/runs", { token: "wrong" });
    expect(await listDurableObjectIds(env.RUN_REGISTRY)).toHaveLength(before);
  });

  it("is answered even when the poke fails", async () => {
    const silenced = vi.spyOn(console, "error").mockReturnValue();
    vi.spyOn(RunRegistry.prototype, "poke").mockRejectedValue(new Error("down"));
    expect((await api.ask("/health")).status).toBe(200);
    expect(silenced.mock.calls.flat().join()).toContain("http.poke_failed");
  });
});

describe("a request that fits no route", () => {
  it("gets 404 when its path is unknown", async () => {
    for (const path of ["/run", "/runs/x/y", "/runs/x/files/1", "/runs/x/files/1/resolve", "/runs/x/late"]) {
      expect(await api.ask(path), path).toMatchObject({ status: 404, json: { code: "no_such_route" } });
    }
  });

  it.each([
    ["PUT", "/runs", "POST, GET, HEAD"],
    ["POST", "/runs/x", "GET, HEAD, DELETE, PATCH"],
    ["GET", "/runs/x/pause", "POST"],
    ["PATCH", "/runs/x/files/1/accept", "POST"],
    ["DELETE", "/runs/x/files", "GET, HEAD"],
    ["POST", "/health", "GET, HEAD"],
  ])(
    "is refused by its method: %s %s is answered with the methods that the route takes",
    async (method, path, allow) => {
      const answer = await api.ask(path, { method });
      expect([answer.status, answer.json.code, answer.headers.get("Allow")]).toEqual([
        405,
        "method_not_allowed",
        allow,
      ]);
    },
  );

  it("is answered for HEAD like GET, without the body", async () => {
    const head = await api.ask("/runs", { method: "HEAD" });
    expect([head.status, head.text, head.headers.get("Content-Type")]).toEqual([
      200,
      "",
      "application/json; charset=utf-8",
    ]);
    expect((await api.ask("/health", { method: "HEAD", token: null })).status).toBe(200);
  });
});

describe("a problem", () => {
  it("has the members of RFC 9457 and its media type", async () => {
    const { headers, json } = await api.ask("/nowhere");
    expect(headers.get("Content-Type")).toBe("application/problem+json");
    expect(headers.get("Cache-Control")).toBe("no-store");
    expect(json).toEqual({
      type: "urn:ctyun-logpush-backfill:problem:no_such_route",
      title: "No such route",
      status: 404,
      detail: "docs/reference/http-api.md lists the routes",
      code: "no_such_route",
    });
  });

  it("names a bad var but not its value, and only to those with the token", async () => {
    vi.spyOn(console, "error").mockReturnValue();
    const changes = { BATCH_SIZE: "sekret-1", CTYUN_ENDPOINT: "sekret-2" };
    const answer = await api.ask("/runs", { env: changes });
    expect(answer).toMatchObject({ status: 500, json: { code: "bad_configuration" } });
    expect(answer.json.vars.map((fault: { name: string }) => fault.name)).toEqual([
      "BATCH_SIZE",
      "CTYUN_ENDPOINT",
    ]);
    expect(answer.text).not.toContain("sekret");
    expect((await api.ask("/runs", { token: "wrong", env: changes })).status).toBe(401);
    const health = await api.ask("/health", { token: null, env: changes });
    expect([health.status, health.text]).toEqual([500, '{"ok":false}\n']);
  });

  it("never shows what was thrown, which is in the log", async () => {
    const logged = vi.spyOn(console, "error").mockReturnValue();
    vi.spyOn(RunRegistry.prototype, "list").mockRejectedValue(new Error("sekret of the store"));
    const answer = await api.ask("/runs");
    expect(answer).toMatchObject({ status: 500, json: { code: "internal_error" } });
    expect(answer.text).not.toContain("sekret");
    expect(logged.mock.calls.flat().join()).toContain("sekret of the store");
  });
});
