// Many kinds of receivers. Answers of a healthy receiver are never held, even if they vary. The first refusing answer
// is held.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answersSuspend } from "../../../durable-objects/backfill-run/receiver/answers.ts";
import { after, random, times, type Given } from "../../support/answer-stream.ts";

const uuid = (n: number) => `5f1c0c9a-2d7e-4a53-9a0c-${String(n).padStart(12, "0")}`;
const two = (n: number) => String(n % 60).padStart(2, "0");
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const rfc1123 = (n: number) => `${DAYS[n % 7]}, ${two((n % 28) + 1)} Mar 2026 14:00:${two(n)} GMT`;

/** Receivers that take every batch, whatever they answer. */
const HEALTHY: [string, (n: number) => Given][] = [
  ["the same each time", () => '{"code":0,"message":"ok"}'],
  ["an RFC 1123 date", (n) => `{"code":0,"time":"${rfc1123(n)}"}`],
  ["hh:mm:ss", (n) => `{"code":0,"at":"14:00:${two(n)}"}`],
  ["an ISO date that is the same for a while", (n) => `{"code":0,"day":"2026-03-0${1 + Math.floor(n / 30)}"}`],
  ["a small number", (n) => `{"took":${n < 5 ? 3 : 3 + (n % 4)},"errors":false}`],
  ["a counter from 1", (n) => `{"code":0,"seq":${n + 1}}`],
  ["a queue depth that was constant", (n) => `{"code":0,"queue_depth":${n < 5 ? 0 : n + 1}}`],
  ["a depth constant over 30", (n) => `{"code":0,"queue_depth":${n < 30 ? 0 : n}}`],
  ["ids", (n) => `{"code":0,"request_id":"${uuid(n)}"}`],
  ["short random ids", (n) => `{"code":0,"rid":"${random(n + 1)}"}`],
  ["ids as keys", (n) => `{"code":0,"batches":{"${uuid(n)}":{"status":"ok"}}}`],
  ["large numbers", (n) => `{"code":0,"epoch":${1_772_373_600 + n}}`],
  ["a large number named like a code", (n) => `{"result":${1_772_373_600 + n * 17}}`],
  ["one of two node names", (n) => `{"code":0,"node":"${n % 3 === 0 ? "a" : "b"}"}`],
  ["one of many node names", (n) => `{"code":0,"node":"web-${random(n)}"}`],
  ["nested members", (n) => `{"status":{"code":0,"took_ms":${n % 7}},"data":{"id":"${uuid(n)}"}}`],
  ["lists of other lengths", (n) => `{"code":0,"ids":[${times(n % 4, (m) => String(m * n)).join(",")}]}`],
  ["lists of objects of other lengths", (n) =>
    `{"took":${n},"errors":false,"items":[${times(n % 3, (m) => `{"index":{"_id":"${uuid(m)}","status":201}}`).join(",")}]}`],
  ["a truth value that varies from the beginning", (n) => `{"code":0,"cached":${n % 2 === 0}}`],
  ["its members in another order", (n) => (n % 2 === 0 ? '{"code":0,"n":1}' : '{"n":1,"code":0}')],
  ["spaces", (n) => `{"code":0,${" ".repeat(n % 5)}"message":"ok"}`],
  ["a digit text within a message", (n) => `{"message":"job ${n} took ${n * 3} ms"}`],
  ["the batch's own size", (n) => ({ body: `{"code":0,"accepted":${100 - n}}`, lines: 100 - n })],
  ["the batch's own size as result", (n) => ({ body: `{"result":${100 - n}}`, lines: 100 - n })],
  ["plain text", () => "OK"],
  ["plain text with a counter", (n) => `OK ${n}`],
  ["plain text with a date", (n) => `accepted at ${rfc1123(n)} as job ${n}`],
  ["plain text with a clock", (n) => `OK 14:${two(n)}:07, ${n * 3} ms`],
  ["plain text with an id", (n) => `OK ${uuid(n)}`],
  ["text with key and value", (n) => `code=0 took=${n} msg=ok`],
  ["XML", (n) => `<r><code>0</code><time>${rfc1123(n)}</time><n>${n}</n></r>`],
  ["an HTML page", (n) => `<html><body><h1>It works</h1><p>${rfc1123(n)}, visitor ${n}</p></body></html>`],
  ["a long HTML page with a counter before its cut", (n) => `<html><p>visitor ${n ** 3}</p>${"<p>lorem ipsum</p>".repeat(60)}`],
  ["an empty body", () => ({ body: "", status: 204 })],
  ["a body of spaces", (n) => " ".repeat(n % 3)],
  ["a bare truth value", () => "true"],
  ["a bare number", () => "0"],
  ["a bare text", () => '"success"'],
  ["Chinese", (n) => `{"code":0,"msg":"成功","time":"2026年3月1日 14:00:${two(n)}"}`],
  ["lines of JSON", (n) => `{"code":0,"n":${n}}\n{"code":0,"n":${n + 1}}`],
  ["a null member", () => '{"code":0,"data":null,"error":null}'],
]; // prettier-ignore

describe("a healthy receiver", () => {
  it.each(HEALTHY)("is never held when it varies by %s", (_what, body) => {
    const { state, verdicts } = after(times(120, body));
    expect(verdicts.filter((is) => is !== "success")).toEqual([]);
    expect(answersSuspend(state)).toBeNull();
  });
});

/** The number of usual answers before the odd answer, the usual answer, and the odd answer. */
const FAULTY: [string, number, (n: number) => Given, Given][] = [
  ["another code at the second answer", 1, () => '{"code":0}', '{"code":500}'],
  ["another code at the seventh", 6, () => '{"code":0}', '{"code":500}'],
  ["another code after 200", 200, () => '{"code":0,"queue_depth":0}', '{"code":1,"queue_depth":0}'],
  ["a code as text", 6, () => '{"code":"0"}', '{"code":"500"}'],
  ["a code in words", 6, () => '{"status":"ok"}', '{"status":"error"}'],
  ["a code within", 6, (n) => `{"meta":{"statusCode":0,"id":"${uuid(n)}"}}`, `{"meta":{"statusCode":7,"id":"${uuid(9)}"}}`],
  ["a code of one element", 6, (n) => `{"items":[{"status":201,"n":${n}}]}`, '{"items":[{"status":201,"n":1},{"status":429,"n":2}]}'],
  ["five digits", 6, () => '{"code":20000}', '{"code":50014}'],
  ["errors: true", 6, (n) => `{"took":${n},"errors":false}`, '{"took":3,"errors":true}'],
  ["ok: false", 6, () => '{"ok":true}', '{"ok":false}'],
  ["an error where there was none", 6, () => '{"error":null}', '{"error":"quota"}'],
  ["an error list that fills", 6, () => '{"errors":[]}', '{"errors":["quota"]}'],
  ["a member that appears", 6, () => '{"code":0}', '{"code":0,"error":"x"}'],
  ["a member that appears within elements", 6, () => '{"items":[{"id":1}]}', '{"items":[{"id":1,"reason":"full"}]}'],
  ["a member that disappears", 6, () => '{"code":0,"id":7}', '{"code":0}'],
  ["another type", 6, () => '{"code":0,"data":null}', '{"code":0,"data":{}}'],
  ["a number as text", 6, () => '{"code":0}', '{"code":"0"}'],
  ["a message after five", 6, () => '{"message":"ok"}', '{"message":"quota exceeded"}'],
  ["a text after twenty", 20, () => '{"state_name":"stored"}', '{"state_name":"queued"}'],
  ["a truth value after twenty", 20, () => '{"stored":true}', '{"stored":false}'],
  ["a batch taken in part", 6, (n) => ({ body: `{"accepted":${100 - n}}`, lines: 100 - n }), { body: '{"accepted":7}', lines: 90 }],
  ["other words", 6, () => "OK", "ERROR"],
  ["other words of the same number", 6, (n) => `OK 14:00:${two(n)} stored`, "OK 14:00:09 rejected"],
  ["more words", 6, () => "OK", "OK but nothing was stored"],
  ["a code in text", 6, (n) => `code=0 took=${n}`, "code=500 took=3"],
  ["a code in XML", 6, () => "<r><code>0</code></r>", "<r><code>12</code></r>"],
  ["HTML in place of JSON", 6, () => '{"code":0}', "<html><h1>Maintenance</h1></html>"],
  ["nothing in place of JSON", 6, () => '{"code":0}', ""],
  ["a bare number", 6, () => "0", "1"],
  ["a bare false", 6, () => "true", "false"],
  ["another status", 6, () => ({ body: "ok" }), { body: "ok", status: 202 }],
  ["a body where there was none", 6, () => ({ body: "", status: 200 }), "error"],
  ["JSON that says less", 6, () => '{"code":0,"message":"ok"}', "{}"],
]; // prettier-ignore

describe("an answer of another kind", () => {
  it.each(FAULTY)("is held after %i answers when it differs by %s", (_what, count, usual, odd) => {
    const { state, verdicts } = after([...times(count, usual), odd, usual(3)]);
    expect(verdicts).toEqual([...times(count, () => "success"), "unusual", "success"]);
    // While no answer is usual yet, one odd answer makes the run ask.
    expect(answersSuspend(state) !== null).toBe(count < 5);
  });

  it("is usual when it varies a text, truth value or list seen fewer than twenty times", () => {
    const odd: [string, string][] = [
      ['{"node":"a"}', '{"node":"b"}'],
      ['{"cached":false}', '{"cached":true}'],
      ['{"ids":[]}', '{"ids":[1]}'],
    ];
    for (const [usual, other] of odd)
      expect(after([...times(19, () => usual), other]).verdicts.at(-1)).toBe("success");
  });

  it("is usual when JSON of any form is repeated, and never throws", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.integer({ min: 0, max: 4 }), (value, indent) => {
        const { verdicts } = after([JSON.stringify(value), JSON.stringify(value, null, indent)]);
        expect(verdicts).toEqual(["success", "success"]);
      }),
    );
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => after([one, other]).verdicts.length === 2),
    );
  });
});
