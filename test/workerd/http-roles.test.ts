// Tests which role opens which route, by a token and by Access, and whom an answer takes the caller for.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BackfillRun } from "../../durable-objects/backfill-run/backfill-run.ts";
import { ROLES, mayActAs, type Role } from "../../src/contract/roles.ts";
import { routes } from "../../src/http/router.ts";
import { ROUTE_ROLES } from "../../src/http/route-roles.ts";
import { ROUTE_NAMES } from "../../src/http/route-table.ts";
import { ApiUnderTest, TOKEN, type Ask } from "../support/api-under-test.ts";
import { ONE_OF, aTeam, sha256, through, tokens } from "../support/callers.ts";
import { wantedRun } from "../support/registry-fixtures.ts";
import { admitted } from "../support/registry-under-test.ts";

const api = new ApiUnderTest();
beforeEach(() => api.setUp());
afterEach(() => api.tearDown());
const BODY = { start: "2030-04-22T14:00:00Z", end: "2030-04-22T15:00:00Z" };
const ROUTES = Object.entries(ROUTE_ROLES).map(([route, needed]) => {
  const [method = "", path = ""] = route.split(" ");
  return { route, method, path, needed };
});

function pathOf(template: string, id: string): string {
  return template.replace(":id", id).replace(/:[a-z]+/g, "1");
}

async function changes(): Promise<unknown[]> {
  return [api.commands.length, api.aborts.length, (await api.everyRun()).length];
}

describe("the table of roles", () => {
  it("has an entry for every route", () => {
    const known = routes.routes.map(([method, , , path]) => `${method} ${path}`);
    expect(known.filter((route) => !Object.hasOwn(ROUTE_ROLES, route))).toEqual([]);
    expect(["GET /health", ...known].toSorted()).toEqual(ROUTE_NAMES.toSorted());
    expect(known.length).toBeGreaterThan(25);
  });

  it("lets only operators change anything", () => {
    const unsafe = ROUTES.filter(({ method }) => method !== "GET");
    expect(new Set(unsafe.map(({ needed }) => needed))).toEqual(new Set(["operator"]));
  });

  it("opens one route to the role of metrics", () => {
    expect(ROUTES.filter(({ needed }) => needed === "metrics").map(({ route }) => route)).toEqual(["GET /metrics"]); // prettier-ignore
  });
});

describe.each(ROUTES)("$route", ({ method, path, needed }) => {
  async function expectRole(role: Role, ask: Ask, id: string): Promise<void> {
    const before = await changes();
    const answer = await api.ask(pathOf(path, id), { ...ask, method });
    const isAllowed = mayActAs(role, needed);
    if (isAllowed) {
      expect([401, 403], answer.text).not.toContain(answer.status);
      expect(answer.status).not.toBe(500);
    } else {
      const refused = { code: "not_allowed", needed_role: needed, role };
      expect(answer).toMatchObject({ status: 403, json: refused });
    }
    if (role !== "operator") expect(await changes()).toEqual(before);
    expect(answer.text).not.toMatch(/secret-|test-private-key|test-token/);
  }

  it(`needs the role ${needed}, and changes nothing for a lower one`, async () => {
    const id = admitted(await api.api.admit(wantedRun(), null));
    // The ledger asks until there is no next page.
    const page = { ok: true as const, page: { items: [], next_cursor: null } };
    vi.spyOn(BackfillRun.prototype, "listFiles").mockResolvedValue(page);
    vi.spyOn(BackfillRun.prototype, "listBatches").mockResolvedValue(page);
    const team = await aTeam();
    const API_TOKENS = await tokens();
    expect((await api.ask(pathOf(path, id), { method, token: null })).status).toBe(401);
    for (const role of ROLES) {
      await expectRole(role, { token: `secret-${role}`, env: { API_TOKENS } }, id);
      await expectRole(role, await through(team, ONE_OF[role]), id);
    }
  });
});

/** The answers to the tokens "old" and "new" while API_TOKENS has these hashes. */
async function statuses(...hashes: string[]): Promise<number[]> {
  const API_TOKENS = JSON.stringify(hashes.map((hash) => ({ name: "page", role: "viewer", sha256: hash })));
  const answers = ["old", "new"].map((token) => api.ask("/runs", { token, env: { API_TOKENS } }));
  return (await Promise.all(answers)).map(({ status }) => status);
}

describe("a token of API_TOKENS", () => {
  it("is rotated without a refused request: the old and the new one are valid at once", async () => {
    const [old, fresh] = [await sha256("old"), await sha256("new")];
    expect(await statuses(old)).toEqual([200, 401]);
    expect(await statuses(old, fresh)).toEqual([200, 200]);
    expect(await statuses(fresh)).toEqual([401, 200]);
  });

  it("replaces API_TOKEN while API_TOKEN is rotated, and without it", async () => {
    const API_TOKENS = await tokens();
    for (const API_TOKEN of [TOKEN, "another", undefined]) {
      const answer = await api.post(BODY, { token: "secret-operator", env: { API_TOKEN, API_TOKENS } });
      expect([401, 403]).not.toContain(answer.status);
    }
    expect((await api.ask("/runs", { token: TOKEN, env: { API_TOKEN: undefined, API_TOKENS } })).status).toBe(401); // prettier-ignore
    expect(api.runs.started[0]?.spec.actor).toBe("token:operator");
  });

  it("is compared with every token in constant time", async () => {
    const compared = vi.spyOn(crypto.subtle, "timingSafeEqual");
    const API_TOKENS = await tokens();
    for (const token of ["secret-metrics", TOKEN, "wrong"])
      await api.ask("/runs", { token, env: { API_TOKENS } });
    expect(compared).toHaveBeenCalledTimes(3 * 4);
  });

  it("is not the hash of the token", async () => {
    const answer = await api.ask("/runs", {
      token: await sha256("secret-viewer"),
      env: { API_TOKENS: await tokens() },
    });
    expect(answer.status).toBe(401);
  });

  it("lets no caller in when the secret cannot be read, which only an authenticated caller learns", async () => {
    vi.spyOn(console, "error").mockReturnValue();
    const broken = (await tokens()).slice(1);
    for (const API_TOKENS of [broken, "secret-viewer", '[{"name":"secret-viewer"}]']) {
      const answer = await api.ask("/runs", { env: { API_TOKENS } });
      const json = { code: "bad_configuration", vars: [{ name: "API_TOKENS" }] };
      expect(answer).toMatchObject({ status: 500, json });
      expect(answer.text).not.toContain("secret-");
      expect((await api.ask("/runs", { token: "secret-viewer", env: { API_TOKENS } })).status).toBe(401);
      const closed = await api.ask("/runs", { token: "secret-viewer", env: { API_TOKEN: "", API_TOKENS } });
      expect(closed).toMatchObject({ status: 403, json: { code: "api_token_not_configured" } });
    }
  });
});

async function me(ask: Ask): Promise<unknown> {
  return (await api.ask("/me", ask)).json;
}

describe("GET /me", () => {
  it("names actor, role and how the caller signed in", async () => {
    const API_TOKENS = await tokens();
    const team = await aTeam();
    expect(await me({})).toEqual({
      actor: "token",
      role: "operator",
      signed_in_by: "token",
      token: "API_TOKEN",
    });
    expect(await me({ token: "secret-viewer", env: { API_TOKENS } })).toEqual({
      actor: "token:viewer",
      role: "viewer",
      signed_in_by: "token",
      token: "viewer",
    });
    expect(await me({ headers: { "X-Actor": "li.wei" } })).toMatchObject({ actor: "unverified:li.wei" });
    expect(await me(await through(team, ONE_OF.viewer, { "X-Actor": "li.wei" }))).toEqual({
      actor: "access:wang@example.com",
      role: "viewer",
      signed_in_by: "access",
      token: null,
    });
    expect(await me(await through(team, { common_name: "ci.access" }))).toMatchObject({
      actor: "access-service:ci.access",
      role: "operator",
    });
  });

  it("takes the role from the token and the name from Access when both are given", async () => {
    const team = await aTeam();
    const API_TOKENS = await tokens();
    const ask = await through(team, ONE_OF.operator);
    expect(await me({ ...ask, token: "secret-viewer", env: { ...ask.env, API_TOKENS } })).toEqual({
      actor: "access:operator@example.com",
      role: "viewer",
      signed_in_by: "token",
      token: "viewer",
    });
    expect(await me({ ...(await team.through()) })).toMatchObject({ actor: "access:li.wei@example.com" });
  });
});
