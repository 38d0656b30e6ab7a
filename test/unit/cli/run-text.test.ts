// The status of a run as text: the kind of its receiver, and the lines that were sent again in time.
import { expect, it } from "vitest";
import examples from "../../../local/openapi/examples.json" with { type: "json" };
import { sentAgainText, statusText } from "../../../src/cli/text/run-text.ts";
import type { RunStatusAnswer } from "../../../src/contract/api/api-types.ts";

const status = examples.RunStatusAnswer as unknown as RunStatusAnswer;
const receiver = { kind: "http", form: "lines", before_each: null, token: null } as const;

function textOf(over: Partial<RunStatusAnswer>): string {
  return statusText({ ...status, ...over }, "UTC").join("\n");
}

it("shows the kind of a receiver other than the partner, and the lines sent again in time", () => {
  const text = textOf({ deduped_lines: 1_200, spec: { ...status.spec, receiver } });
  expect(text).toMatch(/^receiver +http$/m);
  expect(text).toMatch(
    /^sent again +1,200 lines were sent again while the receiver remembered their token$/m,
  );
});

it("shows neither for a run to the partner, and no line for zero lines", () => {
  expect(textOf({})).not.toMatch(/^(receiver|sent again) /m);
  expect(textOf({ deduped_lines: 0 })).not.toMatch(/^sent again /m);
});

it("writes one line in the singular", () => {
  expect(sentAgainText({ deduped_lines: 1 })).toMatch(/^1 line was sent again /);
});
