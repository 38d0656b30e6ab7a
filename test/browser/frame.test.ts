// The frame of the page against the real stack: signing in, the active run, viewers, languages, zones, and an API that
// goes away.
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { StatsAnswer } from "../../src/contract/api/api-types.ts";
import { API_TOKEN, WINDOW } from "../support/stack.ts";
import { axe } from "./support/axe.ts";
import { sharedBrowserStack } from "./support/browser-stack.ts";
import { inEveryLook } from "./support/looks.ts";
import { pageShown } from "./support/page-shown.ts";

const { stack, open } = sharedBrowserStack({ logs: { files: 4, lines: [3_000] } });

const MARKUP = "<img src=x onerror=alert(1)>";

/** A run that sends three batches and then waits, so that nothing changes under a test. */
let canary: Promise<string> | undefined;
function pausedRun(): Promise<string> {
  canary ??= startCanary();
  return canary;
}

async function startCanary(): Promise<string> {
  const { body } = await stack().operator.call<{ id: string }>("POST", "/runs", {
    ...WINDOW,
    batch_size: 100,
    canary: 3,
    note: MARKUP,
  });
  const { id } = body;
  await expect.poll(() => stageOf(id), { timeout: 30_000 }).toBe("paused");
  return id;
}

async function stageOf(id: string): Promise<string> {
  return (await stack().api.status(id)).stage_code;
}

/** Runs in the page: by how many pixels it scrolls sideways. */
function tooWide(): number {
  return document.documentElement.scrollWidth - document.documentElement.clientWidth;
}

function heading(page: Page, name: string) {
  return page.getByRole("heading", { level: 1, name });
}

describe("signing in", () => {
  it("takes the token out of the address, and keeps it for this tab", async () => {
    const page = await open("/ui/runs");
    await heading(page, "Runs").waitFor();
    expect(new URL(page.url()).hash).toBe("");
    await page.reload();
    await heading(page, "Runs").waitFor();
  });

  it("asks for a token, refuses a wrong one with its code, and leads to the wanted page", async () => {
    const page = await open("/ui/system", { role: "none" });
    await heading(page, "Sign in").waitFor();
    expect(await page.getByRole("alert").count()).toBe(0);
    await page.getByLabel("Token").fill("wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").getByText("unauthorized").waitFor();
    expect(await axe(page)).toEqual([]);
    await page.getByLabel("Token").fill(API_TOKEN);
    await page.getByLabel("Your name").fill("li.wei");
    await page.keyboard.press("Enter");
    await heading(page, "System").waitFor();
    await page.getByText("unverified:li.wei").waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await heading(page, "Sign in").waitFor();
  });
});

describe("the pages", () => {
  it.each([
    ["/ui/runs", "en"],
    ["/ui/runs", "zh"],
    ["/ui/runs?stage=aborted", "en"],
    ["/ui/system", "en"],
    ["/ui/system", "zh"],
    ["/ui/no-such-page", "en"],
  ] as const)("%s has no fault in any look, in %s", async (path, lang) => {
    await pausedRun();
    const page = await open(path, { lang });
    await pageShown(page);
    await inEveryLook(page, async (look) => {
      expect(await axe(page, look), look).toEqual([]);
      expect(await page.evaluate(tooWide), look).toBeLessThanOrEqual(0);
    });
  });

  it("move the focus to the heading, and go back", async () => {
    const page = await open("/ui/");
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "System" }).click();
    await heading(page, "System").waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("System");
    expect(await page.title()).toContain("System");
    await page.goBack();
    await heading(page, "Home").waitFor();
  });

  it("keep filters in the address, and say that no run matches", async () => {
    await pausedRun();
    const page = await open("/ui/runs");
    await page.getByLabel("Stage").selectOption("aborted");
    await page.getByText("No run matches the filters.").waitFor();
    expect(new URL(page.url()).search).toBe("?stage=aborted");
    await page.getByLabel("Started since").fill("2026-04-22 22:00");
    await page.keyboard.press("Enter");
    await expect.poll(() => new URL(page.url()).searchParams.get("since")).toBe("2026-04-22T14:00:00Z");
    await page.getByRole("button", { name: "Clear filters" }).click();
    await expect.poll(() => new URL(page.url()).search).toBe("");
    await page.getByRole("row").nth(1).waitFor();
  });

  it("show the totals of the last day, week and month above the runs", async () => {
    await pausedRun();
    const page = await open("/ui/runs");
    const { body } = await stack().operator.call<StatsAnswer>("GET", "/stats");
    expect(body).toMatchObject({ runs: { all: 1 }, log_lines_sent: 300 });
    for (const name of ["24 hours", "7 days", "30 days"]) {
      const row = page.getByRole("region", { name: "Totals" }).last().getByRole("row", { name });
      await row.getByRole("cell", { name: "300", exact: true }).waitFor();
      const cost = body.cost_usd.toFixed(4);
      await row.getByRole("cell", { name: cost, exact: true }).waitFor();
    }
  });

  it("show a text selected in a box when the browser refuses the clipboard", async () => {
    const id = await pausedRun();
    const page = await open(`/ui/runs/${id}`);
    await page.locator(".run-id").getByRole("button", { name: "Copy" }).waitFor();
    await page.evaluate(() => {
      navigator.clipboard.writeText = () => Promise.reject(new Error("refused"));
    });
    await page.locator(".run-id").getByRole("button", { name: "Copy" }).click();
    const box = page.getByLabel("The browser refused to copy.");
    await box.waitFor();
    expect(await box.inputValue()).toBe(id);
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("TEXTAREA");
    expect(await page.evaluate(() => String(document.getSelection()))).toBe(id);
  });

  it("show what a person wrote as text", async () => {
    await pausedRun();
    const page = await open("/ui/runs");
    await page.getByText(MARKUP).waitFor();
    expect(await page.locator("img").count()).toBe(0);
  });

  it("show the same instant in Beijing time and in UTC, each with its zone", async () => {
    await pausedRun();
    const page = await open("/ui/runs", { zone: "utc" });
    await page.getByRole("link", { name: "2026-04-22 14:00–15:00 UTC" }).first().waitFor();
    await page.getByText("Beijing", { exact: true }).first().click();
    await page.getByRole("link", { name: "2026-04-22 22:00–23:00 Beijing" }).first().waitFor();
    await page.getByText("中文").click();
    await page.getByRole("link", { name: "2026-04-22 22:00–23:00 北京时间" }).first().waitFor();
    expect(await page.locator("html").getAttribute("lang")).toBe("zh-CN");
    await page.reload();
    await heading(page, "任务").waitFor();
  });
});

describe("the head on a narrow screen", () => {
  it("is one line with the active run, and its menu leads to every page", async () => {
    await pausedRun();
    const page = await open("/ui/runs", { width: 360 });
    const banner = page.getByRole("banner");
    await banner.getByText("Paused").waitFor();
    expect((await banner.boundingBox())?.height).toBeLessThan(50);
    const navigation = page.getByRole("navigation", { name: "Main" });
    expect(await navigation.isVisible()).toBe(false);
    const menu = banner.getByRole("button", { name: "Menu" });
    await menu.press("Enter");
    await navigation.getByRole("link", { name: "Queue" }).waitFor();
    expect((await banner.boundingBox())?.height).toBeLessThan(280);
    expect(await axe(page)).toEqual([]);
    await menu.press("Escape");
    expect(await navigation.isVisible()).toBe(false);
    await menu.press("Enter");
    await navigation.getByRole("link", { name: "System" }).press("Enter");
    await heading(page, "System").waitFor();
    expect(await navigation.isVisible()).toBe(false);
  });
});

describe("the active run", () => {
  it("says what needs a person, and why, and what to do next", async () => {
    await pausedRun();
    const page = await open("/ui/");
    const needs = page.getByRole("region", { name: "Needs you" });
    await needs
      .getByText("The canary is sent. The run is paused. Check it with the partner, then send the rest.")
      .waitFor();
    // A planned pause needs no code.
    expect(await needs.getByText("canary", { exact: true }).count()).toBe(0);
    await expect.poll(() => page.title()).toContain("Paused");
  });
});

describe("the queue on Home", () => {
  it("needs a person when it is paused or a window is blocked, with reason and next step", async () => {
    await pausedRun();
    const { operator } = stack();
    await operator.call("POST", "/windows/pause", { note: MARKUP });
    const { body } = await operator.call<{ outcomes: { id: number; state: string }[] }>("POST", "/windows", {
      windows: [{ start: "2026-04-22T13:30:00Z", end: "2026-04-22T14:30:00Z" }],
      reason: "asked for twice",
    });
    const [added] = body.outcomes;
    expect(added).toMatchObject({ state: "blocked" });
    const page = await open("/ui/");
    const needs = page.getByRole("region", { name: "Needs you" });
    const blocked = needs.getByRole("listitem").filter({ hasText: `Window ${added?.id}` });
    await blocked.getByText("Blocked", { exact: true }).waitFor();
    await blocked.getByText("A part of the window was sent before.").waitFor();
    await blocked.getByText("overlap", { exact: true }).waitFor();
    const paused = needs.getByRole("listitem").filter({ hasText: "Queue paused" });
    await paused.getByText("Resume the queue when the reason is gone.").waitFor();
    await paused.getByText(MARKUP).waitFor();
    await inEveryLook(page, async (look) => expect(await axe(page, look), look).toEqual([]));
    await blocked.getByRole("link").click();
    await page.getByRole("region", { name: `Window ${added?.id}` }).waitFor();
    await operator.call("DELETE", `/windows/${added?.id}`, {});
    await operator.call("POST", "/windows/resume", {});
  });
});

describe("an API that goes away", () => {
  // test/unit/ui/poller.test.ts shows how soon. A slow machine changes the times here.
  it("greys the data, says since when, and recovers by itself", async () => {
    await pausedRun();
    const page = await open("/ui/runs", { tolerated: [/ERR_FAILED|Failed to load resource/] });
    await page.getByRole("row").nth(1).waitFor();
    await page.route(/\/(runs|system|me|health)\b(?!.*\/ui\/)/, async (route) => {
      if (route.request().resourceType() === "fetch") await route.abort();
      else await route.continue();
    });
    const notice = page.getByText(/API not reached since \d\d:\d\d:\d\d Beijing/);
    await notice.waitFor();
    await page.locator(".stale").first().waitFor();
    expect(await page.getByRole("row").count()).toBeGreaterThan(1);
    expect(await axe(page)).toEqual([]);
    await page.unrouteAll();
    await notice.waitFor({ state: "detached" });
    await page.locator(".stale").first().waitFor({ state: "detached" });
  });
});

describe("pausing the active run", () => {
  it("works by keyboard alone, shows in another tab, and returns the focus", async () => {
    const id = await pausedRun();
    await stack().operator.call("PATCH", `/runs/${id}`, { max_lines_per_second: 100 });
    await stack().operator.call("POST", `/runs/${id}/resume`, {});
    const [one, other] = [await open("/ui/"), await open("/ui/runs")];
    const viewer = await open("/ui/", { role: "viewer" });
    const pause = one.getByRole("button", { name: "Pause" });
    await pause.waitFor();
    await other.getByRole("button", { name: "Pause" }).waitFor();
    await viewer.getByRole("button", { name: "Pause" }).waitFor();
    expect(await viewer.getByRole("button", { name: "Pause" }).isDisabled()).toBe(true);
    expect(await viewer.getByText("Your role is viewer").count()).toBeGreaterThan(0);
    await pause.focus();
    await one.keyboard.press("Enter");
    const dialog = one.getByRole("dialog", { name: "Pause the active run" });
    await dialog.getByText("No further batch is sent.").waitFor();
    expect(await axe(one)).toEqual([]);
    await one.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    expect(await pause.evaluate((button) => button === document.activeElement)).toBe(true);
    await one.keyboard.press("Enter");
    await dialog.getByLabel("Note (optional)").fill("partner asked");
    await dialog.getByRole("button", { name: "Pause" }).press("Enter");
    await dialog.waitFor({ state: "detached" });
    await other.getByRole("banner").getByText("Paused").waitFor();
    expect(await stageOf(id)).toBe("paused");
    expect(await one.evaluate(() => document.activeElement?.tagName)).not.toBe("BODY");
  });
});
