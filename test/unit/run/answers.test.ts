// Shapes of answers: what is masked and what is not, how the usual one is learned, and what an operator's word does.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answered, answersSuspend, judgeShapes, noAnswers, shapeOf, UNUSUAL_TO_SUSPEND, type AnswerState, type AnswerVerdict } from "../../../durable-objects/backfill-run/answers.ts"; // prettier-ignore

function answer(body: string, status = 200) {
  return { status, body, shape: shapeOf(status, body, []) };
}

function after(
  bodies: string[],
  from: AnswerState = noAnswers,
): { state: AnswerState; verdicts: AnswerVerdict[] } {
  const verdicts: AnswerVerdict[] = [];
  let state = from;
  for (const body of bodies) {
    const { next, verdict } = answered(state, answer(body));
    verdicts.push(verdict);
    state = next;
  }
  return { state, verdicts };
}

const five = Array.from({ length: 5 }, () => '{"code":0}');

describe("a shape", () => {
  it.each([
    ["the order of keys", '{"a":1,"b":2}', '{"b":2,"a":1}'],
    ["numbers of five digits and more", '{"n":12345}', '{"n":999999}'],
    ["negative ones as well", '{"n":-12345}', '{"n":12345}'],
    [
      "a UUID",
      '{"id":"5f1c0c9a-2d7e-4a53-9a0c-000000000001"}',
      '{"id":"ffffffff-2d7e-4a53-9a0c-00000000000f"}',
    ],
    ["a time", '{"t":"2030-04-22T18:00:00Z"}', '{"t":"2031-01-01 00:00:00"}'],
    ["a token with a digit", '{"t":"AbCdEfGhIjKlMnO1"}', '{"t":"zzzzzzzzzzzzzzz9"}'],
    ["long digits within a text", '{"m":"job 123456 ok"}', '{"m":"job 99999 ok"}'],
    ["what stands deep within", '{"a":[{"n":12345}]}', '{"a":[{"n":54321}]}'],
    ["digits of what is no JSON", "OK 17", "OK 9999"],
    ["all after 64 bytes of what is no JSON", `${"x".repeat(64)}one`, `${"x".repeat(64)}two`],
  ])("leaves %s out, because they differ from answer to answer", (_what, one, other) => {
    expect(shapeOf(200, one, [])).toBe(shapeOf(200, other, []));
  });

  it.each([
    ["a short number, because codes are short", '{"code":0}', '{"code":500}'],
    ["a number of four digits", '{"code":1000}', '{"code":9999}'],
    ["a word", '{"message":"ok"}', '{"message":"quota exceeded"}'],
    ["a key", '{"code":0}', '{"code":0,"error":"x"}'],
    ["the type of a value", '{"code":0}', '{"code":"0"}'],
    ["null", '{"data":null}', '{"data":{}}'],
    ["the length of a list", "[1,2]", "[1,2,3]"],
    ["text that is no JSON", "OK", "<html>"],
    ["nothing at all", "", "OK"],
  ])("tells %s apart", (_what, one, other) => {
    expect(shapeOf(200, one, [])).not.toBe(shapeOf(200, other, []));
  });

  it("tells statuses apart, because 202 is not 200", () => {
    expect(shapeOf(200, "ok", [])).not.toBe(shapeOf(202, "ok", []));
  });

  it("masks what the batch itself is, and no other number of the same length", () => {
    const own = shapeOf(200, '{"accepted":100}', [100]);
    expect(shapeOf(200, '{"accepted":7}', [7])).toBe(own);
    expect(shapeOf(200, '{"accepted":99}', [100])).not.toBe(own);
  });

  it("of any JSON is the same however it is written, and never throws", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.integer({ min: 0, max: 4 }), (value, indent) => {
        expect(shapeOf(200, JSON.stringify(value, null, indent), [])).toBe(
          shapeOf(200, JSON.stringify(value), []),
        );
      }),
    );
    fc.assert(fc.property(fc.string(), (body) => typeof shapeOf(200, body, [1]) === "string"));
  });
});

describe("learning", () => {
  it("takes every one of the first five as success, because nothing is usual yet", () => {
    expect(after(["a", "b", "c", "d", "e"]).verdicts).toEqual(Array.from({ length: 5 }, () => "success"));
  });

  it("needs five alike: then the sixth unlike them is unusual and a like one is not", () => {
    const { state } = after(five);
    expect([state.usual, state.isOff]).toEqual([shapeOf(200, '{"code":0}', []), false]);
    expect(after(['{"code":0}', '{"code":1}'], state).verdicts).toEqual(["success", "unusual"]);
    expect(after(five.slice(1)).state.usual).toBeNull();
  });

  it("switches the check off for good when one of the five differs, because shapes tell nothing then", () => {
    for (let odd = 0; odd < 5; odd += 1) {
      const bodies = five.with(odd, '{"code":7}');
      const { state } = after(bodies);
      expect([odd, state.isOff, state.usual]).toEqual([odd, true, null]);
      expect(after(["anything", ...five, "else"], state).verdicts).not.toContain("unusual");
    }
  });
});

describe("unusual answers", () => {
  const watching = after(five).state;

  it("suspend at the third, with both bodies, and not before", () => {
    const bad = '{"code":500}';
    expect(answersSuspend(after([bad, '{"code":0}', bad], watching).state)).toBeNull();
    const { state } = after([bad, bad, bad], watching);
    expect(UNUSUAL_TO_SUSPEND).toBe(3);
    expect(answersSuspend(state)).toMatchObject({ code: "unusual_answers" });
    expect(answersSuspend(state)?.detail).toContain(bad);
    expect(answersSuspend(state)?.detail).toContain('{"code":0}');
  });

  it.each(["success", "refused"] as const)("judged as %s stay judged, and other ones do not", (word) => {
    const { state } = after(['{"code":1}', '{"code":1}', '{"code":1}'], watching);
    const judged = judgeShapes(state, [shapeOf(200, '{"code":1}', [])], word);
    expect(answersSuspend(judged)).toBeNull();
    expect(after(['{"code":1}', '{"code":2}', '{"code":0}'], judged).verdicts).toEqual([
      word,
      "unusual",
      "success",
    ]);
  });
});

describe("bodies", () => {
  it("are kept once with a count, at most twenty of them, and every answer is counted somewhere", () => {
    const bodies = Array.from({ length: 60 }, (_, n) => `body ${String.fromCodePoint(65 + (n % 30))}`);
    const { state } = after(bodies);
    expect(state.bodies).toHaveLength(20);
    expect(state.bodies.reduce((sum, { count }) => sum + count, state.otherBodies)).toBe(60);
    expect(state.bodies[0]).toEqual({ status: 200, body: "body A", count: 2 });
  });

  it("leave the state that was given untouched, because a transaction may be rolled back", () => {
    const before = structuredClone(noAnswers);
    after([...five, "odd"]);
    expect(noAnswers).toEqual(before);
  });
});
