// Tests what POST /windows accepts, and which errors it returns for the rest. Nothing is queued by a refused body.
import { describe, expect, it } from "vitest";
import { readConfig } from "../../../src/platform/config.ts";
import { endOfDuration } from "../../../src/http/requests/durations.ts";
import { readWindowsRequest } from "../../../src/http/queue/windows-request.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.parse("2026-05-01T12:34:56.789Z");
const WINDOW = { start: "2026-04-22T14:00:00Z", end: "2026-04-22T15:00:00Z" };
const LIVE = { options: { live: "ignore" } };

function read(body: object) {
  return readWindowsRequest({ reason: "why", ...body }, readConfig({}), "token", NOW);
}

/** Pointers of the errors, or the code of the refusal. */
function refusalOf(body: object): string[] {
  const answer = read(body);
  if (answer.ok) return [];
  const { refusal } = answer;
  if ("errors" in refusal) return refusal.errors.map((error) => ("pointer" in error ? error.pointer : "?"));
  return [refusal.code, ...("pointer" in refusal ? [refusal.pointer] : [])];
}

describe("a body", () => {
  it.each<[string, object, string[]]>([
    ["nothing to queue", {}, ["#"]],
    ["two kinds", { windows: [WINDOW], days: 1, ...LIVE }, ["#/days"]],
    ["no window", { windows: [] }, ["#/windows"]],
    ["1,001 windows", { windows: Array.from({ length: 1_001 }, () => WINDOW) }, ["#/windows"]],
    ["windows that are no list", { windows: "all" }, ["#/windows"]],
    ["no reason", { windows: [WINDOW], reason: "  " }, ["#/reason"]],
    ["an unknown field", { windows: [WINDOW], windwos: 1 }, ["#/windwos"]],
    ["zero days", { days: 0, ...LIVE }, ["#/days"]],
    ["minus two days", { days: -2, ...LIVE }, ["#/days"]],
    ["half a day", { days: 0.5, ...LIVE }, ["#/days"]],
    ["a duration without a unit", { last: "7", ...LIVE }, ["#/last"]],
    ["a duration of weeks", { last: "1w", ...LIVE }, ["#/last"]],
    ["a chunk over 7 days", { days: 9, chunk: "8d", ...LIVE }, ["#/chunk"]],
    ["a chunk of a minute", { days: 9, chunk: "1m", ...LIVE }, ["#/chunk"]],
    ["a chunk of windows", { windows: [WINDOW], chunk: "1d" }, ["#/chunk"]],
    ["an order of windows", { windows: [WINDOW], order: "newest_first" }, ["#/order"]],
    ["another order", { days: 1, order: "random", ...LIVE }, ["#/order"]],
    ["a priority of text", { windows: [WINDOW], priority: "high" }, ["#/priority"]],
    ["no attempt", { windows: [WINDOW], max_attempts: 0 }, ["#/max_attempts"]],
    ["an empty source", { windows: [WINDOW], source: "" }, ["#/source"]],
    ["options that are no object", { windows: [WINDOW], options: [] }, ["#/options"]],
    [
      "an option of the wrong type",
      { windows: [WINDOW], options: { polite: 1, rate: 0 } },
      ["#/options/rate", "#/options/polite"],
    ],
    ["an unknown option", { windows: [WINDOW], options: { polit: true } }, ["#/options/polit"]],
    ["a canary", { windows: [WINDOW], options: { canary: 3 } }, ["#/options/canary"]],
    ["a window in the options", { windows: [WINDOW], options: WINDOW }, ["#/options/start", "#/options/end"]],
    ["a dry run", { windows: [WINDOW], options: { dry_run: true } }, ["#/options/dry_run"]],
    [
      "a plan",
      { windows: [WINDOW], options: { from_plan: "x", plan_hash: "y" } },
      ["#/options/from_plan", "#/options/plan_hash"],
    ],
    ["a continuation", { windows: [WINDOW], options: { continue_of: "x" } }, ["#/options/continue_of"]],
    [
      "skip_delivered without the size of the live worker's batches",
      { windows: [WINDOW], options: { live: "skip_delivered" } },
      ["live_batch_size_needed", "#/options/live_batch_size"],
    ],
    ["days without a live mode", { days: 3 }, ["live_mode_needed", "#/options/live"]],
    [
      "last without a live mode",
      { last: "3d", options: { polite: true } },
      ["live_mode_needed", "#/options/live"],
    ],
    ["holes without a live mode", { from_coverage: WINDOW }, ["live_mode_needed", "#/options/live"]],
    ["holes of a range of text", { from_coverage: "yesterday", ...LIVE }, ["#/from_coverage"]],
    [
      "holes of a range without an end",
      { from_coverage: { start: WINDOW.start }, ...LIVE },
      ["#/from_coverage/end"],
    ],
    [
      "holes of a reversed range",
      { from_coverage: { start: WINDOW.end, end: WINDOW.start }, ...LIVE },
      ["#/from_coverage/end"],
    ],
    [
      "holes of more than 7 days",
      { from_coverage: { start: "2026-04-01T00:00:00Z", end: WINDOW.end }, ...LIVE },
      ["#/from_coverage/end"],
    ],
  ])("with %s is refused", (_what, body, pointers) => {
    expect(refusalOf(body).toSorted()).toEqual(pointers.toSorted());
  });

  it.each([null, [], "x", 7])("that is %j is refused", (body) => {
    expect(readWindowsRequest(body, readConfig({}), "token", NOW)).toMatchObject({ ok: false });
  });
});

describe("a window", () => {
  it("that cannot be replayed is dropped alone, with a pointer into the body", () => {
    const windows = [
      WINDOW,
      { start: WINDOW.end, end: WINDOW.start },
      { start: WINDOW.start, end: "2026-05-02T00:00:00Z" },
      { start: "2026-04-01T00:00:00Z", end: "2026-04-09T00:00:00Z" },
      { start: WINDOW.start },
      { ...WINDOW, note: "no" },
      null,
    ];
    const answer = read({ windows });
    if (!answer.ok || answer.request.asked.kind !== "windows") throw new Error("expected windows");
    const pointers = answer.request.asked.windows.map((one) =>
      one.kind === "invalid" ? one.errors.map(({ pointer }) => pointer) : one.kind,
    );
    expect(pointers).toEqual([
      "window",
      ["#/windows/1/end"],
      ["#/windows/2/end"],
      ["#/windows/3/end"],
      ["#/windows/4/end"],
      ["#/windows/5/note"],
      ["#/windows/6"],
    ]);
  });

  it("may end in the future when it waits until then", () => {
    const tonight = { start: "2026-05-01T20:00:00Z", end: "2026-05-01T21:00:00Z" };
    const kinds = (body: object) => {
      const answer = read({ windows: [tonight], ...body });
      return answer.ok && answer.request.asked.kind === "windows" && answer.request.asked.windows[0]?.kind;
    };
    expect(kinds({})).toBe("invalid");
    expect(kinds({ not_before: "2026-05-01T20:59:59Z" })).toBe("invalid");
    expect(kinds({ not_before: "2026-05-01T21:00:00Z" })).toBe("window");
  });
});

describe("a duration", () => {
  it.each([
    ["days: 3", { days: 3 }, "2026-04-28T12:00:00Z", "2026-05-01T12:00:00Z"],
    ["last 12h", { last: "12h" }, "2026-05-01T00:00:00Z", "2026-05-01T12:00:00Z"],
    ["last 90m", { last: "90m" }, "2026-05-01T10:54:00Z", "2026-05-01T12:24:00Z"],
    ["days: -1", { days: -1 }, null, "2026-05-01T12:00:00Z"],
  ])("%s ends before now without the late margin, at a whole hour or minute", (_what, body, start, end) => {
    const answer = read({ ...body, ...LIVE });
    expect(answer).toMatchObject({
      ok: true,
      request: {
        asked: {
          kind: "series",
          startMs: start && Date.parse(start),
          endMs: Date.parse(end),
          chunkMs: DAY,
          order: "oldest_first",
        },
      },
    });
  });

  it("means the same range for a repeat within the hour", () => {
    const ends = [15, 30, 69].map((minute) =>
      endOfDuration(Date.parse("2026-05-01T12:00:00Z") + minute * 60_000, 600_000, "d"),
    );
    expect(new Set(ends).size).toBe(1);
  });

  it("has defaults for age and attempts, and drops no old window", () => {
    expect(read({ windows: [WINDOW] })).toMatchObject({
      request: {
        maxAgeMs: 7 * DAY,
        maxAttempts: 3,
        oldestEnd: null,
        priority: 0,
        notBefore: null,
        skipSent: false,
        source: null,
      },
    });
    expect(read({ windows: [WINDOW], drop_older_than: "2d" })).toMatchObject({
      request: { oldestEnd: NOW - 2 * DAY },
    });
  });
});
