// A large folder is cut into key ranges. What is found must not depend on the cuts or on the order of the pages. The
// listing must take few pages, and read several of them in parallel.
import { describe, expect, it } from "vitest";
import { beginPass, nextTask, takePage } from "../../../src/listing/pass.ts";
import { MAX_SEGMENTS, cutAhead, frameOf, newTask, type ListTask } from "../../../src/listing/list-tasks.ts";
import { listAll, listRows } from "../../support/listing-driver.ts";
import { oracle } from "../../support/listing-oracle.ts";
import {
  HOUR,
  LIMITS,
  MIDNIGHT,
  MINUTE,
  START,
  dayOf,
  listPage,
  specOf,
  stampOf,
} from "../../support/run-listing.ts";

/** The most key ranges of one folder at any time. */
function mostSegments() {
  const most = { segments: 0 };
  const watch = (tasks: ListTask[]): void => {
    const folders = Map.groupBy(tasks, (task) => task.prefix);
    most.segments = Math.max(most.segments, ...[...folders.values()].map((some) => some.length));
  };
  return { most, watch };
}

/** Returns names of files, one every `everyMs` over three days. */
function dense(everyMs: number, name: (from: number) => string): string[] {
  return [...Array(Math.floor((72 * HOUR) / everyMs)).keys()].map((n) => name(MIDNIGHT + n * everyMs));
}
function inFolder(from: number): string {
  return `logs/${dayOf(from)}/${stampOf(from)}_${stampOf(from + MINUTE)}_h.log.gz`;
}

describe("a dense key range", () => {
  const spec = specOf(MIDNIGHT, MIDNIGHT + 72 * HOUR - 1_000);

  it.each([
    ["in day folders", inFolder],
    ["of flat names", (from: number) => `logs/${stampOf(from)}_${stampOf(from + MINUTE)}_h.log.gz`],
    ["of single stamps", (from: number) => `logs/${dayOf(from)}/${stampOf(from)}_h.log.gz`],
  ])("is cut where its first page tells, and takes hardly more pages than it fills: %s", (_kind, name) => {
    const keys = dense(20_000, name);
    const { most, watch } = mostSegments();
    const one = listAll(keys, spec, LIMITS, { limit: () => 100, watch });
    expect(one.files).toHaveLength(keys.length);
    expect(most.segments).toBe(MAX_SEGMENTS);
    const idle = listAll([], spec, LIMITS, { limit: () => 100 }).pages;
    expect(one.pages - idle).toBeLessThanOrEqual(keys.length / 100 + 3);
    const five = listAll(keys, spec, LIMITS, { limit: () => 100, atOnce: 5 });
    expect(five.pages - idle).toBeLessThan((keys.length / 100) * 1.3);
  });

  it("keeps five lists busy almost to its end", () => {
    const keys = dense(20_000, inFolder);
    // Every list takes equally long, so five arrive together.
    const alone = listAll(keys, spec, LIMITS, { limit: () => 100 });
    let open = 0;
    let idle = 0;
    listAll(keys, spec, LIMITS, {
      limit: () => 100,
      atOnce: 5,
      arrives: (_page, under) => {
        open += under;
        idle += 5 - under;
        return 0;
      },
    });
    expect(alone.pages).toBeGreaterThan(130);
    expect(idle / (open + idle)).toBeLessThan(0.05);
  });

  it("is cut again when its names get closer together after the first page", () => {
    const quiet = dense(10 * MINUTE, inFolder);
    const rush = [...Array(3_600).keys()].map((n) => inFolder(MIDNIGHT + 30 * HOUR + n * 1_000));
    const keys = [...new Set([...quiet, ...rush])];
    const { most, watch } = mostSegments();
    const { files, pages } = listAll(keys, spec, LIMITS, { limit: () => 50, atOnce: 5, watch });
    expect(files).toHaveLength(keys.length);
    expect(most.segments).toBeGreaterThan(5);
    expect(pages).toBeLessThan(250);
  });

  it("has no segments when it is one second long", () => {
    const keys = [...Array(700).keys()].map((n) =>
      inFolder(START).replace("_h.", `_${String(n).padStart(4, "0")}.`),
    );
    const { files, pages } = listAll(keys, specOf(START, START + HOUR), LIMITS, { limit: () => 100 });
    expect(files).toHaveLength(700);
    expect(pages).toBeLessThan(80);
  });

  it("leaves no key between two segments", () => {
    const keys = dense(MINUTE, inFolder);
    const bounds = new Set<string>();
    listAll(keys, spec, LIMITS, {
      limit: () => 20,
      watch: (tasks) => tasks.forEach(({ stopAt }) => stopAt !== null && bounds.add(stopAt)),
    });
    expect(bounds.size).toBeGreaterThan(40);
    // A key that equals a bound is no log. Such a key must belong to exactly one of the two key ranges.
    const { named } = listAll([...keys, ...bounds], spec, LIMITS, { limit: () => 20, atOnce: 5 });
    expect(named.get("other")?.toSorted()).toEqual([...bounds].toSorted());
  });

  it("ignores a page of a task that has moved on, because its keys were taken already", () => {
    const keys = dense(10 * MINUTE, inFolder);
    const frame = frameOf(spec, LIMITS.marginMs, LIMITS.lookbackMs);
    // The second page is the last of its folder.
    for (const size of [10, 1_000]) {
      const rows = listRows();
      const begun = beginPass(rows, null, frame, "take", 0);
      const open: ListTask[] = [];
      for (let task = nextTask(rows, begun, open); task; task = nextTask(rows, begun, open)) open.push(task);
      const asked = open.find((one) => one.prefix === "logs/20260423/")!;
      const page = listPage(keys, asked, size);
      const once = takePage(rows, begun, frame, asked, page, []);
      expect(once?.files).toHaveLength(Math.min(size, 144));
      expect(takePage(rows, once!.state, frame, asked, page, [])).toBeNull();
    }
  });

  it("is not cut within the second of its last key", () => {
    const fromMs = MIDNIGHT + HOUR;
    const keys = [fromMs - 1_000, fromMs].map((at) => ({
      key: inFolder(at),
      size: 1,
      etag: "",
      uploadedAt: 0,
    }));
    const last = keys[1]!.key;
    const stem = `logs/${dayOf(fromMs)}/`;
    const rest = { ...newTask("keys", stem, 1), startAfter: last, stopAt: `${stem}~` };
    const segments = cutAhead(rest, { keys, folders: [], truncated: true }, HOUR);
    for (const { startAfter, stopAt } of segments) expect(startAfter! < stopAt!).toBe(true);
    expect(segments[0]?.startAfter).toBe(last);
  });

  it("gives each key once, whichever page arrives first", () => {
    const keys = dense(3 * MINUTE, (from) =>
      from % 7 === 0 ? `logs/${stampOf(from)}_s.log.gz` : `logs/${dayOf(from)}/${stampOf(from)}_s.log.gz`,
    );
    keys.push(...dense(HOUR, (from) => `logs/${dayOf(from)}/${stampOf(from)}.stray`));
    const expected = oracle(keys, spec, LIMITS);
    for (let order = 1; order < 40; order += 1) {
      const arrives = (page: number): number => (page * order + order) % 11;
      const listed = listAll(keys, spec, LIMITS, { limit: () => 37, arrives, atOnce: 5 });
      expect(listed.files.map((file) => file.key).toSorted()).toEqual(expected);
      expect(listed.named.get("other")).toHaveLength(72);
      const inOrder = listAll(keys, spec, LIMITS, { limit: () => 1_000 });
      expect(rangesOf(listed.files)).toEqual(rangesOf(inOrder.files));
    }
  });
});

/** Key → range. The range of a single stamp depends on the neighbouring files. */
function rangesOf(files: { key: string; rangeStart: number; rangeEnd: number }[]): Map<string, string> {
  const inOrder = files.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  return new Map(inOrder.map(({ key, rangeStart, rangeEnd }) => [key, `${rangeStart}-${rangeEnd}`]));
}
