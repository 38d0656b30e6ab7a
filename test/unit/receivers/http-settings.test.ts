// The secret RECEIVER: what is accepted, and that a fault names a place and never a text of the secret.
import { describe, expect, it } from "vitest";
import { checkConfig, readConfig } from "../../../src/platform/config.ts";
import { answerRuleOf, missingFor } from "../../../src/platform/receiver-config.ts";
import { readHttpReceiver } from "../../../src/receivers/http-settings.ts";
import { readRunRequest } from "../../../src/http/runs/run-request.ts";

const URL_TEXT = "https://logs.example/in?table=edge";
const CTYUN = {
  CTYUN_ENDPOINT: "https://recv.example",
  CTYUN_URI_EDGE: "/log/edge",
  CTYUN_PRIVATE_KEY: "k3y",
};
const SECRET = "s3cret-of-nobody-else";

function receiverOf(json: object) {
  const read = readHttpReceiver(JSON.stringify(json));
  if (!read.ok) throw new Error(read.faults.join("; "));
  return read.receiver;
}

function faultsOf(json: unknown): string[] {
  const read = readHttpReceiver(typeof json === "string" ? json : JSON.stringify(json));
  return read.ok ? [] : read.faults;
}

describe("RECEIVER", () => {
  it("needs only a URL; whole records then go out as compressed NDJSON", () => {
    expect(receiverOf({ url: URL_TEXT })).toEqual({
      kind: "http",
      endpoint: "https://logs.example",
      uri: "/in?table=edge",
      spellings: [["https://logs.example", "/in?table=edge"]],
      method: "POST",
      headers: { "Content-Type": "application/x-ndjson", "Content-Encoding": "gzip" },
      gzip: true,
      sending: { form: "lines", beforeEach: null, token: null },
      record: "whole",
      success: null,
    });
  });

  it("takes every member", () => {
    const action = '{"index":{"_id":"{id}"}}';
    const receiver = receiverOf({
      url: URL_TEXT,
      method: "PUT",
      headers: { Authorization: `Bearer ${SECRET}`, "content-type": "text/x" },
      gzip: false,
      body: { form: "ndjson", members: { host: "ClientRequestHost" }, before_each: action },
      token: { query: "insert_deduplication_token" },
      dedupes: { window_seconds: 3_600 },
      success: {
        statuses: [200, 202],
        pointer: "/errors",
        equals: false,
        items: { pointer: "/items/*/index/status", accepted: [200, 201], later: [429] },
      },
    });
    expect(receiver).toMatchObject({
      method: "PUT",
      gzip: false,
      sending: {
        form: "lines",
        beforeEach: action,
        token: { in: "query", name: "insert_deduplication_token" },
        dedupesMs: 3_600_000,
      },
      record: [["host", "ClientRequestHost"]],
      success: { statuses: [200, 202] },
    });
    expect(receiver.headers).toEqual({ Authorization: `Bearer ${SECRET}`, "content-type": "text/x" });
    expect(receiverOf({ url: URL_TEXT, body: { form: "line" } })).toMatchObject({
      record: null,
      headers: { "Content-Type": "text/plain; charset=utf-8" },
    });
    expect(receiverOf({ url: URL_TEXT, body: { form: "json-array" } })).toMatchObject({
      sending: { form: "json-array" },
      headers: { "Content-Type": "application/json" },
    });
    expect(receiverOf({ url: URL_TEXT, token: { header: "Idempotency-Key" } }).sending.token).toEqual({
      in: "header",
      name: "Idempotency-Key",
    });
  });

  it.each<[string, unknown]>([
    ["/", "not json"],
    ["/", []],
    ["/url", {}],
    ["/url", { url: "ftp://x" }],
    ["/url", { url: `https://u:${SECRET}@x` }],
    ["/url", { url: "https://x/#f" }],
    ["/method", { url: URL_TEXT, method: "GET" }],
    ["/headers/*", { url: URL_TEXT, headers: { [`${SECRET} x`]: "v" } }],
    ["/headers/*", { url: URL_TEXT, headers: { [SECRET]: "a\nb" } }],
    ["/headers", { url: URL_TEXT, headers: { "Content-Length": "1" } }],
    ["/headers", { url: URL_TEXT, headers: { A: "1", a: "2" } }],
    ["/gzip", { url: URL_TEXT, gzip: "yes" }],
    ["/body/form", { url: URL_TEXT, body: { form: "xml" } }],
    ["/body/members", { url: URL_TEXT, body: { members: {} } }],
    ["/body/members", { url: URL_TEXT, body: { form: "line", members: { a: "b" } } }],
    ["/body/members/*", { url: URL_TEXT, body: { members: { a: 1 } } }],
    ["/body/before_each", { url: URL_TEXT, body: { before_each: "{" } }],
    ["/body/before_each", { url: URL_TEXT, body: { before_each: '{"index":{"_id":{id}}}' } }],
    ["/body/before_each", { url: URL_TEXT, body: { form: "json-array", before_each: "{}" } }],
    ["/token", { url: URL_TEXT, token: { header: "content-type" } }],
    ["/token", { url: URL_TEXT, token: { query: "table" } }],
    ["/token", { url: URL_TEXT, token: { cookie: "x" } }],
    ["/dedupes", { url: URL_TEXT, dedupes: { window_seconds: 3_600 } }],
    ["/dedupes/window_seconds", { url: URL_TEXT, token: { query: "t" }, dedupes: { window_seconds: 60 } }],
    ["/success/statuses/0", { url: URL_TEXT, success: { statuses: [500] } }],
    ["/success/items/pointer", { url: URL_TEXT, success: { items: { pointer: "/a", accepted: [200] } } }],
    ["/success/items/accepted", { url: URL_TEXT, success: { items: { pointer: "/a/*", accepted: [] } } }],
    ["/success", { url: URL_TEXT, success: { pointer: "/a" } }],
    ["/success", { url: URL_TEXT, success: {} }],
    ["/success/pointer", { url: URL_TEXT, success: { pointer: "errors", equals: false } }],
    ["/*", { url: URL_TEXT, [SECRET]: 1 }],
  ])("is refused at %s: %j", (place, json) => {
    const faults = faultsOf(json);
    expect(faults.map((fault) => fault.split(":")[0])).toContain(place === "/" ? "expected a JSON object such as {\"url\"" : place);
    expect(faults.join()).not.toContain(SECRET);
  }); // prettier-ignore

  it("makes faults of the configuration, without a text of the secret", () => {
    const answer = checkConfig({ RECEIVER: JSON.stringify({ url: "x", [SECRET]: SECRET }) });
    expect(answer.ok).toBe(false);
    const faults = answer.ok ? [] : answer.faults;
    expect(new Set(faults.map(({ name }) => name))).toEqual(new Set(["RECEIVER"]));
    expect(faults.some(({ detail }) => detail.startsWith("/url: expected"))).toBe(true);
    expect(JSON.stringify(faults)).not.toContain(SECRET);
  });

  it("becomes the receiver of new runs, and leaves the partner to runs of the kind ctyun", () => {
    const both = readConfig({ ...CTYUN, RECEIVER: JSON.stringify({ url: URL_TEXT }) });
    expect(both.receiver?.kind).toBe("http");
    expect(both.receivers.ctyun).not.toBeNull();
    const alone = readConfig({ RECEIVER: JSON.stringify({ url: URL_TEXT }) });
    expect([alone.missingSecrets, missingFor(alone, "http")]).toEqual([[], []]);
    const none = readConfig({});
    expect([none.receiver, missingFor(none, "http")]).toEqual([null, ["RECEIVER"]]);
    expect(missingFor(none, "ctyun")).toEqual(Object.keys(CTYUN));
  });

  it("decides which 2xx counts for its own runs only", () => {
    const success = { statuses: [200] };
    const config = readConfig({
      SUCCESS_PATTERN: "ok",
      RECEIVER: JSON.stringify({ url: URL_TEXT, success }),
    });
    expect(answerRuleOf(config, "http")?.statuses).toEqual([200]);
    expect(answerRuleOf(config, "ctyun")).toBe(config.successPattern);
    const without = readConfig({ SUCCESS_PATTERN: "ok", RECEIVER: JSON.stringify({ url: URL_TEXT }) });
    expect(answerRuleOf(without, "http")).toBe(without.successPattern);
  });
});

describe("a run to a receiver of the kind http", () => {
  const window = { start: "2026-04-22T14:00:00Z", end: "2026-04-22T15:00:00Z" };
  const read = (body: object, receiver: object) => {
    const config = readConfig({ RECEIVER: JSON.stringify({ url: URL_TEXT, ...receiver }) });
    return readRunRequest({ ...window, ...body }, config, "token", Date.parse("2026-05-01T00:00:00Z"));
  };

  it("freezes what decides its lines and tokens, and no secret", () => {
    const answer = read({}, { headers: { Authorization: SECRET }, token: { header: "Idempotency-Key" } });
    expect(answer).toMatchObject({
      ok: true,
      wanted: {
        parse: { record: "whole" },
        http: { form: "lines", beforeEach: null, token: { in: "header", name: "Idempotency-Key" } },
      },
    });
    expect(JSON.stringify(answer)).not.toContain(SECRET);
    expect(JSON.stringify(answer)).not.toContain("logs.example");
  });

  it("has a format only when its lines are lines of a format", () => {
    const asked = { format: "edge-3.0-2026-05" };
    expect(read(asked, { body: { form: "line" } })).toMatchObject({ ok: true, wanted: { parse: asked } });
    expect(read(asked, {})).toMatchObject({ refusal: { errors: [{ pointer: "#/format" }] } });
  });
});
