// Tests what the page asks for another receiver than the first, and its words for refusals about receivers.
import { beforeAll, describe, expect, it } from "vitest";
import { FIRST_RECEIVER as FIRST_OF_CONTRACT } from "../../../src/contract/receivers.ts";
import { readRunRequest } from "../../../src/http/run-request.ts";
import { readWindowsRequest } from "../../../src/http/windows-request.ts";
import { readConfig } from "../../../src/platform/config.ts";
import { queuePaths } from "../../../src/ui/api/queue-paths.ts";
import { readProblem, type Problem } from "../../../src/ui/api/problem.ts";
import { commandOf } from "../../../src/ui/pages/new/equivalents.ts";
import {
  bodyOf,
  formOf,
  queryOf,
  queueOptionsOf,
  sentForm,
  settingsOf,
} from "../../../src/ui/pages/new/run-form.ts";
import { emptyForm, requestOf, sentForm as sentWindows } from "../../../src/ui/pages/queue/add-request.ts";
import { queueAddress, windowAddress } from "../../../src/ui/parts/links.tsx";
import { FIRST_RECEIVER, receiverOfQuery } from "../../../src/ui/state/receiver-names.ts";
import { explainProblem } from "../../../src/ui/text/codes.ts";
import { en } from "../../../src/ui/text/en/all.ts";
import { texts } from "../../../src/ui/text/texts.ts";

const WINDOW = "start=2026-04-22T14:00:00Z&end=2026-04-22T15:00:00Z&end_exclusive=true";
const NOW = Date.parse("2026-04-23T12:00:00Z");
const CONFIG = readConfig({
  CTYUN_ENDPOINT: "https://recv.example",
  CTYUN_URI_EDGE: "/log/edge",
  CTYUN_PRIVATE_KEY: "k3y",
  LIVE_BATCH_SIZE: "1000",
  RECEIVERS: JSON.stringify({ siem: { url: "https://siem.example/in" } }),
});

beforeAll(() => {
  texts.value = en;
});

function formOfQuery(query: string) {
  return formOf(new URLSearchParams(query));
}

describe("the form of a new run", () => {
  const typed = formOfQuery(`${WINDOW}&receiver=siem&live=skip_delivered&live_batch_size=500`);

  it("asks another receiver for all lines, and the API accepts the request", () => {
    const body = bodyOf(sentForm(typed));
    expect(body).toEqual({
      receiver: "siem",
      start: "2026-04-22T14:00:00Z",
      end: "2026-04-22T15:00:00Z",
      end_exclusive: true,
    });
    expect(readRunRequest(body, CONFIG, "token", NOW)).toMatchObject({
      ok: true,
      wanted: { receiver: "siem" },
    });
    expect(queryOf(sentForm(typed))).toMatchObject({ receiver: "siem", live: null });
  });

  it("skips again what the live worker delivered when the person chooses the first receiver again", () => {
    expect(bodyOf(sentForm({ ...typed, receiver: "" }))).toMatchObject({
      live: "skip_delivered",
      live_batch_size: 500,
    });
  });

  it("names no receiver for the first one", () => {
    expect(FIRST_RECEIVER).toBe(FIRST_OF_CONTRACT);
    for (const query of [WINDOW, `${WINDOW}&receiver=`, `${WINDOW}&receiver=${FIRST_RECEIVER}`])
      expect(bodyOf(sentForm(formOfQuery(query)))).not.toHaveProperty("receiver");
  });

  it("passes the receiver on to the queue and to the command for a terminal, and a plan has its own", () => {
    const body = bodyOf(sentForm(typed));
    expect(queueOptionsOf(body)).toEqual({ receiver: "siem" });
    expect(commandOf(body)).toContain(" --receiver siem --start ");
    expect(bodyOf({ ...typed, from_plan: "p" }, "h")).not.toHaveProperty("receiver");
    expect(settingsOf(typed)).not.toHaveProperty("receiver");
  });
});

describe("the form for the queue", () => {
  it("begins with the receiver of the address, and asks for all lines of its windows", () => {
    const form = sentWindows({ ...emptyForm("receiver=siem&from=1&until=2"), reason: "night" });
    const windows = [
      { start: "2026-04-22T14:00:00Z", end: "2026-04-22T15:00:00Z", end_exclusive: true as const },
    ];
    const body = requestOf(form, windows);
    expect(body).toEqual({ windows, reason: "night", skip_sent: true, options: { receiver: "siem" } });
    expect(readWindowsRequest(body, CONFIG, "token", NOW)).toMatchObject({ ok: true });
    const series = requestOf({ ...form, what: "range" }, []);
    expect(readWindowsRequest(series, CONFIG, "token", NOW)).toMatchObject({ ok: true });
  });

  it("keeps the holes and the live option for the first receiver", () => {
    const form = emptyForm("receiver=siem&from=1&until=2");
    expect(requestOf(sentWindows({ ...form, receiver: null }), [])).toMatchObject({
      from_coverage: { start: "1", end: "2" },
      options: { live: "skip_delivered" },
    });
  });
});

describe("the number of a window", () => {
  it("has the receiver of its queue in each address and each path", () => {
    expect([windowAddress(3, "siem"), windowAddress(3, "default"), windowAddress(3, null)]).toEqual([
      "/ui/queue?receiver=siem&window=3",
      "/ui/queue?window=3",
      "/ui/queue?window=3",
    ]);
    expect([queueAddress("siem", "/add"), queueAddress("default")]).toEqual([
      "/ui/queue/add?receiver=siem",
      "/ui/queue",
    ]);
    expect([receiverOfQuery("receiver=siem&window=3"), receiverOfQuery("window=3")]).toEqual(["siem", null]);
    const ofSiem = [
      queuePaths.window(3, "siem"),
      queuePaths.move(3, "siem"),
      queuePaths.pause("siem"),
      queuePaths.resume("siem"),
    ];
    for (const path of ofSiem) expect(path).toMatch(/\?receiver=siem$/);
    expect(queuePaths.pause(null)).toBe("/windows/pause");
  });
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
  const span = { start: "2026-04-22T14:00:00Z", end: "2026-04-22T15:00:00Z" };
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
