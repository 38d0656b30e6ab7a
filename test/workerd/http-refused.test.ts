// Callers without a valid credential, changes that come from another site, and failed authentications.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiUnderTest, TOKEN, type Answer, type Ask } from "../support/api-under-test.ts";
import { ACCESS_ROLES, ONE_OF, aTeam, through, tokens } from "../support/callers.ts";

const api = new ApiUnderTest();
beforeEach(() => api.setUp());
afterEach(() => api.tearDown());
const BODY = { start: "2030-04-22T14:00:00Z", end: "2030-04-22T15:00:00Z" };

describe("an invalid credential", () => {
  it("is refused on every request, although another credential would do", async () => {
    const team = await aTeam();
    const valid = await through(team, ONE_OF.operator);
    const late = await team.assertion({ payload: { ...ONE_OF.operator }, expiresIn: -1 });
    for (const method of ["GET", "POST"]) {
      for (const token of ["wrong", TOKEN.slice(1)]) {
        expect(await api.ask("/runs", { ...valid, token, method })).toMatchObject({
          status: 401,
          json: { code: "unauthorized" },
        });
      }
      for (const Authorization of ["", "Basic eDp5", TOKEN]) {
        const headers = { ...valid.headers, Authorization };
        expect((await api.ask("/runs", { ...valid, headers, method })).status, Authorization).toBe(401);
      }
      for (const token of [TOKEN, null]) {
        const headers = { "Cf-Access-Jwt-Assertion": late };
        expect(await api.ask("/runs", { ...valid, token, headers, method })).toMatchObject({
          status: 401,
          json: { code: "assertion_refused" },
        });
      }
    }
    expect(await api.everyRun()).toEqual([]);
  });

  it("gives a verified person without an entry no role", async () => {
    const ask = await through(await aTeam(), { email: "x@elsewhere.test" });
    for (const path of ["/runs", "/me", "/metrics", "/nowhere"]) {
      const answer = await api.ask(path, ask);
      expect(answer, path).toMatchObject({ status: 403, json: { code: "not_allowed", role: null } });
    }
  });

  it("lets no caller in by Access while ACCESS_ROLES is not set or cannot be read", async () => {
    vi.spyOn(console, "error").mockReturnValue();
    const ask = await through(await aTeam(), ONE_OF.operator);
    for (const roles of [undefined, "", "secret-roles", '{"operator@example.com":"secret-roles"}']) {
      const vars = { ...ask.env, ACCESS_ROLES: roles };
      expect((await api.ask("/runs", { ...ask, env: vars })).status).toBe(401);
      const known = await api.ask("/runs", { ...ask, token: TOKEN, env: vars });
      expect(known.status, known.text).toBe(roles ? 500 : 200);
      expect(known.text).not.toContain("secret-roles");
    }
  });
});

async function post(headers: Record<string, string>, more: Ask = {}): Promise<Answer> {
  const ask = await through(await aTeam(), ONE_OF.operator, headers);
  return api.post(BODY, { ...ask, ...more, headers: { ...ask.headers, ...more.headers } });
}

describe("a change with an Access session", () => {
  it.each([
    { "Sec-Fetch-Site": "cross-site", Origin: "https://evil.test" },
    { "Sec-Fetch-Site": "same-site", Origin: "https://other.api.test" },
    { "Sec-Fetch-Site": "none" },
    { "Sec-Fetch-Site": "" },
    { "Sec-Fetch-Site": "cross-site", Origin: "http://api.test" },
    { Origin: "https://evil.test" },
    { Origin: "https://api.test" },
    { Origin: "http://api.test:8080" },
    { Origin: "http://api.test.evil.test" },
    { Origin: "null" },
    { Origin: "" },
  ])("is refused from another site: %o", async (headers) => {
    expect(await post(headers)).toMatchObject({ status: 403, json: { code: "cross_site" } });
    expect(await api.everyRun()).toEqual([]);
  });

  it.each([
    { "Sec-Fetch-Site": "same-origin", Origin: "http://api.test" },
    { "Sec-Fetch-Site": "same-origin" },
    { Origin: "http://api.test" },
    {},
  ])("is accepted from its own origin and from curl: %o", async (headers) => {
    expect((await post(headers)).status).toBe(201);
    expect(api.runs.started[0]?.spec.actor).toBe("access:operator@example.com");
  });

  it("needs no origin with a token, which no browser sends by itself", async () => {
    expect((await post({ Origin: "https://evil.test" }, { token: TOKEN })).status).toBe(201);
  });

  it("refuses each unsafe method, and reads from everywhere", async () => {
    const ask = await through(await aTeam(), ONE_OF.operator, { Origin: "https://evil.test" });
    for (const method of ["POST", "PATCH", "DELETE", "PUT", "OPTIONS"])
      expect((await api.ask("/runs/x", { ...ask, method })).json.code, method).toBe("cross_site");
    for (const method of ["GET", "HEAD"])
      expect((await api.ask("/runs", { ...ask, method })).status).toBe(200);
  });
});

describe("without credentials", () => {
  it("answers only the page's paths and /health, with no data, var or version", async () => {
    for (const path of ["/", "/ui", "/ui/", "/ui/runs/x", "/ui/%0aruns"]) {
      const answer = await api.ask(path, { token: null, env: { API_TOKEN: undefined } });
      expect([200, 302], path).toContain(answer.status);
      const { headers, text } = await api.ask(path, { env: { BATCH_SIZE: "x" } });
      expect([text, headers.get("ETag")], path).toEqual([answer.text, answer.headers.get("ETag")]);
    }
    for (const path of [
      "/uix",
      "/UI/",
      "//",
      "/runs",
      "/metrics",
      "/me",
      "/openapi.json",
      "/ui/../runs",
      "/health/",
    ]) {
      expect((await api.ask(path, { token: null })).status, path).toBe(401);
    }
    const health = await api.ask("/health", { token: null });
    expect([health.status, health.text]).toEqual([200, '{"ok":true}\n']);
  });
});

function from(address: string, ask: Ask = {}): Promise<Answer> {
  return api.ask("/runs", { ...ask, headers: { "CF-Connecting-IP": address, ...ask.headers } });
}

describe("failed authentications", () => {
  it("answer 429 after ten in a minute from one address, and a valid token still passes", async () => {
    const address = `2001:db8::${crypto.randomUUID().slice(0, 4)}`;
    const warned = vi.spyOn(console, "warn").mockReturnValue();
    const team = await aTeam();
    const log = { LOG_LEVEL: "warn" };
    for (let n = 0; n < 5; n += 1) {
      const wrong = await from(address, { token: `guess-${n}`, env: log });
      expect(wrong.status).toBe(401);
      const late = await team.through({ expiresIn: -1, payload: { ...ONE_OF.viewer } });
      const vars = { ...team.vars, ...log, ACCESS_ROLES };
      expect((await from(address, { ...late, token: null, env: vars })).status).toBe(401);
    }
    for (let n = 0; n < 3; n += 1) {
      const limited = await from(address, { token: `guess-${n}`, env: log });
      expect(limited).toMatchObject({ status: 429, json: { code: "too_many_attempts" } });
      const seconds = Number(limited.headers.get("Retry-After"));
      expect(seconds).toBeGreaterThan(0);
      expect(seconds).toBeLessThanOrEqual(60);
    }
    expect((await from(address)).status).toBe(200);
    expect((await from("198.51.100.7", { token: "guess" })).status).toBe(401);

    const lines = warned.mock.calls.flat().filter((line: string) => line.includes(address));
    expect(lines).toHaveLength(10);
    expect(lines.join()).not.toMatch(/guess|eyJ|test-token/);
    expect(JSON.parse(lines[0])).toMatchObject({ event: "http.authentication_failed", code: "unauthorized" });
  });

  it("are not counted for a request without a credential, or without the right role", async () => {
    const API_TOKENS = await tokens();
    const address = crypto.randomUUID();
    for (let n = 0; n < 12; n += 1) {
      expect((await from(address, { token: null })).status).toBe(401);
      expect((await from(address, { token: "secret-metrics", env: { API_TOKENS } })).status).toBe(403);
    }
    expect((await from(address, { token: "wrong" })).status).toBe(401);
  });
});
