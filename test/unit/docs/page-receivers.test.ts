// The API accepts what the page asks for another receiver than the first, and the page has words for the refusals of the
// API about receivers.
import { beforeAll, describe, expect, it } from "vitest";
import { readRunRequest } from "../../../src/http/runs/run-request.ts";
import { readWindowsRequest } from "../../../src/http/queue/windows-request.ts";
import { readConfig } from "../../../src/platform/config.ts";
import { readProblem, type Problem } from "../../../src/ui/api/problem.ts";
import { bodyOf, formOf, sentForm } from "../../../src/ui/pages/new/run-form.ts";
import { emptyForm, requestOf, sentForm as sentWindows } from "../../../src/ui/pages/queue/add-request.ts";
import { explainProblem } from "../../../src/ui/text/codes.ts";
import { en } from "../../../src/ui/text/en/all.ts";
import { texts } from "../../../src/ui/text/texts.ts";

const NOW = Date.parse("2026-04-23T12:00:00Z");
const CONFIG = readConfig({
  CTYUN_ENDPOINT: "https://recv.example",
  CTYUN_URI_EDGE: "/log/edge",
  CTYUN_PRIVATE_KEY: "k3y",
  LIVE_BATCH_SIZE: "1000",
  RECEIVERS: JSON.stringify({ siem: { url: "https://siem.example/in" } }),
});
const span = { start: "2026-04-22T14:00:00Z", end: "2026-04-22T15:00:00Z" };

beforeAll(() => {
  texts.value = en;
});

describe("the request of the page", () => {
  it("is accepted for a run to another receiver, whatever live option the address has", () => {
    const query = new URLSearchParams({ ...span, receiver: "siem", live: "skip_delivered" });
    const body = bodyOf(sentForm(formOf(query)));
    expect(readRunRequest(body, CONFIG, "token", NOW)).toMatchObject({
      ok: true,
      wanted: { receiver: "siem" },
    });
  });

  it.each(["windows", "range", "holes"] as const)(
    "is accepted for the queue of another receiver: %s",
    (what) => {
      const form = sentWindows({ ...emptyForm("receiver=siem&from=1&until=2"), what, reason: "night" });
      const body = requestOf(form, [{ ...span, end_exclusive: true as const }]);
      expect(readWindowsRequest(body, CONFIG, "token", NOW)).toMatchObject({
        ok: true,
        request: { wanted: { receiver: "siem" }, skipsLive: false },
      });
    },
  );
});

describe("a refusal about a receiver", () => {
  const run = (more: object) =>
    readRunRequest(
      { start: "2026-04-22T14:00:00Z", end: "2026-04-22T15:00:00Z", ...more },
      CONFIG,
      "token",
      NOW,
    );
  const windows = (more: object) => readWindowsRequest({ reason: "r", ...more }, CONFIG, "token", NOW);
  const problem = (answer: { ok: boolean; refusal?: object }): Problem =>
    readProblem(422, { title: "t", detail: "d", ...answer.refusal });
  const { unknown, skipsLive, fromHoles } = en.receiverProblems;
  const live = "skip_delivered";

  it.each([
    ["an unknown name", run({ receiver: "lake" }), unknown],
    ["a text that is no name", run({ receiver: "No Name" }), unknown],
    ["a plan of a receiver that is gone", gone("from_plan"), unknown],
    ["an unknown name in the queue", windows({ last: "7d", options: { receiver: "lake" } }), unknown],
    ["skip_delivered", run({ receiver: "siem", live }), skipsLive],
    [
      "skip_delivered in the queue",
      windows({ windows: [span], options: { receiver: "siem", live } }),
      skipsLive,
    ],
    ["holes", windows({ from_coverage: span, options: { receiver: "siem" } }), fromHoles],
  ] as const)("has words of its own: %s", (_, answer, words) => {
    expect(explainProblem(problem(answer))).toEqual(words);
  });

  it("is told apart from other refusals of the same fields", () => {
    for (const other of [run({ live: "some" }), run({ from_plan: "x" }), windows({ from_coverage: {} })])
      expect(explainProblem(problem(other))).toEqual(en.moreProblems.invalid_body);
    const filter = {
      code: "invalid_query",
      errors: [{ parameter: "receiver", detail: "expected one of default" }],
    };
    expect(explainProblem(readProblem(400, filter))).toEqual(unknown);
  });

  function gone(field: "from_plan" | "continue_of") {
    const id = "20260422T140000Z_20260422T150000Z_20260423T010203Z_lake";
    return readRunRequest({ [field]: id, plan_hash: "0".repeat(64) }, CONFIG, "token", NOW);
  }
});
