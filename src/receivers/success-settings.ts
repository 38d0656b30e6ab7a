// The part of RECEIVER that says which answers count. A fault repeats no text of the secret. Does no I/O.
import * as v from "valibot";
import { answerRule, isPointer, type AnswerRule } from "./answer-rule.ts";

const UNKNOWN = "expected no other member";
const STATUSES = "expected a list of 1 to 20 statuses from 200 to 299";
const POINTER = "expected a JSON pointer such as /errors";
const ITEMS = "expected a JSON pointer with one name *, such as /items/*/status";
const VALUES = "expected a list of 1 to 20 texts, numbers, true, false or null";
const Values = v.pipe(
  v.array(v.union([v.string(), v.number(), v.boolean(), v.null()], VALUES), VALUES),
  v.check((list) => isCount(list.length, 20), VALUES),
);
const Items = v.strictObject(
  {
    pointer: v.pipe(
      v.string(ITEMS),
      v.check(
        (text) => isPointer(text) && text.split("/").filter((name) => name === "*").length === 1,
        ITEMS,
      ),
      v.maxLength(200, ITEMS),
    ),
    accepted: Values,
    later: v.optional(Values, [429, 503]),
  },
  UNKNOWN,
);

const Entries = v.strictObject(
  {
    items: v.optional(Items),
    statuses: v.optional(
      v.pipe(
        v.array(v.pipe(v.number(STATUSES), v.integer(STATUSES), v.minValue(200, STATUSES), v.maxValue(299, STATUSES)), STATUSES), // prettier-ignore
        v.check((list) => isCount(list.length, 20), STATUSES),
      ),
    ),
    pointer: v.optional(v.pipe(v.string(POINTER), v.check(isPointer, POINTER), v.maxLength(200, POINTER))),
    equals: v.optional(
      v.union(
        [v.string(), v.number(), v.boolean(), v.null()],
        "expected a text, a number, true, false or null",
      ),
    ),
  },
  UNKNOWN,
);

export const Success = v.pipe(
  Entries,
  v.check(
    ({ pointer, equals }) => (pointer === undefined) === (equals === undefined),
    "expected pointer together with equals",
  ),
  v.check((one) => Object.keys(one).length > 0, "expected statuses, items, or pointer and equals"),
);

export function ruleOf({ statuses, pointer, equals, items }: v.InferOutput<typeof Success>): AnswerRule {
  const member = pointer === undefined || equals === undefined ? null : { pointer, equals };
  return answerRule({ statuses: statuses ?? null, member, items: items ?? null });
}

function isCount(count: number, most: number): boolean {
  return count > 0 && count <= most;
}
