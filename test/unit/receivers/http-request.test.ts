// Requests to a receiver of the kind http: URL, headers, token and body; and the rules for its answers.
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { answerRule, valueAt } from "../../../src/receivers/answer-rule.ts";
import { batchToken, httpBody, httpRequest } from "../../../src/receivers/http-request.ts";
import { readHttpReceiver } from "../../../src/receivers/http-settings.ts";

const KEY = "0123456789abcdef0123";
const BATCH = { format: "f", key: "logs/a.gz", etag: "e1", ordinal: 0, digest: "d1" };
const LINES = ['{"a":1}', '{"a":"é"}', '{"a":[1,2]}'];
const MEMBER = gzipSync(LINES.map((line) => `${line}\n`).join(""));
const GZIP = { gzip: true, level: 3 };
const PLAIN = { gzip: false, level: 3 };
const SENDING = { form: "lines", beforeEach: null, memberToken: "m" } as const;

function receiverOf(more: object) {
  const read = readHttpReceiver(JSON.stringify({ url: "https://logs.example/in", ...more }));
  if (!read.ok) throw new Error(read.faults.join("; "));
  return read.receiver;
}

function textOf(body: Uint8Array, isGzip: boolean): string {
  return new TextDecoder().decode(isGzip ? gunzipSync(body) : body);
}

describe("the token of a batch", () => {
  it("is the same for the same batch, and another one when any part of its identity differs", () => {
    const others = [
      { format: "g" },
      { key: "logs/b.gz" },
      { etag: "e2" },
      { ordinal: 1 },
      { digest: "d1[0,5)" },
    ];
    const tokens = [BATCH, ...others.map((one) => ({ ...BATCH, ...one }))].map(batchToken);
    expect(new Set(tokens).size).toBe(tokens.length);
    expect(batchToken({ ...BATCH })).toBe(tokens[0]);
    expect(tokens[0]).toMatch(/^[0-9a-f]{40}$/);
  });

  it("stands in a header or in the query", () => {
    const receiver = receiverOf({ headers: { Authorization: `Bearer ${KEY}` } });
    const header = httpRequest(receiver, { place: { in: "header", name: "Idempotency-Key" }, text: "t1" });
    expect(header).toMatchObject({ url: "https://logs.example/in", headers: { "Idempotency-Key": "t1" } });
    const place = { in: "query", name: "dedup" } as const;
    expect(httpRequest(receiver, { place, text: "t1" }).url).toBe("https://logs.example/in?dedup=t1");
    const query = receiverOf({ url: "https://logs.example/in?q=INSERT%20INTO%20x" });
    expect(httpRequest(query, { place, text: "t1" }).url).toBe(
      "https://logs.example/in?q=INSERT%20INTO%20x&dedup=t1",
    );
    expect(query.headers).not.toHaveProperty("Idempotency-Key");
  });
});

describe("the mask of a request", () => {
  it("removes credentials in headers and query, whole or in part, and leaves statements readable", () => {
    const receiver = receiverOf({
      url: "https://logs.example/in?api=qwertyuiop1234&q=INSERT%20INTO%20edge",
      headers: { Authorization: `Bearer ${KEY}`, "X-Key": "zyxwvutsrqponm" },
    });
    const { url, mask } = httpRequest(receiver, { place: null, text: "" });
    for (const secret of [url, KEY, KEY.slice(3), btoa(`x${KEY}`), "zyxwvutsrqponm", "qwertyuiop1234"]) {
      const masked = mask(`denied: ${secret} is wrong`);
      for (const part of [KEY.slice(4, 16), "zyxwvutsrqpo", "qwertyuiop12", btoa(KEY).slice(4, 12)])
        expect(masked).not.toContain(part);
      expect(masked).toMatch(/^denied: .* is wrong$/);
    }
    expect(mask("cannot parse INSERT INTO edge")).toBe("cannot parse INSERT INTO edge");
  });
});

describe("the body of a request", () => {
  it("is the gzip member itself when the receiver takes lines", () => {
    expect(httpBody(MEMBER, null, SENDING, GZIP)).toBe(MEMBER);
    expect(textOf(httpBody(MEMBER, null, SENDING, PLAIN), false)).toBe(`${LINES.join("\n")}\n`);
  });

  it("has the lines of a part", () => {
    const part = { from: 1, lines: 1 };
    expect(textOf(httpBody(MEMBER, part, SENDING, GZIP), true)).toBe(`${LINES[1]}\n`);
    expect(() => httpBody(MEMBER, { from: 2, lines: 2 }, SENDING, GZIP)).toThrow(RangeError);
  });

  it("is one JSON array", () => {
    const sending = { ...SENDING, form: "json-array" } as const;
    expect(textOf(httpBody(MEMBER, null, sending, PLAIN), false)).toBe(`[${LINES.join(",")}]`);
    expect(textOf(httpBody(MEMBER, { from: 2, lines: 1 }, sending, GZIP), true)).toBe(`[${LINES[2]}]`);
  });

  it("has a line before each line, whose id stays the same in every part", () => {
    const sending = { ...SENDING, beforeEach: '{"index":{"_id":"{id}"}}' };
    const whole = textOf(httpBody(MEMBER, null, sending, GZIP), true).split("\n");
    expect(whole).toEqual([
      '{"index":{"_id":"m-0"}}', LINES[0], '{"index":{"_id":"m-1"}}', LINES[1], '{"index":{"_id":"m-2"}}', LINES[2], "",
    ]); // prettier-ignore
    const part = textOf(httpBody(MEMBER, { from: 1, lines: 2 }, sending, GZIP), true).split("\n");
    expect(part).toEqual(whole.slice(2));
  });
});

describe("a rule for answers", () => {
  it("finds values by JSON pointer", () => {
    const answer = { a: [{ "b/c": 1, "d~e": null }], "": 2 };
    expect(valueAt(answer, "/a/0/b~1c")).toBe(1);
    expect(valueAt(answer, "/a/0/d~0e")).toBeNull();
    expect(valueAt(answer, "/")).toBe(2);
    expect(valueAt(answer, "")).toBe(answer);
    for (const none of ["/a/1", "/a/00", "/a/length", "/toString", "/a/0/b/c"])
      expect(valueAt(answer, none)).toBeUndefined();
  });

  it("accepts only a whole JSON answer with the expected member", () => {
    const rule = answerRule({ statuses: null, member: { pointer: "/errors", equals: false }, items: null });
    expect(rule.matches('{"took":3,"errors":false,"items":[]}')).toBe(true);
    for (const text of ['{"errors":true}', '{"errors":"false"}', "{}", "", "errors false", "[false]"])
      expect(rule.matches(text)).toBe(false);
    expect("partsOf" in rule).toBe(false);
    expect(rule.matchesBeginning('{"errors":false,')).toBe(false);
    expect(answerRule({ statuses: [200], member: null, items: null }).print).not.toBe(rule.print);
  });

  it("says what a whole answer says about each line, in order", () => {
    const items = { pointer: "/items/*/index/status", accepted: [200, 201], later: [429] };
    const rule = answerRule({ statuses: null, member: null, items });
    const answer = (...statuses: unknown[]) =>
      JSON.stringify({ items: statuses.map((status) => ({ index: { status } })) });
    expect(rule.matches(answer(200))).toBe(false);
    expect(rule.partsOf?.(answer(201, 200, 429, 400, "200", 201), 6)).toEqual([
      { as: "accepted", lines: 2 },
      { as: "later", lines: 1 },
      { as: "refused", lines: 2 },
      { as: "accepted", lines: 1 },
    ]);
    expect(rule.partsOf?.(answer(201, 201), 3)).toBeNull();
    expect(rule.partsOf?.("{}", 0)).toBeNull();
    expect(
      rule.partsOf?.(answer(...Array.from({ length: 50 }, (_, n) => (n % 2 ? 200 : 400))), 50),
    ).toBeNull();
  });
});
