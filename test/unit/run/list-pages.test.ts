// One page of keys from R2: the rate limit applies to all callers together, and one failure is retried.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { listPages, patientLists } from "../../../src/listing/list-pages.ts";
import { newTask } from "../../../src/listing/list-tasks.ts";

type Page = { objects: object[]; delimitedPrefixes: string[]; truncated: boolean; cursor?: string };
const EMPTY: Page = { objects: [], delimitedPrefixes: [], truncated: false };

/** A bucket that answers with `answer(n)` and records when each list was requested. */
function bucket(answer: (call: number) => Page) {
  const asked: { at: number; options: R2ListOptions }[] = [];
  const list = async (options: R2ListOptions = {}): Promise<R2Objects> => {
    asked.push({ at: Date.now(), options });
    return answer(asked.length - 1) as unknown as R2Objects;
  };
  return { asked, listOne: listPages(patientLists({ list }, Date.now)) };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a page of a listing", () => {
  it("is asked for again twice when R2 failed", async () => {
    const { asked, listOne } = bucket((call) => {
      if (call < 2) throw new Error("R2 is down");
      return EMPTY;
    });
    const page = listOne(newTask("keys", "logs/", 1));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await page).toEqual({ keys: [], folders: [], truncated: false });
    expect(asked).toHaveLength(3);
    const [first = 0, second = 0, third = 0] = asked.map(({ at }) => at);
    expect(second - first).toBeGreaterThanOrEqual(200);
    expect(third - second).toBeGreaterThan(second - first - 200);
  });

  it("is left to the clock, whose waits are longer, after three failures", async () => {
    const { asked, listOne } = bucket(() => {
      throw new Error("R2 is down");
    });
    const page = expect(listOne(newTask("keys", "logs/", 1))).rejects.toThrow("R2 is down");
    await vi.advanceTimersByTimeAsync(60_000);
    await page;
    expect(asked).toHaveLength(3);
  });

  it("is followed by R2's own cursor when it is empty and has a successor", async () => {
    const pages: Page[] = [
      { ...EMPTY, truncated: true, cursor: "one" },
      { ...EMPTY, truncated: true, cursor: "two" },
      { ...EMPTY, delimitedPrefixes: ["logs/a/"], truncated: true },
    ];
    const { asked, listOne } = bucket((call) => pages[call] ?? EMPTY);
    const page = await listOne({ ...newTask("walk", "logs/", 0), startAfter: "logs/0" });
    expect(page).toEqual({ keys: [], folders: ["logs/a/"], truncated: true });
    const base = { prefix: "logs/", startAfter: "logs/0", delimiter: "/" };
    expect(asked.map(({ options }) => options)).toEqual([
      base,
      { ...base, cursor: "one" },
      { ...base, cursor: "two" },
    ]);
  });
});

describe("the rate of lists", () => {
  it("is bounded in any second, over all that ask and with their retries, because each is billed", async () => {
    const { asked, listOne } = bucket((call) => {
      if (call % 10 === 0) throw new Error("R2 is down");
      return EMPTY;
    });
    const pages = Promise.allSettled(Array.from({ length: 400 }, () => listOne(newTask("keys", "logs/", 1))));
    await vi.advanceTimersByTimeAsync(30_000);
    await pages;
    expect(asked.length).toBeGreaterThan(430);
    const times = asked.map(({ at }) => at);
    const busiest = Math.max(
      ...times.map((from) => times.filter((at) => at >= from && at < from + 1_000).length),
    );
    expect(busiest).toBe(100);
  });
});
