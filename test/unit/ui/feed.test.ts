// Tests which data the page requests again after an answer that changes others.
import { afterEach, beforeEach, expect, it, vi } from "vitest";

let asked: string[] = [];
let isDelivered = false;

beforeEach(() => {
  asked = [];
  vi.useFakeTimers();
  vi.stubGlobal("sessionStorage", { getItem: () => null });
  vi.stubGlobal("fetch", async (path: string) => {
    asked.push(path);
    return Response.json({ delivery_completed: isDelivered, stage_code: "sending" });
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("asks for coverage again as soon as a run is delivered, and once more when the registry knows it", async () => {
  const { feedOf } = await import("../../../src/ui/state/feed.ts");
  const { runFeed } = await import("../../../src/ui/state/frame-feeds.ts");
  const [shown, left] = [feedOf("/coverage?shown"), feedOf("/coverage?left")];
  const run = runFeed("a");
  const [leaveShown, leaveRun] = [shown.retain(), run.retain()];
  left.retain()();
  await vi.waitFor(() =>
    expect([shown, run].map(({ data, isBusy }) => data.value !== null && !isBusy)).toEqual([true, true]),
  );
  await run.refresh();
  expect(asked.filter((path) => path === shown.path)).toHaveLength(1);
  isDelivered = true;
  await run.refresh();
  expect(asked.filter((path) => path === shown.path)).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(asked.filter((path) => path === shown.path)).toHaveLength(3);
  // Data that no page shows are forgotten, so that a page does not begin with them.
  expect(feedOf(left.path)).not.toBe(left);
  leaveShown();
  leaveRun();
});
