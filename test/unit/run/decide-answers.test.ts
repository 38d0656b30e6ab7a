// Tests what an operator's decision about answers changes, as effects.
import { describe, expect, it } from "vitest";
import { noAnswers } from "../../../durable-objects/backfill-run/receiver/answers.ts";
import { DOES_NOT_MATCH, UNUSUAL_ANSWER } from "../../../durable-objects/backfill-run/receiver/verdict.ts";
import {
  decideAnswers,
  decideReversal,
  decideWaiting,
  kindOf,
} from "../../../durable-objects/backfill-run/operator/decide-answers.ts";
import { NOW, attemptRow, batchRow } from "../../support/report-decisions.ts";

const row = attemptRow({ cause: UNUSUAL_ANSWER, answer_kind: "k1" });
const held = batchRow({ state: "held", reason_code: "timeout", reason_detail: "text" });
const waiting = { row, batch: held, now: NOW };
const delivery = { leaseEnd: null, resolved: [], wasDelivered: false, parts: [] };
const namesOf = (effects: { do: string }[]) => effects.map((effect) => effect.do);

describe("a decision about a waiting attempt", () => {
  it("delivers its batch, and is an exception only against the pattern", () => {
    const delivered = ["move_attempt", "follow", "deliver"];
    expect(namesOf(decideWaiting(waiting, { word: "success", delivery }))).toEqual(delivered);
    const missed = { ...waiting, row: attemptRow({ cause: DOES_NOT_MATCH }) };
    expect(namesOf(decideWaiting(missed, { word: "success", delivery }))).toEqual([
      ...delivered,
      "count_exception",
    ]);
  });

  it("refuses the batch under its earlier reason, but only by its newest attempt", () => {
    const reason = { reason_code: "timeout", reason_detail: "text" };
    expect(decideWaiting(waiting, { word: "refused" })).toContainEqual({
      do: "set_aside",
      batch: held,
      as: "refused",
      remember: { reason },
    });
    const older = { ...waiting, batch: batchRow({ state: "held", attempt: 2 }) };
    expect(namesOf(decideWaiting(older, { word: "refused" }))).toEqual(["move_attempt", "count_exception"]);
    expect(decideWaiting(older, { word: "resend", fileState: "open" })).toEqual([]);
  });

  it("sends the batch again, or holds it when its file cannot go on", () => {
    const [again] = decideWaiting(waiting, { word: "resend", fileState: "open" });
    expect(again).toMatchObject({ do: "retry", at: NOW, remember: { counted: 0 } });
    const [stranded] = decideWaiting(waiting, { word: "resend", fileState: "changed" });
    expect(stranded).toMatchObject({ do: "set_aside", as: "held" });
  });

  it("names the kind by the column, or by the pattern", () => {
    expect(kindOf(row)).toBe("k1");
    expect(kindOf(attemptRow({ cause: DOES_NOT_MATCH, answer_kind: "k1" }))).toBe("no_match");
  });
});

describe("the reversal of a delivery", () => {
  const done = batchRow({ state: "done", done_attempt: 1 });

  it("records the attempt as refused", () => {
    expect(namesOf(decideReversal(done, 1, null))).toEqual([
      "record_attempt",
      "undo_delivery",
      "count_exception",
    ]);
    expect(namesOf(decideReversal(done, 1, row))).toEqual([
      "move_attempt",
      "undo_delivery",
      "count_exception",
    ]);
  });

  it("does nothing to a batch that another attempt delivered, or none", () => {
    expect(decideReversal(done, 2, null)).toEqual([]);
    expect(decideReversal(held, 1, null)).toEqual([]);
  });
});

it("keeps the last 20 decisions, and leaves the state before unchanged", () => {
  const before = structuredClone(noAnswers);
  const first = { ...noAnswers, taken: [[7, 1] as [number, number]] };
  let { answers, reversed } = decideAnswers(first, { usual: "refused" }, { at: 0, actor: "a", note: null });
  expect(reversed).toEqual([[7, 1]]);
  for (let at = 1; at <= 20; at += 1)
    ({ answers, reversed } = decideAnswers(answers, { k1: "success" }, { at, actor: "a", note: null }));
  expect(answers.words.map(({ at }) => at)).toEqual(Array.from({ length: 20 }, (_at, n) => n + 1));
  expect(reversed).toEqual([]);
  expect(noAnswers).toEqual(before);
});
