// The map and the files of a run with 70,000 files. The answers are made here, because such a run would take an hour.
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import type { FileListAnswer, RunMapAnswer, RunStatusAnswer } from "../../src/contract/api/api-types.ts";
import { WINDOW } from "../support/stack.ts";
import { sharedBrowserStack } from "./support/browser-stack.ts";

const { stack, open } = sharedBrowserStack({ logs: { files: 1, lines: [10] } });
const FILES = 70_000;
const CELL_MS = 300_000;
const START_MS = Date.parse("2026-04-16T00:00:00Z");
const CELLS = 7 * 24 * 12;
const PER_CELL = Math.ceil(FILES / CELLS);
const MOST_ELEMENTS = 5_000;
/** Processor time. It is about 200 ms. */
const MOST_MS = 1_000;
let run = "";

beforeAll(async () => {
  const { body } = await stack().operator.call<{ id: string }>("POST", "/runs", { ...WINDOW, dry_run: true });
  run = body.id;
  await stack().api.waitFor(run, ({ stage_code }) => stage_code === "counted", 60_000);
});

function iso(ms: number): string {
  return new Date(ms).toISOString().replace(".000Z", "Z");
}

/** Every seventh cell has a failed file, so that many spans need a person. */
function week(): RunMapAnswer {
  const cells = Array.from({ length: CELLS }, (_, cell) => cell);
  return {
    run,
    as_of: iso(START_MS),
    start: iso(START_MS),
    end: iso(START_MS + CELLS * CELL_MS),
    cell_seconds: CELL_MS / 1_000,
    states: cells.map((cell) => (cell % 7 === 3 ? "f" : "d")).join(""),
    files: cells.map(() => PER_CELL),
    worst: cells.map((cell) => (cell % 7 === 3 ? 1 : PER_CELL)),
    outside: {},
  };
}

/** As many rows as the page asks for, at most 200. */
function rowsOf(known: FileListAnswer, search: URLSearchParams): FileListAnswer {
  const [model] = known.items;
  if (model === undefined) throw new Error("the run has no file");
  const first = Number(search.get("cursor") ?? 1);
  const length = Math.min(200, Number(search.get("limit") ?? 200));
  const items = Array.from({ length }, (_, n) => ({ ...model, file: first + n }));
  return { items, next_cursor: first + length < FILES ? String(first + length) : null };
}

async function makeMany(page: Page): Promise<void> {
  const { operator } = stack();
  const { body: status } = await operator.call<RunStatusAnswer>("GET", `/runs/${run}`);
  const { body: known } = await operator.call<FileListAnswer>("GET", `/runs/${run}/files`);
  await page.route(`**/runs/${run}`, (route) =>
    route.request().resourceType() === "fetch"
      ? route.fulfill({ json: { ...status, files: { ...status.files, closed: FILES - 288, failed: 288 } } })
      : route.fallback(),
  );
  await page.route(/^[^?]*(?<!ui)\/runs\/[^/]+\/map$/, (route) =>
    route.request().resourceType() === "fetch" ? route.fulfill({ json: week() }) : route.fallback(),
  );
  await page.route(/\/runs\/[^/]+\/files(\?|$)/, (route) =>
    route.request().resourceType() === "fetch"
      ? route.fulfill({ json: rowsOf(known, new URL(route.request().url()).searchParams) })
      : route.fallback(),
  );
}

/** Records the processor time of the page's main thread from now on: scripts, style, layout and drawing. Time on the
 * clock would also count what else the machine does. */
async function processorTime(page: Page): Promise<() => Promise<number>> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Performance.enable", { timeDomain: "threadTicks" });
  const total = async () => {
    const { metrics } = await devtools.send("Performance.getMetrics");
    return (metrics.find(({ name }) => name === "TaskDuration")?.value ?? NaN) * 1_000;
  };
  const before = await total();
  return async () => (await total()) - before;
}

describe("70,000 files", () => {
  it.each([
    ["map", ".map-hour .cell", "Failed"],
    ["files", 'tbody a[data-row="200"]', "69,712"],
  ] as const)(
    "are shown by %s in 1 s of processor time, and in fewer than 5,000 elements",
    async (part, selector, text) => {
      const page = await open("/ui/no-such-page");
      await makeMany(page);
      const usedMs = await processorTime(page);
      await page.goto(new URL(`/ui/runs/${run}/${part}`, page.url()).href);
      await page.locator(selector).first().waitFor();
      await page.getByText(text).first().waitFor();
      const used = await usedMs();
      expect(used).toBeGreaterThan(0);
      expect(used).toBeLessThan(MOST_MS);
      const elements = await page.locator("*").count();
      expect(elements).toBeGreaterThan(1_000);
      expect(elements).toBeLessThan(MOST_ELEMENTS);
    },
  );
});
