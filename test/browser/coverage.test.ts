// The page that shows which windows are missing, over a bucket with a hole of 47 minutes.
import type { Page } from "playwright-core";
import { describe, expect, it, onTestFinished } from "vitest";
import type { CoverageAnswer } from "../../src/contract/api/api-types.ts";
import { LIVE_BATCH_SIZE, LIVE_TIMES, makeLiveSample } from "../../local/demo/live-sample.ts";
import { axe } from "./support/axe.ts";
import { sharedBrowserStack } from "./support/browser-stack.ts";
import { inEveryLook } from "./support/looks.ts";
import { pageShown } from "./support/page-shown.ts";

const { stack, browser, open } = sharedBrowserStack({
  logs: (dir) => makeLiveSample(dir, LIVE_TIMES),
  vars: { LIVE_BATCH_SIZE: String(LIVE_BATCH_SIZE), COVERAGE_SETTLE_MINUTES: "0" },
});

/** Two days of Beijing around the sample. */
const DAYS = "/ui/coverage?start=2026-04-21T16:00:00Z&end=2026-04-23T16:00:00Z";
const HOLE = "2026-04-22 22:10–23:00 Beijing";

async function grid(page: Page) {
  const found = page.getByRole("grid");
  await found.waitFor();
  await page.getByText("Complete as of").waitFor({ timeout: 30_000 });
  return found;
}

/** The days of the grid's rows. */
function days(page: Page): Promise<string[]> {
  return page.getByRole("grid").getByRole("rowheader").allTextContents();
}

function holes(page: Page) {
  return page.getByRole("region", { name: "Holes", exact: true });
}

/** Where a cell of the second or first row is drawn. `cell` counts from midnight of the row. */
async function placeOf(page: Page, row: number, cell: number): Promise<{ x: number; y: number }> {
  const box = await page.locator("[data-start] .cells-hours").nth(row).boundingBox();
  if (box === null) throw new Error("the row is not drawn");
  return { x: box.x + ((cell + 0.5) / 288) * box.width, y: box.y + box.height / 2 };
}

describe("the hole table", () => {
  it("names each hole with its cells, files and edges, as the API does", async () => {
    const page = await open(DAYS);
    await grid(page);
    const { body } = await stack().operator.call<{
      holes: { files: number; inner: object; outer: object }[];
    }>("GET", "/coverage?start=2026-04-21T16:00:00Z&end=2026-04-23T16:00:00Z");
    expect(body.holes).toHaveLength(1);
    const row = holes(page).getByRole("row").nth(1);
    await row.getByText(HOLE).waitFor();
    const cells = await row.getByRole("cell").allTextContents();
    expect(cells).toContain(String(body.holes[0]?.files));
    expect(cells).toContain("2026-04-22 22:14–22:59 Beijing");
    expect(await row.getByRole("rowheader").textContent()).toBe("2026-04-22 22:13–23:00 Beijing");
    await page.getByText("Recommended: the outer window.").waitFor();
    await row.getByRole("link", { name: "2026-04-22 22:14–22:59 Beijing" }).click();
    await page.getByRole("button", { name: "2026-04-22 22:14–22:59 Beijing", pressed: true }).waitFor();
    expect(await page.getByLabel("Start (Beijing)").inputValue()).toBe("2026-04-22 22:14:00");
    await page.getByRole("button", { name: "2026-04-22 22:13–23:00 Beijing", pressed: false }).click();
    expect(await page.getByLabel("Start (Beijing)").inputValue()).toBe("2026-04-22 22:13:00");
  });
});

describe("a selection", () => {
  it("of a range is made by two taps of a finger, and ends there", async () => {
    const context = await browser().newContext({
      hasTouch: true,
      locale: "en-GB",
      viewport: { width: 360, height: 800 },
    });
    onTestFinished(() => context.close());
    const page = await open(DAYS, { context });
    await grid(page);
    const row = page.locator("[data-start] .cells-hours").nth(1);
    // The grid begins at the newest hours.
    const scrolled = await page.locator(".cells-scroll").evaluate((box) => box.scrollLeft + box.clientWidth);
    expect(scrolled).toBeGreaterThan(950);
    const tap = async (cell: number) => {
      const box = await row.boundingBox();
      await row.tap({ position: { x: ((cell + 0.5) / 288) * (box?.width ?? 0), y: 8 }, force: true });
    };
    const range = () => new URL(page.url()).searchParams;
    const toggle = page.getByRole("button", { name: "Select a range" });
    await toggle.tap();
    await page.getByText("Choose the first cell.").waitFor();
    await tap(12);
    await page.getByText("Choose the last cell.").waitFor();
    await tap(35);
    await expect.poll(() => range().get("to")).toBe("2026-04-22T19:00:00Z");
    expect(range().get("from")).toBe("2026-04-22T17:00:00Z");
    expect(await toggle.getAttribute("aria-pressed")).toBe("false");
    expect(await axe(page)).toEqual([]);
    await tap(20);
    await expect.poll(() => range().get("from")).toBe("2026-04-22T17:40:00Z");
    expect(range().get("to")).toBe("2026-04-22T17:45:00Z");
  });

  it("is made by keys alone, and leads to its plan", async () => {
    const page = await open(`${DAYS}&from=2026-04-22T14:15:00Z&to=2026-04-22T14:20:00Z`);
    const cells = await grid(page);
    await cells.focus();
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("Shift+ArrowRight");
    await page.keyboard.press("Control+Shift+ArrowRight");
    await page.getByRole("heading", { name: "Selected: 2026-04-22 22:10–23:20 Beijing" }).waitFor();
    await page.keyboard.press("Enter");
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe("Plan a replay…");
    expect(new URL(page.url()).searchParams.get("to")).toBe("2026-04-22T15:20:00Z");
    const target = await page.evaluate(() => document.activeElement?.getAttribute("href"));
    const query = new URL(target ?? "", page.url()).searchParams;
    // The window of the hole, because the selection contains it.
    expect([query.get("start"), query.get("end")]).toEqual(["2026-04-22T14:13:00Z", "2026-04-22T15:00:00Z"]);
    expect(query.get("cells")).toBe("2026-04-22T14:10:00Z/2026-04-22T15:20:00Z");
    await cells.focus();
    await page.keyboard.press("Escape");
    await expect.poll(() => page.getByText("Selected:").count()).toBe(0);
  });

  it("is dragged, extended with Shift, and outlives a reload", async () => {
    const page = await open(DAYS);
    await grid(page);
    const [from, to, further] = [
      await placeOf(page, 0, 270),
      await placeOf(page, 0, 272),
      await placeOf(page, 0, 275),
    ];
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move(to.x, to.y);
    await page.mouse.up();
    await page.getByRole("heading", { name: "Selected: 2026-04-22 22:30–22:45 Beijing" }).waitFor();
    await page.keyboard.down("Shift");
    await page.mouse.click(further.x, further.y);
    await page.keyboard.up("Shift");
    const heading = page.getByRole("heading", { name: "Selected: 2026-04-22 22:30–23:00 Beijing" });
    await heading.waitFor();
    await page.reload();
    await heading.waitFor();
    expect(new URL(page.url()).searchParams.get("from")).toBe("2026-04-22T14:30:00Z");
  });

  it("of one cell shows the cell's files, each with what the live worker delivered of it", async () => {
    const page = await open(DAYS);
    await grid(page);
    const { x, y } = await placeOf(page, 0, 266);
    await page.mouse.click(x, y);
    const files = page.getByRole("region", { name: "Files of the selection" });
    await files.getByText("Partly delivered").waitFor();
    // The hole begins inside the file that covers 22:13. This file is the last delivered file before the hole.
    expect(await files.getByRole("row").count()).toBeGreaterThanOrEqual(6);
    expect(await files.getByText("Not delivered").count()).toBeGreaterThan(0);
    await expect.poll(() => page.getByText("Looking further…").count()).toBe(0);
    expect(await axe(page)).toEqual([]);
  });

  it("is the same instant in Beijing time and in UTC, also across midnight", async () => {
    const query = `${DAYS}&from=2026-04-22T15:55:00Z&to=2026-04-22T16:05:00Z`;
    const page = await open(query);
    await grid(page);
    await page
      .getByRole("heading", { name: "Selected: 2026-04-22 23:55 – 2026-04-23 00:05 Beijing" })
      .waitFor();
    expect(await days(page)).toEqual(["2026-04-22", "2026-04-23"]);
    await page.getByText("UTC", { exact: true }).first().click();
    await page.getByRole("heading", { name: "Selected: 2026-04-22 15:55–16:05 UTC" }).waitFor();
    expect(await days(page)).toEqual(["2026-04-21", "2026-04-22", "2026-04-23"]);
    expect(new URL(page.url()).searchParams.get("from")).toBe("2026-04-22T15:55:00Z");
  });
});

/** Shows the page with a changed answer of GET /coverage. */
async function openChanged(path: string, change: (view: CoverageAnswer) => Partial<CoverageAnswer>) {
  const page = await open("/ui/system");
  await page.route(
    ({ pathname }) => pathname === "/coverage",
    async (route) => {
      const response = await route.fetch();
      const known = (await response.json()) as CoverageAnswer;
      await route.fulfill({ response, json: { ...known, ...change(known) } });
    },
  );
  await page.goto(new URL(path, page.url()).href);
  await page.getByText("Complete as of").waitFor({ timeout: 30_000 });
  return page;
}

describe("a window whose raw files were uploaded a short time ago", () => {
  it("is a possible hole with the time of its judgement", async () => {
    const judged = "2026-04-23T14:46:20Z";
    const page = await openChanged(`${DAYS}&from=2026-04-22T14:15:00Z&to=2026-04-22T14:20:00Z`, (known) => {
      const possible = known.holes.map(({ start, end }) => ({ start, end, judged_at: judged }));
      return { states: known.states.replaceAll(/[npw]/g, "s"), holes: [], possible_holes: possible };
    });
    const words = "Not delivered so far; judged from 22:47 Beijing";
    const section = page.getByRole("region", { name: "Holes: 0" });
    await section.getByText("Possible holes: 1").waitFor();
    await section.getByText(HOLE).waitFor();
    expect(await page.getByText(words).count()).toBe(4);
    expect(await page.getByText("No hole").count()).toBe(0);
    await page.getByRole("region", { name: "Selected:" }).getByText(words).waitFor();
    expect(await axe(page)).toEqual([]);
  });
});

describe("a hole that was replayed", () => {
  it("names the run, and no dry or aborted run hides the delivery", async () => {
    const page = await openChanged(`${DAYS}&from=2026-04-22T14:15:00Z&to=2026-04-22T14:20:00Z`, () => {
      const window = { start: "2026-04-22T14:10:00Z", end: "2026-04-22T15:05:00Z" };
      const run = { ...window, delivery_completed: false, dry_run: false };
      return {
        runs: [
          { ...run, id: "counted", stage_code: "counted", dry_run: true },
          { ...run, id: "aborted", stage_code: "aborted" },
          { ...run, id: "delivered", stage_code: "cleaned", delivery_completed: true },
        ],
      };
    });
    const stripes = await page
      .locator(".cells-replays i")
      .evaluateAll((all) => all.map((one) => one.className));
    expect(stripes).toEqual(["replay", "replay-done"]);
    const section = page.getByRole("region", { name: "Holes: 1, replayed, nothing is open" });
    await section.getByText("Replayed", { exact: true }).waitFor();
    await section.locator("a[href='/ui/runs/delivered']").first().waitFor();
    const selected = page.getByRole("region", { name: "Selected:" });
    await selected.getByText("Replayed", { exact: true }).waitFor();
    expect(await page.locator(".primary").filter({ hasText: "Plan a replay…" }).count()).toBe(0);
    expect(await section.getByText("Plan a replay…").count()).toBe(0);
  });
});

describe("cells that were not looked at", () => {
  it("differ from delivered ones, and no hole is ruled out", async () => {
    const page = await open("/ui/");
    await page.route(
      ({ pathname }) => pathname === "/coverage",
      async (route) => {
        const response = await route.fetch();
        const known = (await response.json()) as { states: string };
        const states = known.states.replaceAll(/[^d]/g, ".");
        const progress = { raw: [10, 48], presence: [4, 48], exact: [0, 0] };
        const json = { ...known, states, progress, holes: [], complete: false, retry_after_ms: 1_000 };
        await route.fulfill({ response, json });
      },
    );
    await page.goto(new URL(DAYS, page.url()).href);
    await page.getByText("raw files 10 of 48 h").waitFor();
    await page.getByText("No hole is found so far.").waitFor();
    const looks = await page.evaluate(() =>
      [".cell-d", ".cell-unseen"].map((name) => {
        const cell = document.querySelector(`.cells ${name}`);
        return cell === null ? "" : getComputedStyle(cell).background;
      }),
    );
    expect(looks.every((look) => look !== "")).toBe(true);
    expect(looks[0]).not.toBe(looks[1]);
  });
});

describe("the page", () => {
  it.each(["en", "zh"] as const)("has no fault in any look, in %s", async (lang) => {
    const page = await open(`${DAYS}&from=2026-04-22T14:15:00Z&to=2026-04-22T14:20:00Z`, { lang });
    await page.getByRole("grid").waitFor();
    await pageShown(page);
    await page.locator("summary").first().click();
    await inEveryLook(page, async (look) => expect(await axe(page, look), look).toEqual([]));
    expect(await page.locator("*").count()).toBeLessThan(5_000);
  });

  it("lets a viewer look and change nothing", async () => {
    const page = await open(DAYS, { role: "viewer" });
    await grid(page);
    expect(await page.getByRole("button", { name: "Look again" }).isDisabled()).toBe(true);
    expect(await page.getByRole("button", { name: "Switch…" }).isDisabled()).toBe(true);
    await page.getByText("Your role is viewer").first().waitFor();
  });

  it("looks again, and switches watching for holes", async () => {
    const page = await open(DAYS);
    await grid(page);
    const before = await page.getByText("Complete as of").textContent();
    await page.getByRole("button", { name: "Look again" }).click();
    await expect
      .poll(() => page.getByText("Complete as of").textContent(), { timeout: 30_000 })
      .not.toBe(before);
    const watching = page.getByRole("region", { name: "Watching for holes" });
    await watching.getByRole("button", { name: "Switch…" }).click();
    await page.getByRole("dialog").getByText("Propose", { exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Switch", exact: true }).click();
    await watching.getByText("Holes of the last 24 hours are recorded").waitFor();
    const { body } = await stack().operator.call<{ mode: string }>("GET", "/auto-replay");
    expect(body.mode).toBe("propose");
  });
});
