// Tests which window and which settings the form of a new run begins with.
import { describe, expect, it } from "vitest";
import { bodyOf, formOf, settingsOfPlan } from "../../../src/ui/pages/new/run-form.ts";
import { newRunOfCells, newRunOfHole, newRunOfWindow, readEdge } from "../../../src/ui/state/new-run-link.ts";

const at = (time: string) => `2026-04-22T${time}:00Z`;
const span = (start: string, end: string) => ({ start: at(start), end: at(end) });
const HOLE = { ...span("14:10", "15:00"), outer: span("14:13", "15:00"), inner: span("14:14", "14:59") };
const LATER = { ...span("16:00", "16:10"), outer: span("16:02", "16:12"), inner: span("16:03", "16:08") };

function queryOf(link: string): URLSearchParams {
  return new URL(link, "http://x").searchParams;
}

function bodyOfLink(link: string) {
  return bodyOf(formOf(queryOf(link)));
}

describe("a new run for a hole", () => {
  it("has the outer window, skips what the live worker delivered, sends a canary, and holds uncertain batches", () => {
    expect(bodyOfLink(newRunOfHole(HOLE))).toEqual({
      ...HOLE.outer,
      end_exclusive: true,
      canary: 3,
      live: "skip_delivered",
      on_uncertain: "hold",
    });
  });

  it("has the inner window if the person chose it, and offers both", () => {
    const link = newRunOfHole(HOLE, "inner");
    expect(bodyOfLink(link)).toMatchObject(HOLE.inner);
    const query = queryOf(link);
    expect([readEdge(query.get("outer")), readEdge(query.get("inner"))]).toEqual([HOLE.outer, HOLE.inner]);
    expect([readEdge(null), readEdge("a/b"), readEdge(at("14:13"))]).toEqual([null, null, null]);
  });
});

describe("a new run for selected cells", () => {
  it("has the outer window of all holes that the cells contain, even if a file ends after the last cell", () => {
    const link = newRunOfCells(span("14:00", "16:10"), [HOLE, LATER], true);
    expect(bodyOfLink(link)).toMatchObject({ start: at("14:13"), end: at("16:12"), canary: 3 });
    expect(readEdge(queryOf(link).get("cells"))).toEqual(span("14:00", "16:10"));
  });

  it("has the cells if they are a part of a hole, and offers the whole hole", () => {
    const link = newRunOfCells(span("14:20", "14:30"), [HOLE, LATER], true);
    expect(bodyOfLink(link)).toMatchObject({ ...span("14:20", "14:30"), on_uncertain: "hold" });
    expect(readEdge(queryOf(link).get("outer"))).toEqual(HOLE.outer);
  });

  it("has the cells where no hole is, and skips nothing in a bucket without markers", () => {
    const link = newRunOfCells(span("15:00", "16:00"), [HOLE, LATER], false);
    expect(queryOf(link).has("outer")).toBe(false);
    expect(bodyOfLink(link)).toEqual({
      ...span("15:00", "16:00"),
      end_exclusive: true,
      canary: 3,
      on_uncertain: "hold",
    });
    expect(bodyOfLink(newRunOfWindow(span("15:00", "16:00"), true))).toMatchObject({
      live: "skip_delivered",
    });
  });
});

describe("the form", () => {
  it("begins with a canary and hold when it is empty, and else with what the address says", () => {
    expect(bodyOf(formOf(new URLSearchParams()))).toEqual({
      end_exclusive: true,
      canary: 3,
      on_uncertain: "hold",
    });
    const query = new URLSearchParams(span("14:00", "15:00"));
    expect(bodyOf(formOf(query))).toEqual(span("14:00", "15:00"));
  });

  it("takes the settings of a dry run that its address does not have", () => {
    const hours = [{ from: "01:00", to: "07:00", zone: "Asia/Shanghai", days: ["mon", "tue"] }];
    const spec = {
      on_uncertain: "hold",
      polite: true,
      send_between: hours,
      daily_lines: null,
      dedupe: "file",
    };
    const dryRun = { spec: { ...spec, max_lines_per_second: 5_000 }, note: "counted" };
    const settings = settingsOfPlan(dryRun, new Set(["note"]));
    expect(settings).toEqual({
      max_lines_per_second: "5000",
      options: { on_uncertain: "hold", polite: "true", send_between: "01:00-07:00 Asia/Shanghai mon,tue" },
    });
    const form = { ...formOf(new URLSearchParams("from_plan=p")), ...settings };
    expect(bodyOf(form, "h")).toMatchObject({ send_between: hours, polite: true });
    expect(settingsOfPlan(dryRun, new Set(["on_uncertain"])).options).not.toHaveProperty("on_uncertain");
  });
});
