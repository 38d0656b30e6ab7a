// The recorded actor: the name that Access verified, else the caller's own name, else "token". A request with an
// invalid assertion is refused and changes nothing.
import { base64url } from "jose";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AccessTeam, AUD, freshKeys, sharedKeys, type Wording } from "../support/access-team.ts";
import { ApiUnderTest, type Answer, type Ask } from "../support/api-under-test.ts";
import { wantedRun } from "../support/registry-fixtures.ts";
import { admitted } from "../support/registry-under-test.ts";

const api = new ApiUnderTest();
beforeEach(() => api.setUp());
afterEach(() => api.tearDown());
const BODY = { start: "2030-04-22T14:00:00Z", end: "2030-04-22T15:00:00Z" };

async function aTeam(): Promise<AccessTeam> {
  const team = new AccessTeam(await sharedKeys());
  await team.answers();
  return team;
}

/** Every kind of change, and the actor that was recorded. */
async function eachChange(ask: Ask): Promise<{ answers: Answer[]; actors: (string | undefined)[] }> {
  const answers = [await api.post(BODY, ask)];
  const id = api.runs.started[0]?.spec.runId ?? admitted(await api.api.admit(wantedRun(), null));
  answers.push(await api.ask(`/runs/${id}/pause`, { ...ask, method: "POST" }));
  answers.push(await api.ask(`/runs/${id}`, { ...ask, method: "PATCH", body: { rate: 5 } }));
  answers.push(await api.ask(`/runs/${id}`, { ...ask, method: "DELETE" }));
  const actors = [
    answers[0]?.status === 201 ? api.runs.started[0]?.spec.actor : undefined,
    ...api.commands.map(({ actor }) => actor),
    ...api.aborts.map(({ actor }) => actor),
  ];
  return { answers, actors: actors.filter((actor) => actor !== undefined) };
}

async function expectRefused(ask: Ask, detail: string): Promise<void> {
  const { answers, actors } = await eachChange(ask);
  for (const answer of answers) {
    expect(answer).toMatchObject({
      status: 401,
      json: {
        code: "assertion_refused",
        errors: [{ header: "Cf-Access-Jwt-Assertion", detail: expect.stringContaining(detail) }],
      },
    });
    expect(answer.headers.get("WWW-Authenticate")).toBe('Bearer realm="backfill"');
    expect(answer.text).not.toContain(ask.headers?.["Cf-Access-Jwt-Assertion"]?.slice(0, 20) || "eyJ");
  }
  expect(actors).toEqual([]);
  expect(api.runs.started).toHaveLength(1); // the one that was admitted to be paused
}

describe("the actor of a request that came through Access", () => {
  it("is the e-mail that Access verified, whatever name the caller gives", async () => {
    const team = await aTeam();
    const ask = await team.through();
    const { answers, actors } = await eachChange({
      ...ask,
      headers: { ...ask.headers, "X-Actor": "x".repeat(101) },
    });
    expect(answers.map(({ status }) => status)).toEqual([201, 202, 200, 202]);
    expect(actors).toEqual(Array.from({ length: 4 }, () => "access:li.wei@example.com"));
  });

  it("is the service token's name, marked apart from people's", async () => {
    const team = await aTeam();
    const payload = { common_name: "e367826f93b8d71185e03fe518aff3b4.access", sub: "" };
    const { actors } = await eachChange(await team.through({ payload }));
    expect(new Set(actors)).toEqual(new Set(["access-service:e367826f93b8d71185e03fe518aff3b4.access"]));
    expect(actors).toHaveLength(4);
  });

  it("refuses a caller who claims such a name without Access", async () => {
    const team = await aTeam();
    const named = { env: team.vars, headers: { "X-Actor": "access:li.wei@example.com" } };
    const { actors } = await eachChange(named);
    expect(new Set(actors)).toEqual(new Set(["unverified:access:li.wei@example.com"]));
    expect(team.fetched).toEqual([]);
  });

  it("reads the team's keys once for each isolate, not for each request", async () => {
    const team = await aTeam();
    await eachChange(await team.through());
    await eachChange(await team.through());
    expect(team.fetched).toEqual([`${team.domain}/cdn-cgi/access/certs`]);
  });

  it("is verified for several applications, as long as this one is among them", async () => {
    const team = await aTeam();
    const { actors } = await eachChange(await team.through({ audience: ["f".repeat(64), AUD] }));
    expect(actors).toHaveLength(4);
  });
});

describe("an assertion that does not hold", () => {
  const wordings: [string, Wording, string][] = [
    ["expired", { expiresIn: -1 }, "expired"],
    ["never expires", { expiresIn: null }, "exp"],
    ["is of the future", { notBefore: 60 }, "not valid yet"],
    ["is for another application", { audience: "f".repeat(64) }, "another application"],
    ["is of another team", { issuer: "https://other.cloudflareaccess.com" }, "another team"],
    ["is signed with a key that the team does not have", { kid: "another" }, "not signed"],
    ["has no name", { payload: {} }, "contains no usable name"],
    ["names an empty e-mail", { payload: { email: "" } }, "contains no usable name"],
    ["names what is no text", { payload: { email: ["li.wei@example.com"] } }, "contains no usable name"],
    ["could forge the audit trail", { payload: { email: "li.wei\n2030 system" } }, "contains no usable name"],
    [
      "could forge it for other readers",
      { payload: { email: "li.wei\u2028system" } },
      "contains no usable name",
    ],
    ["names a blank", { payload: { email: " " } }, "contains no usable name"],
    [
      "names a person badly and a service well",
      { payload: { email: "li\twei", common_name: "a.access" } },
      "contains no usable name",
    ],
  ];
  it.each(wordings)("is refused and changes nothing when it %s", async (_why, wording, detail) => {
    const team = await aTeam();
    await expectRefused(await team.through(wording), detail);
  });

  it("is refused when another key signed it under the key's name", async () => {
    const team = await aTeam();
    await expectRefused(await team.through({ keys: await freshKeys() }), "not signed");
  });

  it("is refused when it is unsigned, or signed in another way than Access signs", async () => {
    const team = await aTeam();
    const [, payload = "", signature = ""] = (await team.assertion()).split(".");
    for (const alg of ["none", "HS256"]) {
      const header = base64url.encode(JSON.stringify({ alg, kid: "team-key" }));
      for (const signed of [signature, ""]) {
        const answer = await api.post(BODY, team.with([header, payload, signed].join(".")));
        expect(answer, alg).toMatchObject({ status: 401, json: { code: "assertion_refused" } });
      }
    }
    expect(api.runs.started).toEqual([]);
    expect(team.fetched).toEqual([]);
  });

  it.each(["", "x", "a.b.c", "eyJhbGciOiJSUzI1NiJ9.e30.", "😀"])(
    "is refused when it is no assertion: %j",
    async (text) => {
      const team = await aTeam();
      const header = new TextEncoder()
        .encode(text)
        .reduce((all, byte) => all + String.fromCharCode(byte), "");
      expect(await api.post(BODY, team.with(header))).toMatchObject({
        status: 401,
        json: { code: "assertion_refused" },
      });
      expect(api.runs.started).toEqual([]);
    },
  );

  it("is ignored by what changes nothing, because a reader is recorded nowhere", async () => {
    const team = await aTeam();
    const id = admitted(await api.api.admit(wantedRun(), null));
    for (const path of ["/runs", `/runs/${id}`, `/runs/${id}/files`, `/runs/${id}/events`]) {
      expect((await api.ask(path, await team.through({ expiresIn: -1 }))).status, path).toBe(200);
    }
    expect(team.fetched).toEqual([]);
  });
});

/** The longest name that is read, made of spaces. */
function endless(): ReadableStream<Uint8Array> {
  return new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536).fill(32)) });
}

function part(text: string): string {
  return btoa(text).replaceAll("=", "");
}

describe("an assertion that is no token", () => {
  const deep = "[".repeat(3_000) + "]".repeat(3_000);
  const head = part('{"alg":"RS256","kid":"team-key"}');
  it.each([
    "a.b.c",
    "..",
    `${part("null")}.${part("{}")}.c2ln`,
    `${part('{"alg":"none"}')}.${part("{}")}.`,
    `${part('{"alg":{"toString":1}}')}.${part("{}")}.c2ln`,
    `${part('{"alg":"RS256","kid":{"a":[]},"crit":["b64"],"b64":false}')}.${part("{}")}.c2ln`,
    `${part(`{"alg":"RS256","kid":"team-key","x":${deep}}`)}.${part(deep)}.c2ln`,
    `${head}.${part("{}")}.%%%`,
    `${head}.${part('{"exp":1e999}')}.${"A".repeat(4_000)}`,
  ])("is refused, whatever it contains (%.40s)", async (assertion) => {
    const logged = vi.spyOn(console, "error").mockReturnValue();
    const team = await aTeam();
    expect(await api.post(BODY, team.with(assertion))).toMatchObject({
      status: 401,
      json: { code: "assertion_refused" },
    });
    expect(await api.everyRun()).toEqual([]);
    expect(logged).not.toHaveBeenCalled();
  });
});

describe("keys that cannot be fetched", () => {
  const failures: [string, () => Response | Promise<Response>][] = [
    ["the team does not answer", () => Promise.reject(new Error("sekret of the network"))],
    ["it answers an error", () => new Response("down", { status: 500 })],
    ["it redirects", () => new Response(null, { status: 302, headers: { Location: "https://elsewhere" } })],
    ["it answers no JSON", () => new Response("<html>")],
    ["it answers no keys", () => Response.json({ hello: "world" })],
    ["it answers without end", () => new Response(endless())],
  ];
  it.each(failures)("answer changes with 503 when they %s, and the log says why", async (_why, fails) => {
    const logged = vi.spyOn(console, "error").mockReturnValue();
    const team = await aTeam();
    await team.answers(fails);
    const { answers, actors } = await eachChange(await team.through());
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 503, json: { code: "access_unreachable" } });
      expect(answer.headers.get("Retry-After")).toBe("5");
      expect(answer.text).not.toContain("sekret");
    }
    expect(actors).toEqual([]);
    expect(logged.mock.calls.flat().join()).toContain("http.access_unreachable");
    await team.answers();
    expect((await api.post({ ...BODY, replay: true }, await team.through())).json.code).not.toBe(
      "access_unreachable",
    );
  });
});

describe("an assertion without the vars of Access", () => {
  it("is ignored, because no key can verify it", async () => {
    const team = await aTeam();
    const { headers = {} } = await team.through();
    const { actors } = await eachChange({ headers });
    expect(new Set(actors)).toEqual(new Set(["token"]));
    expect(team.fetched).toEqual([]);
  });
});

describe("the token", () => {
  it("is needed all the same, because Access alone makes no operator", async () => {
    const team = await aTeam();
    for (const token of [null, "wrong"]) {
      const answer = await api.post(BODY, { ...(await team.through()), token });
      expect(answer).toMatchObject({ status: 401, json: { code: "unauthorized" } });
    }
    expect(team.fetched).toEqual([]);
    expect(api.runs.started).toEqual([]);
  });
});
