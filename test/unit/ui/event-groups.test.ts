// Groups of events: people's events alone, the run's own together.
import { expect, it } from "vitest";
import { groupEvents, kindCounts } from "../../../src/ui/pages/run-parts/event-groups.ts";

const event = (number: number, actor: string, kind = "stage") => ({
  event: number,
  at: "2026-04-22T14:00:00.000Z",
  actor,
  kind,
  detail: {},
});

it("keeps the order, and joins only neighbours of the run itself", () => {
  const events = [
    event(1, "unverified:system"),
    event(2, "system"),
    event(3, "system", "slot"),
    event(4, "system"),
    event(5, "token"),
    event(6, "token"),
    event(7, "system"),
  ];
  const groups = groupEvents(events);
  expect(groups.map(({ isSystem, events: some }) => [isSystem, some.length])).toEqual([
    [false, 1],
    [true, 3],
    [false, 1],
    [false, 1],
    [true, 1],
  ]);
  expect(groups.flatMap(({ events: some }) => some)).toEqual(events);
  expect(kindCounts(groups[1]?.events ?? [])).toEqual([["stage", 2], ["slot", 1]]); // prettier-ignore
});
