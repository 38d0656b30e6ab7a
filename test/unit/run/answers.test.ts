// Comparing answers: what the run learns, when it asks, what an operator's decision does, and incomplete bodies.
import { describe, expect, it } from "vitest";
import { readAnswers } from "../../../durable-objects/backfill-run/receiver/answer-state.ts";
import { answersSuspend, judged, noAnswers } from "../../../durable-objects/backfill-run/receiver/answers.ts";
import type { Word } from "../../../src/contract/answers.ts";
import { after, random, times } from "../../support/answer-stream.ts";

describe("the check while it learns", () => {
  it("asks at the first other kind among the first five answers, and shows both", () => {
    for (let odd = 0; odd < 5; odd += 1) {
      const bodies = times(5, () => '{"code":0}').with(odd, '{"code":7,"message":"quota"}');
      const { state, verdicts } = after(bodies);
      expect(verdicts.filter((is) => is === "success")).toHaveLength(odd === 0 ? 1 : 4);
      const asked = answersSuspend(state);
      expect(asked?.code).toBe("unusual_answers");
      expect(asked?.detail).toContain('{"code":0}');
      expect(asked?.detail).toContain('{"code":7,"message":"quota"}');
    }
  });

  it("keeps asking, however many of the first kind follow from POSTs that were out", () => {
    const { state } = after(['{"code":0}', '{"code":7}', ...times(50, () => '{"code":0}')]);
    expect(answersSuspend(state)).not.toBeNull();
  });

  it("reverses successes when an operator refuses the kind that came first", () => {
    const bad = '{"code":7}';
    const { state } = after([bad, bad, '{"code":0}']);
    const { next, taken } = judged(state, { usual: "refused", k1: "success" });
    expect(taken).toEqual([[1, 1], [2, 1]]); // prettier-ignore
    expect(answersSuspend(next)).toBeNull();
    expect(after([bad, '{"code":0}', bad], next).verdicts).toEqual(["refused", "success", "refused"]);
  });
});

describe("the check that has learned five answers", () => {
  const usual = times(25, () => '{"code":0,"msg":"ok","n":1}');

  it("asks with the third answer that differs, and counts each kind", () => {
    const { state } = after([...usual, '{"code":1,"msg":"a","n":1}', '{"code":2,"msg":"b","n":1}']);
    expect(answersSuspend(state)).toBeNull();
    const third = after(['{"code":1,"msg":"other","n":1}'], state);
    // A code decides the kind, whatever the message is.
    expect(third.kinds).toEqual(["k1"]);
    expect(third.state.kinds.map(({ id, count }) => [id, count])).toEqual([["k1", 2], ["k2", 1]]); // prettier-ignore
    expect(answersSuspend(third.state)?.detail).toContain("k1 (2)");
  });

  const three = times(3, (n) => `{"code":0,"msg":"queued behind ${["one", "two", "six"][n]}","n":1}`);
  it('covers the member that "success" was said of, whatever its value, and no other', () => {
    const { state } = after([...usual, ...three]);
    const words = Object.fromEntries(state.kinds.map((kind): [string, Word] => [kind.id, "success"]));
    const { next } = judged(state, words);
    expect(next.profile.covered).toEqual(["msg value"]);
    const { verdicts } = after(
      ['{"code":0,"msg":"what else","n":1}', '{"code":0,"n":1}', '{"code":1,"msg":"ok","n":1}'],
      next,
    );
    expect(verdicts).toEqual(["success", "unusual", "unusual"]);
  });

  it('refuses the kind that "refused" was said of, and no other', () => {
    const { state } = after([...usual, ...times(3, () => '{"code":9,"msg":"full","n":1}')]);
    const { next } = judged(state, { k1: "refused" });
    expect(answersSuspend(next)).toBeNull();
    const { verdicts } = after(
      ['{"code":9,"msg":"full again","n":1}', '{"code":8,"msg":"full","n":1}', '{"code":0,"msg":"ok","n":1}'],
      next,
    );
    expect(verdicts).toEqual(["refused", "unusual", "success"]);
  });

  it('holds the next answer of a kind again after "resend"', () => {
    const { state } = after([...usual, ...times(3, () => '{"code":9,"msg":"full","n":1}')]);
    const { next } = judged(state, { k1: "resend" });
    expect(answersSuspend(next)).toBeNull();
    expect(after(['{"code":9,"msg":"full","n":1}'], next).verdicts).toEqual(["unusual"]);
  });

  it("goes on asking about kinds that were not named", () => {
    const { state } = after([...usual, ...times(3, (n) => `{"code":${n + 1},"msg":"x","n":1}`)]);
    const { next } = judged(state, { k1: "success", k3: "refused" });
    expect(answersSuspend(next)?.detail).toContain("k2");
    expect(answersSuspend(judged(next, { k2: "success" }).next)).toBeNull();
  });
});

describe("an answer that breaks off", () => {
  const json = '{"code":0,"message":"ok","items":[{"status":201,"id":7}]}';
  const learnt = times(25, () => json);

  it.each([
    ['{"code":0,"mess', "success"],
    ['{"code":0,"message":"ok","items":[{"status":20', "success"],
    [json, "success"],
    ['{"code":0', "success"],
    ['{"code":0,"message":"o', "success"],
    ['{"code":0,"message":"not', "unusual"],
    ['{"code":5', "unusual"],
    ['{"code":500,"message":"quota ex', "unusual"],
    ['{"code":500}', "unusual"],
    ['{"code":0,"err', "unusual"],
    ['{"code":0,"error":"quo', "unusual"],
    ['{"error":{"code":500,"message":"quo', "unusual"],
    ['{"code":0,"message":"ok","items":[{"status":400,"id":7},', "unusual"],
    ["<html>", "unusual"],
    ['{"co', "success"],
    ['{"er', "unusual"],
    ["", "unusual"],
  ])("is compared as %s with the start of the usual answer: %s", (body, verdict) => {
    expect(after([...learnt, { body, isWhole: false }]).verdicts.at(-1)).toBe(verdict);
  });

  it.each([
    ["OK stor", "success"],
    ["OK", "success"],
    ["O", "success"],
    ["ERR", "unusual"],
    ["OK rej", "unusual"],
    ["", "unusual"],
  ])("is compared as %s with the start of a plain text: %s", (body, verdict) => {
    expect(after([...times(25, () => "OK stored"), { body, isWhole: false }]).verdicts.at(-1)).toBe(verdict);
  });

  it("is held while the check learns", () => {
    const cut = { body: '{"code":0,"mess', isWhole: false };
    const { state, verdicts } = after([json, cut, json]);
    expect(verdicts).toEqual(["success", "unusual", "success"]);
    expect(answersSuspend(state)).toBeNull();
    expect(answersSuspend(after([cut, cut, cut]).state)?.code).toBe("unusual_answers");
    expect(after([cut]).verdicts).toEqual(["unusual"]);
  });

  it("changes nothing that the check has learned, and one decision covers all such answers", () => {
    const cut = { body: '{"code":0,"mess', isWhole: false };
    const { state } = after([json, cut, cut, cut]);
    const { next } = judged(state, { k1: "success" });
    const bad = { body: '{"code":500,"mess', isWhole: false };
    expect(after([cut, bad, json], next).verdicts).toEqual(["success", "unusual", "success"]);
  });
});

describe("the state of the check", () => {
  it("keeps at most twenty distinct bodies, each with its count", () => {
    const bodies = times(60, (n) => `{"n":"${String.fromCodePoint(65 + (n % 30))}"}`);
    const { state } = after(bodies);
    expect(state.bodies).toHaveLength(20);
    expect(state.bodies.reduce((sum, { count }) => sum + count, state.otherBodies)).toBe(60);
  });

  it("stays small, whatever a receiver answers", () => {
    const bodies = times(300, (n) => `${random(n)} ${random(n * 7)} {"a${n}":${n}}`.repeat(8).slice(0, 512));
    expect(JSON.stringify(after(bodies).state).length).toBeLessThan(60_000);
  });

  it("is never changed in place, because a transaction may be rolled back", () => {
    const before = structuredClone(noAnswers);
    after([...times(30, () => '{"code":0}'), '{"code":1}']);
    expect(noAnswers).toEqual(before);
  });

  it("is learned again after an upgrade, and waiting answers still wait", () => {
    const older = { first: ["200 a"], usual: null, isOff: true, judged: {}, bodies: [], otherBodies: 4 };
    const examples = { usual: null, unusual: "odd" };
    const off = readAnswers(JSON.stringify({ ...older, unusual: 0, examples }));
    expect(off).toEqual({ ...noAnswers, otherBodies: 4 });
    expect(after([...times(9, () => '{"code":0}'), '{"code":1}'], off).verdicts.at(-1)).toBe("unusual");
    const waiting = readAnswers(JSON.stringify({ ...older, isOff: false, unusual: 3, examples }));
    expect(answersSuspend(waiting)?.detail).toContain("odd");
    expect(answersSuspend(judged(waiting, { k0: "success" }).next)).toBeNull();
  });
});
