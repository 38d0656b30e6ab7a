// Reading the parts of a request: actor, Idempotency-Key, query, body.
import { describe, expect, it } from "vitest";
import { actorOf, namedActor } from "../../../src/http/access/actor.ts";
import type { Caller } from "../../../src/http/access/auth.ts";
import { readJson } from "../../../src/http/requests/body.ts";
import { canonicalJson, idempotencyOf } from "../../../src/http/requests/idempotency.ts";
import { MAX_BODY_BYTES } from "../../../src/http/requests/limits.ts";
import { readChoice, readListQuery } from "../../../src/http/requests/list-query.ts";

function actor(token: Caller["token"], name = "") {
  return actorOf(new Headers({ "X-Actor": name }), { caller: { role: "operator", token, verified: null } });
}

describe("the actor without Access", () => {
  it("is the name in X-Actor, marked as unverified", () => {
    expect(namedActor(new Headers({ "X-Actor": " li.wei@example " }))).toEqual({
      ok: true,
      actor: "unverified:li.wei@example",
    });
  });

  it("is the token without a name", () => {
    expect(actor("API_TOKEN")).toEqual({ ok: true, actor: "token" });
    expect(actor("API_TOKEN", "  ")).toEqual({ ok: true, actor: "token" });
    expect(actor({ name: "night-shift" })).toEqual({ ok: true, actor: "token:night-shift" });
    expect(actor({ name: "night-shift" }, "token:day")).toEqual({ ok: true, actor: "unverified:token:day" });
  });

  it("takes up to 100 printable characters, so that it cannot forge an audit line", () => {
    expect(namedActor(new Headers({ "X-Actor": "x".repeat(100) })).ok).toBe(true);
    for (const name of ["x".repeat(101), "a\u0007b", "a\u0085b", "a\u00adb"]) {
      expect(namedActor(new Headers({ "X-Actor": name })), JSON.stringify(name)).toMatchObject({
        ok: false,
        error: { header: "X-Actor" },
      });
    }
  });
});

describe("the Idempotency-Key", () => {
  it("takes 1 to 255 printable characters", async () => {
    expect(await idempotencyOf(new Headers({ "Idempotency-Key": "k".repeat(255) }), {})).toMatchObject({
      ok: true,
    });
    for (const key of ["", "k".repeat(256), "k\u00e9"]) {
      expect(await idempotencyOf(new Headers({ "Idempotency-Key": key }), {})).toMatchObject({ ok: false });
    }
    expect(await idempotencyOf(new Headers(), {})).toEqual({ ok: true, idempotency: null });
  });

  it("compares meaning: the order of members is ignored, the order of items counts", () => {
    expect(canonicalJson({ b: [1, { d: 1, c: 2 }], a: null })).toBe(
      canonicalJson({ a: null, b: [1, { c: 2, d: 1 }] }),
    );
    expect(canonicalJson({ a: [1, 2] })).not.toBe(canonicalJson({ a: [2, 1] }));
    expect(canonicalJson({ a: 1 })).not.toBe(canonicalJson({ a: "1" }));
  });
});

describe("a query", () => {
  const states = ["open", "closed"];
  const list = (text: string) => readListQuery(new URLSearchParams(text), states);
  const parametersOf = (text: string) => {
    const answer = list(text);
    if (answer.ok || !("errors" in answer.refusal)) return [];
    return answer.refusal.errors.map((error) => ("parameter" in error ? error.parameter : "?"));
  };

  it("takes states, a limit and a cursor, and has a limit of 100 by default", () => {
    expect(list("")).toEqual({ ok: true, query: { states: [], limit: 100, cursor: null } });
    expect(list("state=open,closed&limit=1000&cursor=abc")).toEqual({
      ok: true,
      query: { states: ["open", "closed"], limit: 1_000, cursor: "abc" },
    });
  });

  it.each([
    ["state=opened", "state"], ["state=", "state"], ["state=open,", "state"],
    ["limit=0", "limit"], ["limit=1001", "limit"], ["limit=ten", "limit"], ["limit=1.5", "limit"], ["limit=", "limit"], ["limit=-1", "limit"],
    [`cursor=${"c".repeat(1_001)}`, "cursor"],
    ["states=open", "states"],
    ["state=open&state=closed", "state"], ["limit=1&limit=1", "limit"], ["cursor=a&cursor=b", "cursor"],
    ["__proto__=1", "__proto__"], ["Limit=1", "Limit"],
  ])("refuses ?%s, because a misspelt filter must not show everything", (text, parameter) => {
    expect(parametersOf(text)).toEqual([parameter]);
  }); // prettier-ignore

  it("refuses states where a list has none", () => {
    expect(readListQuery(new URLSearchParams("state=open"), null)).toMatchObject({ ok: false });
  });

  it("takes one of a few values, and only those", () => {
    expect(readChoice(new URLSearchParams("force=true"), "force", ["true", "false"])).toEqual({
      ok: true,
      query: "true",
    });
    expect(readChoice(new URLSearchParams(""), "force", ["true"])).toEqual({ ok: true, query: null });
    expect(readChoice(new URLSearchParams("force=1"), "force", ["true", "false"])).toMatchObject({
      ok: false,
    });
    expect(readChoice(new URLSearchParams("force=true&force=true"), "force", ["true"])).toMatchObject({
      ok: false,
    });
    expect(readChoice(new URLSearchParams("forced=true"), "force", ["true"])).toMatchObject({ ok: false });
  });
});

describe("a body", () => {
  it("is JSON whatever its Content-Type says", async () => {
    expect(await post('{"a":1}')).toEqual({ ok: true, json: { a: 1 } });
  });

  it.each(["", "{", "{'a':1}", "\ufffe", "NaN"])(
    "is refused without being quoted when it is %j",
    async (text) => {
      expect(await post(text)).toMatchObject({ ok: false, refusal: { code: "body_not_json" } });
    },
  );

  it("is refused when it is not UTF-8, because replacement characters would change it", async () => {
    expect(await post(new Uint8Array([0x22, 0xff, 0x22]))).toMatchObject({
      refusal: { code: "body_not_json" },
    });
  });

  it("is refused when it breaks off, because the rest is unknown", async () => {
    const cut = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"a":'));
        controller.error(new Error("the connection was lost"));
      },
    });
    const request = new Request("http://api.test", {
      method: "POST",
      body: cut,
      duplex: "half",
    } as RequestInit);
    expect(await readJson(request)).toMatchObject({ ok: false, refusal: { code: "body_not_json" } });
  });

  it.each([
    ['{"start":1,"start":2}', "#/start"],
    ['{"a":{"b":1,"\\u0062":2}}', "#/b"],
    ['{"__proto__":1,"__proto__":2}', "#/__proto__"],
    ["[".repeat(3_000) + "]".repeat(3_000), "#"],
    [`${'{"a":'.repeat(3_000)}1${"}".repeat(3_000)}`, "#"],
  ])("is refused when it names a member twice or nests too deeply: %.30s", async (text, pointer) => {
    expect(await post(text)).toMatchObject({
      ok: false,
      refusal: { code: "invalid_body", errors: [{ pointer }] },
    });
  });

  it("accepts a repeated name in another object, in an array, and as a value", async () => {
    for (const text of [
      '{"a":{"a":1},"b":[{"a":1},{"a":2}]}',
      '["a","a"]',
      '{"a":"a","b":"a"}',
      '{"a":"\\"a\\":","b":1}',
    ]) {
      expect(await post(text), text).toEqual({ ok: true, json: JSON.parse(text) });
    }
  });

  it("takes 64 KiB and not a byte more", async () => {
    expect((await post(JSON.stringify("x".repeat(MAX_BODY_BYTES - 2)))).ok).toBe(true);
    expect(await post(JSON.stringify("x".repeat(MAX_BODY_BYTES - 1)))).toMatchObject({
      refusal: { code: "body_too_large" },
    });
  });
});

function post(body: BodyInit) {
  return readJson(new Request("http://api.test", { method: "POST", body }));
}
