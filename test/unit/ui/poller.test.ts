// The timer of the page with a clock that the test moves: how soon a lost API shows, and how soon it is found again.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  addSource,
  isReached,
  lostSince,
  noteOutcome,
  startPolling,
  type Source,
} from "../../../src/ui/state/poller.ts";

/** A request is under way for this long. ms. */
const ANSWER_MS = 100;

let isApiUp: boolean;
let stopSource: () => void;
let asked: number[];

async function answer(): Promise<Response> {
  const wasUp = isApiUp;
  await new Promise((resolve) => setTimeout(resolve, ANSWER_MS));
  if (!wasUp) throw new TypeError("fetch failed");
  return Response.json({});
}

function countedSource(): Source {
  const source: Source = {
    askedAt: null,
    isBusy: false,
    slowestMs: 0,
    works: () => false,
    refresh: async () => {
      source.askedAt = Date.now();
      asked.push(Date.now());
    },
  };
  return source;
}

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse("2026-04-22T14:00:00Z") });
  vi.stubGlobal("document", { hidden: false, addEventListener: () => {} });
  vi.stubGlobal("window", { addEventListener: () => {} });
  vi.stubGlobal("sessionStorage", { getItem: () => null });
  vi.stubGlobal("fetch", answer);
  isApiUp = true;
  asked = [];
  lostSince.value = null;
  startPolling();
  stopSource = addSource(countedSource());
});

afterEach(() => {
  stopSource();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("an API that goes away", () => {
  it("is known within 5 s, whenever its last answer was", async () => {
    for (let lateMs = 0; lateMs < 5_000; lateMs += 250) {
      isApiUp = true;
      await vi.advanceTimersByTimeAsync(20_000 + lateMs);
      expect(isReached.value, `after ${lateMs} ms`).toBe(true);
      isApiUp = false;
      await vi.advanceTimersByTimeAsync(5_000);
      expect(isReached.value, `after ${lateMs} ms`).toBe(false);
    }
  });

  it("counts as lost since its last answer", async () => {
    await vi.advanceTimersByTimeAsync(20_000);
    const before = Date.now();
    isApiUp = false;
    await vi.advanceTimersByTimeAsync(30_000);
    const since = lostSince.value ?? 0;
    expect(since).toBeGreaterThan(before - 5_000);
    expect(since).toBeLessThanOrEqual(before + ANSWER_MS);
  });

  it("is found again within 5 s after it is back, and its data are requested at once", async () => {
    await vi.advanceTimersByTimeAsync(20_000);
    isApiUp = false;
    await vi.advanceTimersByTimeAsync(60_000);
    isApiUp = true;
    const back = Date.now();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(isReached.value).toBe(true);
    expect(asked.some((at) => at > back)).toBe(true);
  });

  it("is known again within 5 s when an answer to an earlier request arrives late", async () => {
    await vi.advanceTimersByTimeAsync(20_000);
    isApiUp = false;
    await vi.advanceTimersByTimeAsync(5_000);
    noteOutcome(null);
    expect(isReached.value).toBe(true);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(isReached.value).toBe(false);
  });
});

describe("a change in another tab", () => {
  it("makes this tab request its data, without the time between two requests passing", async () => {
    await vi.advanceTimersByTimeAsync(1_000);
    const before = asked.length;
    vi.useRealTimers();
    const other = new BroadcastChannel("changes");
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a BroadcastChannel has none
    other.postMessage(null);
    await expect.poll(() => asked.length).toBe(before + 1);
    other.close();
  });
});
