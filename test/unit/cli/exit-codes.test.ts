// Exit codes as pure functions of answers.
import { describe, expect, it } from "vitest";
import { EXIT, exitOfProblem, exitOfTimeout, exitOfWatch, type Until } from "../../../src/cli/exit-codes.ts";
import { PROBLEM_STATUS } from "../../../src/contract/api/problem.ts";
import { STAGES, type Stage } from "../../../src/contract/states.ts";

type Case = [stage: Stage, delivered: number | null, attention: number | null, cleaned: number | null];

const CASES: Case[] = [
  ["scanning_and_queueing", null, null, null],
  ["sending", null, null, null],
  ["counting", null, null, null],
  ["suspended", null, null, null],
  ["aborting", null, null, null],
  ["sent_waiting_cleanup", 0, null, null],
  ["cleaned", 0, 1, 0],
  ["counted", 0, 1, 0],
  ["paused", 3, 0, 3],
  ["needs_attention", 3, 0, 3],
  ["aborted", 6, 6, 6],
];

describe("the exit code of a watch", () => {
  it("has a case for each stage", () => {
    expect(CASES.map(([stage]) => stage).toSorted()).toEqual([...STAGES].toSorted());
  });

  it.each(CASES)("ends at %s with %s, %s, %s", (stage, ...expected) => {
    const status = {
      stage_code: stage,
      delivery_completed: stage === "sent_waiting_cleanup" || stage === "cleaned",
      exceptions: 0,
    };
    const untils: Until[] = ["delivered", "attention", "cleaned"];
    expect(untils.map((until) => exitOfWatch(status, until, true))).toEqual(expected);
  });

  it("is 8 for exceptions only when they are asked about", () => {
    const status = { stage_code: "cleaned", delivery_completed: true, exceptions: 2 } as const;
    expect(exitOfWatch(status, "delivered", true)).toBe(EXIT.exceptions);
    expect(exitOfWatch(status, "cleaned", true)).toBe(EXIT.exceptions);
    expect(exitOfWatch(status, "delivered", false)).toBe(EXIT.done);
  });

  it("calls for a person when the time ends during a suspension", () => {
    expect(exitOfTimeout("suspended")).toBe(EXIT.personNeeded);
    expect(exitOfTimeout("sending")).toBe(EXIT.timedOut);
    expect(exitOfTimeout(null)).toBe(EXIT.timedOut);
  });
});

describe("the exit code of a refusal", () => {
  it.each(Object.entries(PROBLEM_STATUS))("%s (%i) is one of the documented codes", (code, status) => {
    const expected =
      code === "report_damaged" ? 7 : status === 409 ? 5 : status === 401 || status === 403 ? 4 : 1;
    expect(exitOfProblem(status, code)).toBe(expected);
  });

  it("takes a redirect for a sign-in page", () => {
    expect(exitOfProblem(302, null)).toBe(EXIT.notAllowed);
    expect(exitOfProblem(502, null)).toBe(EXIT.failed);
  });
});
