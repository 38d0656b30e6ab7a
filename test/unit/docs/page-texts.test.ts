// The two dictionaries have equal keys, and explain every code that the API has.
import { describe, expect, it } from "vitest";
import { BATCH_STATES, FILE_STATES, STAGES } from "../../../src/contract/states.ts";
import { WINDOW_STATES } from "../../../src/contract/windows.ts";
import { ROLES } from "../../../src/contract/roles.ts";
import { LOCAL_CODES } from "../../../src/ui/api/problem.ts";
import { en } from "../../../src/ui/text/en/all.ts";
import { zh } from "../../../src/ui/text/zh/all.ts";
import { codes, document, headings, tableRows } from "./markdown.ts";

/** "home.title" → the text, or the function that makes it. */
function flatten(value: unknown, path = ""): [string, unknown][] {
  if (typeof value !== "object" || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) =>
    flatten(inner, path === "" ? key : `${path}.${key}`),
  );
}

const english = new Map(flatten(en));
const chinese = new Map(flatten(zh));
const HAN = /\p{Script=Han}/u;
/** Abbreviations and names that Chinese texts keep. */
const SAME_IN_BOTH = new Set(["units.utc", "runLists.etag", "ray.posts", "runMap.cells"]);

function written(text: unknown): string {
  if (typeof text !== "function") return String(text);
  return (text as (...args: string[]) => string)("7", "8");
}

describe("the dictionaries", () => {
  it("have equal keys", () => {
    expect([...chinese.keys()].toSorted()).toEqual([...english.keys()].toSorted());
    expect(english.size).toBeGreaterThan(250);
  });

  it("give each text the same parameters, and use each of them", () => {
    for (const [key, text] of english) {
      const other = chinese.get(key);
      expect(typeof other, key).toBe(typeof text);
      if (typeof text !== "function" || typeof other !== "function") continue;
      expect(other.length, key).toBe(text.length);
      for (const one of [text, other]) expect(written(one), key).toMatch(one.length > 1 ? /7.*8|8.*7/ : /7/);
    }
  });

  it("leave no text empty, and no Chinese text in English", () => {
    for (const [key, text] of english) expect(written(text).trim(), key).not.toBe("");
    const left = [...chinese].filter(([key, text]) => !HAN.test(written(text)) && !SAME_IN_BOTH.has(key));
    expect(left).toEqual([]);
    expect([...english].filter(([, text]) => HAN.test(written(text)))).toEqual([]);
  });

  it("have a word for every state", () => {
    const { stages, files, batches, windows, roles, cells } = en.states;
    expect(Object.keys(stages).toSorted()).toEqual(STAGES.toSorted());
    expect(Object.keys(files).toSorted()).toEqual(FILE_STATES.toSorted());
    expect(Object.keys(batches).toSorted()).toEqual([...BATCH_STATES, "failed"].toSorted());
    expect(Object.keys(windows).toSorted()).toEqual(WINDOW_STATES.toSorted());
    expect(Object.keys(roles).toSorted()).toEqual(ROLES.toSorted());
    expect(Object.keys(cells).toSorted()).toEqual("dpnwets?.jr".split("").toSorted());
  });

  it("explain every problem code, and the next step", () => {
    // reference.test.ts compares this page with the code.
    const known = tableRows(document("docs/reference/problems.md")).flatMap((row) => codes(row[1] ?? ""));
    expect(Object.keys({ ...en.problems, ...en.moreProblems }).toSorted()).toEqual(
      [...new Set([...known, ...LOCAL_CODES])].toSorted(),
    );
  });

  it("explain every state reason, and the next step", () => {
    const known = headings(document("docs/reference/state-reasons.md")).flatMap(codes);
    expect(Object.keys(en.reasons).toSorted()).toEqual([...new Set(known)].toSorted());
  });
});
