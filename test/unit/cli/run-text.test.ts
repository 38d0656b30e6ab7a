// The status of a run as text: the kind of its receiver, and the lines that were sent again in time.
import { expect, it } from "vitest";
import examples from "../../../local/openapi/examples.json" with { type: "json" };
import { runTable, sentAgainText, statusText } from "../../../src/cli/text/run-text.ts";
import type { RunItem, RunStatusAnswer } from "../../../src/contract/api/api-types.ts";

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

it("shows the records just outside the window that nothing delivered, with the window that sends them", () => {
  expect(textOf({})).toMatch(
    /^not sent +12 records outside the window, not delivered by the live worker; replay 2026-04-22T14:08:58Z – 14:10:00Z, end outside$/m,
  );
  const { live } = status;
  if (!live) throw new Error("the example has no member `live`");
  expect(textOf({ live: { ...live, outside_not_delivered: null } })).not.toMatch(/^not sent /m);
  const { live: _none, ...other } = status;
  expect(statusText(other as RunStatusAnswer, "UTC").join("\n")).not.toMatch(/^not sent /m);
});

it("writes one line in the singular", () => {
  expect(sentAgainText({ deduped_lines: 1 })).toMatch(/^1 line was sent again /);
});

it("names a receiver other than the first with its kind", () => {
  expect(textOf({ receiver: "account" })).toMatch(/^receiver +account \(ctyun\)$/m);
  expect(textOf({ receiver: "siem", spec: { ...status.spec, receiver } })).toMatch(
    /^receiver +siem \(http\)$/m,
  );
});

it("lists receivers in a column only when one of them is not the first", () => {
  const [run] = examples.RunListAnswer.items as unknown as RunItem[];
  if (!run) throw new Error("no example");
  const other = { ...run, id: `${run.id}_siem`, receiver: "siem" };
  expect(runTable([run], "UTC", null)[0]).not.toContain("RECEIVER");
  const [head, first, second] = runTable([run, other], "UTC", null);
  expect(head).toMatch(/^RUN +RECEIVER +STAGE /);
  expect([first, second]).toEqual([
    expect.stringMatching(/ default +\w+ /),
    expect.stringMatching(/_siem( \*)? +siem +\w+ /),
  ]);
});
