// From a hole to a run: plan, start, and what prevents a start.
import { beforeEach, describe, expect, it } from "vitest";
import { LIVE_BATCH_SIZE, LIVE_TIMES, makeLiveSample } from "../../local/demo/live-sample.ts";
import { axe } from "./support/axe.ts";
import { sharedBrowserStack } from "./support/browser-stack.ts";
import { inEveryLook } from "./support/looks.ts";
import { pageShown } from "./support/page-shown.ts";
import { agree, newRun, plan, runCalls } from "./support/new-run.ts";

const { stack, open } = sharedBrowserStack({
  logs: (dir) => makeLiveSample(dir, LIVE_TIMES),
  vars: { LIVE_BATCH_SIZE: String(LIVE_BATCH_SIZE), COVERAGE_SETTLE_MINUTES: "0", LATE_MARGIN_MINUTES: "0" },
});

const { runs, stageOf, abort, freeSlot } = runCalls(stack);
/** A test that failed may have left a run with the slot. */
beforeEach(freeSlot);

describe("the window", () => {
  it("is the same in Beijing time and in UTC, also across midnight", async () => {
    const page = await open(newRun("15:30", "16:30"));
    await page.getByLabel("Start (Beijing)").waitFor();
    expect(await page.getByLabel("Start (Beijing)").inputValue()).toBe("2026-04-22 23:30:00");
    // A deployment with one receiver offers no choice.
    expect(await page.getByLabel("Receiver", { exact: true }).count()).toBe(0);
    expect(await page.getByLabel("End (Beijing)").inputValue()).toBe("2026-04-23 00:30:00");
    const echo = page.locator(".echo");
    expect(await echo.textContent()).toContain("2026-04-22 23:30 – 2026-04-23 00:30 Beijing");
    expect(await echo.textContent()).toContain("2026-04-22 15:30–16:30 UTC");
    await page.getByLabel("End (Beijing)").fill("2026-04-23 00:45");
    expect(await echo.textContent()).toContain("2026-04-22 15:30–16:45 UTC");
    // The head of the page has the only switch of the zone.
    expect(await page.getByRole("radio", { name: "UTC" }).count()).toBe(1);
    await page.getByText("UTC", { exact: true }).first().click();
    expect(await page.getByLabel("Start (UTC)").inputValue()).toBe("2026-04-22 15:30:00");
    expect(await page.getByLabel("End (UTC)").inputValue()).toBe("2026-04-22 16:45:00");
  });

  it("that is no time is refused in place, and nothing is asked", async () => {
    const page = await open("/ui/new");
    await page.getByLabel("Start (Beijing)").fill("yesterday");
    await page.getByRole("button", { name: "Plan", exact: true }).click();
    expect(await page.getByText("Write it like 2026-04-22 22:00.").count()).toBe(2);
    expect(await page.getByRole("heading", { name: "Plan", exact: true }).count()).toBe(0);
  });

  it("that is too long is offered in parts to the queue", async () => {
    const page = await open("/ui/new?start=2026-04-01T00:00:00Z&end=2026-04-15T12:00:00Z&end_exclusive=true");
    await page.getByRole("button", { name: "Plan", exact: true }).click();
    await page.getByText("window_too_long", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Queue 3 windows…" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Queue 3 windows" }).click();
    await dialog.getByText("expected the reason for the replay").first().waitFor();
    await dialog.getByLabel("Reason (needed)").fill("a lost fortnight");
    await dialog.getByRole("button", { name: "Queue 3 windows" }).click();
    await dialog.waitFor({ state: "detached" });
    await expect.poll(() => page.getByText("queued as window").count()).toBe(3);
    const { body } = await stack().operator.call<{ items: { id: number; reason: string }[] }>(
      "GET",
      "/windows",
    );
    expect(body.items.map(({ reason }) => reason)).toEqual(
      Array.from({ length: 3 }, () => "a lost fortnight"),
    );
    for (const { id } of body.items) await stack().operator.call("DELETE", `/windows/${id}`, {});
  });
});

describe("a plan", () => {
  it("shows what the API estimates, and is void when the form changes", async () => {
    const page = await open(newRun("12:00", "12:30"));
    await plan(page);
    const facts = await page.locator(".facts.across").first().textContent();
    expect(facts).toContain("Raw files30");
    await page.getByText("Delivered 30").waitFor();
    await page.getByRole("button", { name: "Skip them, and plan again" }).click();
    await expect.poll(() => new URL(page.url()).searchParams.get("live")).toBe("skip_delivered");
    await expect.poll(() => page.getByText("delivered_live", { exact: true }).count()).toBe(0);
    await page.getByLabel("Cap (lines/s)").fill("5,000");
    await page.getByText("The form has changed.").waitFor();
    expect(await page.getByRole("button", { name: "Start the run" }).count()).toBe(0);
  });

  it("has its start below the consent on a narrow screen, not above it", async () => {
    const page = await open(newRun("12:00", "12:05"), { width: 360, height: 640 });
    await plan(page);
    const consent = page.getByLabel("Send these lines again.");
    await consent.scrollIntoViewIfNeeded();
    const [above, below] = [await consent.boundingBox(), await page.locator(".actions").boundingBox()];
    expect((above?.y ?? 0) + (above?.height ?? 0)).toBeLessThanOrEqual(below?.y ?? 0);
    expect(await page.locator(".actions").evaluate((bar) => getComputedStyle(bar).position)).toBe("static");
  });

  it("is void after 60 s", async () => {
    const page = await open(newRun("12:00", "12:05"));
    await page.clock.install();
    await plan(page);
    await page.clock.fastForward(61_000);
    await page.getByText("This plan is older than 60 s.").waitFor();
    expect(await page.getByRole("button", { name: "Start the run" }).count()).toBe(0);
    await page.getByRole("button", { name: "Plan again", exact: true }).waitFor();
  });

  it("shows the refusal of a field next to the field", async () => {
    const page = await open(newRun("12:00", "12:05"));
    await page.getByLabel("Cap (lines/s)").fill("7");
    await page.getByRole("button", { name: "Plan", exact: true }).click();
    await page.getByText("invalid_body", { exact: true }).waitFor();
    expect(await page.getByLabel("Cap (lines/s)").getAttribute("aria-invalid")).toBe("true");
    expect(await page.getByText(/expected a whole number from 100/).count()).toBeGreaterThan(0);
  });
});

describe("a start", () => {
  it("whose answer is lost leads to the same run, also after a reload", async () => {
    const page = await open(newRun("13:00", "13:05", { note: "lost answer" }), {
      tolerated: [/ERR_FAILED|Failed to load/],
    });
    await plan(page);
    await page.route(
      ({ pathname }) => pathname === "/runs",
      async (route) => {
        if (route.request().method() !== "POST") return route.fallback();
        await route.fetch();
        await route.abort();
      },
    );
    await page.getByText("The live worker delivered files of this window: 5").waitFor();
    expect(await page.getByRole("button", { name: "Start the run" }).isDisabled()).toBe(true);
    await agree(page);
    await page.getByRole("button", { name: "Start the run" }).click();
    await page.getByText("The start was sent, and no answer came.").waitFor({ timeout: 30_000 });
    await page.unrouteAll();
    await page.reload();
    await page.getByRole("button", { name: "Start again" }).click();
    await expect.poll(() => new URL(page.url()).pathname, { timeout: 30_000 }).toMatch(/^\/ui\/runs\//);
    const started = (await runs()).filter(({ note }) => note === "lost answer");
    expect(started.map(({ id }) => `/ui/runs/${id}`)).toEqual([new URL(page.url()).pathname]);
    await expect
      .poll(() => stageOf(started[0]?.id ?? ""), { timeout: 60_000 })
      .toMatch(/sent_waiting_cleanup|cleaned/);
  });

  it("of lines that were sent before shows the shared part, and asks for the date", async () => {
    const first = await stack().operator.call<{ id: string }>("POST", "/runs", {
      start: "2026-04-22T13:10:00Z",
      end: "2026-04-22T13:20:00Z",
      end_exclusive: true,
    });
    await expect
      .poll(() => stageOf(first.body.id), { timeout: 60_000 })
      .toMatch(/sent_waiting_cleanup|cleaned/);
    const page = await open(newRun("13:15", "13:25"));
    await plan(page);
    const shared = page.getByText("Shared: 2026-04-22 21:15–21:20 Beijing");
    await shared.waitFor();
    await page.getByLabel("Send these lines again.").check();
    const start = page.getByRole("button", { name: "Start the run" });
    expect(await start.isDisabled()).toBe(true);
    await page.getByLabel("Type 2026-04-22 to confirm").fill("2026-04-22");
    expect(await axe(page)).toEqual([]);
    await start.click();
    await expect.poll(() => new URL(page.url()).pathname, { timeout: 30_000 }).toMatch(/^\/ui\/runs\//);
    const id = new URL(page.url()).pathname.split("/").at(-1) ?? "";
    await expect.poll(() => stageOf(id), { timeout: 60_000 }).toMatch(/sent_waiting_cleanup|cleaned/);
    // A delivered run says whether Coverage has a hole in its window.
    await page.getByText("Coverage knows no hole in this window.").waitFor({ timeout: 30_000 });
    const cells = { start: "2026-04-22T13:15:00Z", end: "2026-04-22T13:25:00Z" };
    const hole = { kind: "not_delivered", ...cells, files: 1, bytes: 1, inner: cells, outer: cells };
    await page.route(
      ({ pathname }) => pathname === "/coverage",
      async (route) => {
        const response = await route.fetch();
        const view = (await response.json()) as object;
        await route.fulfill({ response, json: { ...view, holes: [{ ...hole, replays: [id] }] } });
      },
    );
    await page.reload();
    await page.getByText("Closed. Every hole that touches this window was replayed:").waitFor();
    const link = page.getByRole("link", { name: "Show in Coverage" });
    await link.click();
    await page.getByRole("heading", { name: "Selected: 2026-04-22 21:15–21:25 Beijing" }).waitFor();
  });

  it("while another run owns the slot names it, and offers the queue", async () => {
    const holder = await stack().operator.call<{ id: string }>("POST", "/runs", {
      start: "2026-04-22T13:30:00Z",
      end: "2026-04-22T13:40:00Z",
      end_exclusive: true,
      canary: 1,
    });
    const { id } = holder.body;
    await expect.poll(() => stageOf(id), { timeout: 30_000 }).toBe("paused");
    const page = await open(newRun("13:40", "13:45", { note: "after the holder" }));
    await plan(page);
    await agree(page);
    await page.getByRole("button", { name: "Start the run" }).click();
    const refusal = page.getByRole("alert");
    await refusal.getByText("slot_taken", { exact: true }).waitFor();
    expect(await refusal.getByRole("link").getAttribute("href")).toBe(`/ui/runs/${id}`);
    await page.getByRole("button", { name: "Queue…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Queue", exact: true }).click();
    await page.getByText("queued as window").waitFor();
    const { body } = await stack().operator.call<{ items: { id: number; reason: string; start: string }[] }>(
      "GET",
      "/windows?state=queued",
    );
    expect(body.items).toMatchObject([{ reason: "after the holder", start: "2026-04-22T13:40:00Z" }]);
    for (const window of body.items) await stack().operator.call("DELETE", `/windows/${window.id}`, {});
    await abort(id);
  });
});

describe("the page", () => {
  it.each(["en", "zh"] as const)("has no fault in any look, in %s", async (lang) => {
    const hole = "2026-04-22T14:13:00Z/2026-04-22T15:00:00Z";
    const page = await open(newRun("14:13", "15:00", { inner: hole, outer: hole, live: "skip_delivered" }), {
      lang,
    });
    await page.locator('button[type="submit"]').click();
    await page.locator("#plan").waitFor();
    for (const summary of await page.locator("summary").all()) await summary.click();
    await pageShown(page);
    await inEveryLook(page, async (look) => expect(await axe(page, look), look).toEqual([]));
  });

  it("lets a viewer see the form, and neither plan nor start", async () => {
    const page = await open(newRun("12:00", "12:05"), { role: "viewer" });
    const planButton = page.getByRole("button", { name: "Plan", exact: true });
    await planButton.waitFor();
    expect(await planButton.isDisabled()).toBe(true);
    await page.getByText("Your role is viewer").first().waitFor();
  });
});
