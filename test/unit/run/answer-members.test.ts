// The time to take an answer apart must grow only with its length, so that no answer delays a sender.
import { expect, it } from "vitest";
import { membersOf } from "../../../src/pipeline/send/answer-members.ts";

const CHARS = 64 * 1024;

it.each([
  ["lists without end, then commas", `${"[".repeat(CHARS / 2)}${",".repeat(CHARS / 2)}`],
  ["lists that each hold a value", "[1,".repeat(CHARS / 3)],
  ["objects without end", '{"a":1,"b":'.repeat(CHARS / 11)],
  ["lists that end", "[".repeat(CHARS / 2) + "]".repeat(CHARS / 2 - 1)],
  ["a text of backslashes", `["${"\\".repeat(CHARS)}`],
])("takes 64 KB of %s apart in less than a second", (_what, body) => {
  const begunAt = performance.now();
  membersOf(body, false);
  membersOf(body, true);
  expect(performance.now() - begunAt).toBeLessThan(1_000);
});

it.each([
  ['{"code":0,"data":{"id":1,"na', ["", "code", "data", "data.id"], ',"na'],
  ['{"code":0,"list":[1,2', ["", "code", "list", "list[]"], ",2"],
  ['{"code":0,"list":[{"a":1}', ["", "code", "list", "list[]", "list[].a"], ""],
  ['["a,]","b', ["", "[]"], ',"b'],
  ['{"a":{}', ["", "a"], ""],
])("keeps what arrived whole of %s", (body, paths, tail) => {
  const found = membersOf(body, false);
  expect(found.members.map(({ path }) => path)).toEqual(paths);
  expect(found.tail).toBe(tail);
});
