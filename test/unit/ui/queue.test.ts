// The rules of the queue's page: where a dragged row goes, what a typed line means, and the request of the form.
import { describe, expect, it } from "vitest";
import { emptyForm, requestOf } from "../../../src/ui/pages/queue/add-request.ts";
import { dropOf } from "../../../src/ui/pages/queue/drop-place.ts";
import { readWindowLines } from "../../../src/ui/pages/queue/read-window-lines.ts";

describe("a dragged window", () => {
  it.each([
    [1, { id: 3, isAfter: true }, { after: 3 }],
    [1, { id: 3, isAfter: false }, { before: 3 }],
    [4, { id: 1, isAfter: false }, { before: 1 }],
    [4, { id: 3, isAfter: false }, { before: 3 }],
    [1, { id: 4, isAfter: true }, { after: 4 }],
  ])("%i dropped at %j moves to %j", (dragged, over, to) => {
    expect(dropOf([1, 2, 3, 4], dragged, over)).toEqual(to);
  });

  it.each([
    [2, { id: 2, isAfter: true }],
    [2, { id: 1, isAfter: true }],
    [2, { id: 3, isAfter: false }],
    [2, { id: 9, isAfter: false }],
    [9, { id: 1, isAfter: false }],
  ])("%i dropped at %j stays", (dragged, over) => {
    expect(dropOf([1, 2, 3, 4], dragged, over)).toBeNull();
  });
});

describe("lines that a person wrote", () => {
  const hour = { start: "2026-04-22T14:00:00Z", end: "2026-04-22T15:00:00Z", end_exclusive: true };

  it.each([
    "2026-04-22 22:00 – 2026-04-22 23:00",
    "2026-04-22 22:00–23:00",
    "2026-04-22 22:00 - 23:00:00",
    "2026-04-22T14:00:00Z/2026-04-22T15:00:00Z",
    "2026-04-22T16:00:00+02:00, 2026-04-22 23:00",
    "  2026-04-22 22:00\t23:00  ",
    "2026-04-22 22:00 to 23:00",
  ])("%j is an hour of Beijing", (line) => {
    expect(readWindowLines(line, "beijing")).toEqual({ windows: [hour], wrong: [] });
  });

  it("are read in the shown zone", () => {
    expect(readWindowLines("2026-04-22 14:00 – 15:00", "utc").windows).toEqual([hour]);
  });

  it("name each line that is no window, and skip empty ones", () => {
    const text = [
      "2026-04-22 22:00 – 23:00",
      "",
      "2026-04-22 23:00 – 22:00",
      "2026-04-31 22:00 – 23:00",
      "22:00 – 23:00",
      "2026-04-22 22:00 – 23:00 – 23:30",
      "yesterday",
    ].join("\n");
    expect(readWindowLines(text, "beijing")).toEqual({ windows: [hour], wrong: [3, 4, 5, 6, 7] });
  });
});

describe("the request for the queue", () => {
  const windows = [{ start: "a", end: "b", end_exclusive: true as const }];

  it("leaves out what was delivered and sent unless a person chooses otherwise", () => {
    expect(requestOf({ ...emptyForm(""), reason: " night " }, windows)).toEqual({
      windows,
      reason: "night",
      skip_sent: true,
      options: { live: "skip_delivered", on_uncertain: "hold" },
    });
  });

  it("asks for the holes of the range in the address", () => {
    expect(requestOf(emptyForm("from=1&until=2"), [])).toMatchObject({
      from_coverage: { start: "1", end: "2" },
    });
  });

  it("asks for the last days, and passes numbers and other text on to the API", () => {
    const form = {
      ...emptyForm(""),
      what: "range" as const,
      cap: "500",
      priority: "high",
      liveBatchSize: "100",
    };
    expect(requestOf(form, windows)).toEqual({
      last: "7d",
      chunk: "24h",
      order: "oldest_first",
      reason: "",
      skip_sent: true,
      priority: "high",
      options: {
        live: "skip_delivered",
        live_batch_size: 100,
        on_uncertain: "hold",
        max_lines_per_second: 500,
      },
    });
    expect(requestOf({ ...form, live: "ignore" }, windows)).toMatchObject({
      options: { live: "ignore", on_uncertain: "hold", max_lines_per_second: 500 },
    });
  });
});
