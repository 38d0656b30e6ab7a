// Every refusal, and every state of a run that waits, leads to a next command that exists.
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { REMEDIES, remedyFor } from "../../../src/cli/api/remedies.ts";
import { makeProgram } from "../../../src/cli/program/program.ts";
import { nextStep } from "../../../src/cli/text/next-steps.ts";
import { PROBLEM_CODES, PROBLEM_STATUS } from "../../../src/contract/api/problem.ts";
import { STAGES } from "../../../src/contract/states.ts";
import { fakeIo } from "../../support/cli-io.ts";
import { codes, document, headings } from "../docs/markdown.ts";

const program = makeProgram("1.2.3", fakeIo(), () => Promise.resolve());
const ID = "20260422T140000Z_20260422T150000Z_20260423T010203Z";
const PROBLEM = { run: ID, overlaps: [{ run: ID }], needed_role: "operator" };

/** Command lines in a text. */
function commandsIn(text: string): string[] {
  return [...text.matchAll(/logpush-backfill ((?:[a-z][a-z-]* ?)+)/g)].map(([, names = ""]) => names.trim());
}

/** Whether the first words are a command. */
function exists(names: string): boolean {
  let command: Command = program;
  for (const name of names.split(" ")) {
    const next = command.commands.find((one) => one.name() === name);
    if (!next) return command !== program;
    command = next;
  }
  return true;
}

describe("a refusal", () => {
  it("has a remedy for each code of the API, and for no other", () => {
    expect(Object.keys(REMEDIES).toSorted()).toEqual([...PROBLEM_CODES].toSorted());
  });

  it.each(PROBLEM_CODES)("%s names only commands that exist", (code) => {
    const remedy = remedyFor({ ...PROBLEM, code, status: PROBLEM_STATUS[code] }) ?? "";
    expect(remedy).not.toBe("");
    expect(commandsIn(remedy).filter((names) => !exists(names))).toEqual([]);
  });

  it("names the run that is in the way", () => {
    expect(remedyFor({ ...PROBLEM, code: "slot_taken", status: 409 })).toContain(`watch ${ID}`);
    expect(remedyFor({ ...PROBLEM, code: "overlap", status: 409 })).toContain(`show ${ID}`);
  });

  it("of a code that this version does not know has no wrong remedy", () => {
    expect(remedyFor({ code: "constructor", status: 400 })).toBeNull();
    expect(remedyFor({ code: "new_code", status: 503 })).toBe("repeat the command");
  });
});

describe("a run that waits", () => {
  const reasons = headings(document("docs/reference/state-reasons.md")).flatMap(codes);

  it.each(reasons)("for %s has a next step whose commands exist", (code) => {
    const step = nextStep({ id: ID, stage_code: "suspended", state_reason: { code, detail: "" } }) ?? "";
    expect(step).not.toMatch(/state-reasons\.md|\bID\b/);
    expect(commandsIn(step).filter((names) => !exists(names))).toEqual([]);
  });

  it.each(STAGES)("in stage %s has a next step", (stage) => {
    const step = nextStep({ id: ID, stage_code: stage, state_reason: null });
    expect(commandsIn(step ?? "").every(exists)).toBe(true);
    expect(step).not.toBeNull();
  });
});
