// From a hole to a run by keyboard alone, and from a dry run to a run.
import { beforeEach, describe, expect, it } from "vitest";
import { LIVE_BATCH_SIZE, LIVE_TIMES, makeLiveSample } from "../../local/demo/live-sample.ts";
import type { RunStatusAnswer } from "../../src/contract/api/api-types.ts";
import { axe } from "./support/axe.ts";
import { sharedBrowserStack } from "./support/browser-stack.ts";
import { inEveryLook } from "./support/looks.ts";
import { agree, newRun, plan, tabTo, runCalls } from "./support/new-run.ts";

const { stack, open } = sharedBrowserStack({
  logs: (dir) => makeLiveSample(dir, LIVE_TIMES),
  vars: { LIVE_BATCH_SIZE: String(LIVE_BATCH_SIZE), COVERAGE_SETTLE_MINUTES: "0", LATE_MARGIN_MINUTES: "0" },
});

const DAYS = "/ui/coverage?start=2026-04-21T16:00:00Z&end=2026-04-23T16:00:00Z";

const { runs, stageOf, abort, freeSlot } = runCalls(stack);
/** A test that failed may have left a run with the slot. */
beforeEach(freeSlot);

describe("the whole way by keyboard alone", () => {
  it("leads from a hole to its plan and its run, which is paused and aborted", async () => {
    const page = await open(DAYS);
    await page
      .getByRole("region", { name: "Holes", exact: true })
      .getByRole("row")
      .nth(1)
      .waitFor({ timeout: 30_000 });
    await tabTo(page, "Plan a replay…: 2026-04-22 22:13–23:00");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "New run" }).waitFor();
    const outer = page.getByRole("button", { name: "2026-04-22 22:13–23:00 Beijing" });
    expect(await outer.getAttribute("aria-pressed")).toBe("true");
    // What a careful operator wants is chosen, and is visible without unfolding anything.
    const skip = page.getByLabel("Skip lines that the live worker delivered");
    expect(await skip.isChecked()).toBe(true);
    expect(await page.getByLabel("If the receiver does not answer").inputValue()).toBe("hold");
    const canary = page.getByLabel("Canary (batches)");
    expect(await canary.inputValue()).toBe("3");
    // What is typed replaces the number, after a click and by keyboard.
    await canary.click();
    await page.keyboard.type("4");
    expect(await canary.inputValue()).toBe("4");
    await page.getByLabel("Cap (lines/s)").focus();
    await page.keyboard.press("Tab");
    await page.keyboard.type("2");
    expect(await canary.inputValue()).toBe("2");
    await page.getByLabel("Note").focus();
    await page.keyboard.type("partner outage");
    await tabTo(page, "Plan");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Start the run" }).waitFor({ timeout: 30_000 });
    expect(await page.getByText("delivered_live", { exact: true }).count()).toBe(0);
    await tabTo(page, "Start the run");
    await page.keyboard.press("Enter");
    await expect
      .poll(() => new URL(page.url()).pathname, { timeout: 30_000 })
      .toMatch(/^\/ui\/runs\/20260422T141300Z_/);
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.tagName), { timeout: 30_000 })
      .toBe("H1");
    const [run] = await runs();
    expect(run).toMatchObject({
      start: "2026-04-22T14:13:00Z",
      end: "2026-04-22T15:00:00Z",
      end_exclusive: true,
      note: "partner outage",
    });
    const id = run?.id ?? "";
    const { spec } = await stack().api.status(id);
    expect(spec).toMatchObject({ canary: 2, on_uncertain: "hold", live: "skip_delivered" });
    await expect.poll(() => stageOf(id), { timeout: 30_000 }).toBe("paused");
    const abortButton = page.getByRole("button", { name: /^Abort/ }).first();
    await abortButton.waitFor();
    await abortButton.focus();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog");
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    expect(await abortButton.evaluate((button) => button === document.activeElement)).toBe(true);
    await page.keyboard.press("Enter");
    await dialog.getByLabel("Type 2026-04-22 to confirm").fill("2026-04-22");
    await page.keyboard.press("Enter");
    await expect.poll(() => stageOf(id), { timeout: 30_000 }).toBe("aborted");
  });
});

describe("a plan", () => {
  it("is counted exactly by a dry run, and started with the dry run's hash", async () => {
    const page = await open(newRun("12:40", "12:50"));
    await page.getByLabel("Canary (batches)").fill("1");
    await page.getByLabel("Cap (lines/s)").fill("5,000");
    await page.getByLabel("Note").fill("counted first");
    await plan(page);
    await page.getByRole("button", { name: "Count exactly first" }).click();
    await expect.poll(() => new URL(page.url()).pathname).toMatch(/^\/ui\/runs\//);
    const dry = new URL(page.url()).pathname.split("/").at(-1) ?? "";
    await expect.poll(() => stageOf(dry), { timeout: 30_000 }).toBe("counted");
    await page.locator('a[href*="from_plan"]').first().click();
    await page.getByRole("heading", { level: 1, name: "Start from a plan" }).waitFor();
    // The plan keeps what was typed for the run.
    const kept = ["Canary (batches)", "Cap (lines/s)", "Note"].map((name) =>
      page.getByLabel(name).inputValue(),
    );
    expect(await Promise.all(kept)).toEqual(["1", "5,000", "counted first"]);
    // Everything that the run freezes is shown before the start button.
    const frozen = await page.getByRole("region", { name: "Settings of the run" }).textContent();
    for (const fact of [
      "live worker deliveredno",
      "Lines in a batch1000",
      "Cap (lines/s)5,000",
      "Canary (batches)1",
      "Kind of receiverctyun",
    ])
      expect(frozen).toContain(fact);
    // The live worker delivered these files, and the plan contains their lines.
    await page.getByText("The live worker delivered files of this window: 10").waitFor({ timeout: 30_000 });
    expect(await page.getByRole("button", { name: "Start the run" }).isDisabled()).toBe(true);
    await page.getByRole("button", { name: "1 warning" }).click();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toContain("delivered_live");
    await agree(page);
    await page.getByRole("button", { name: "Start the run" }).click();
    await expect
      .poll(() => new URL(page.url()).pathname.split("/").at(-1), { timeout: 30_000 })
      .not.toMatch(new RegExp(`new|${dry}`));
    const id = new URL(page.url()).pathname.split("/").at(-1) ?? "";
    const { body } = await stack().operator.call<{ spec: { plan: { run: string } } }>("GET", `/runs/${id}`);
    expect(body.spec.plan.run).toBe(dry);
    await expect.poll(() => stageOf(id), { timeout: 30_000 }).toBe("paused");
    await abort(id);
  });
});

describe("records just outside the window that the live worker did not deliver", () => {
  it.each(["en", "zh"] as const)("are shown with the window that sends them, in %s", async (lang) => {
    const { body } = await stack().operator.call<{ id: string }>("POST", "/runs", {
      start: "2026-04-22T12:40:00Z", end: "2026-04-22T12:50:00Z", end_exclusive: true, dry_run: true, live: "skip_delivered",
    }); // prettier-ignore
    await expect.poll(() => stageOf(body.id), { timeout: 30_000 }).toMatch(/counted|needs_attention/);
    const { body: status } = await stack().operator.call<RunStatusAnswer>("GET", `/runs/${body.id}`);
    expect(status.live).toMatchObject({ outside_not_delivered: null });
    const leftOut = {
      before: 11, after: 1, first: "2026-04-22T12:38:59.500Z", last: "2026-04-22T12:50:00.000Z",
      windows: [
        { start: "2026-04-22T12:38:59Z", end: "2026-04-22T12:40:00Z" },
        { start: "2026-04-22T12:50:00Z", end: "2026-04-22T12:50:01Z" },
      ],
    }; // prettier-ignore
    const page = await open("/ui/", { lang });
    await page.route(`**/runs/${body.id}`, (route) =>
      route.request().resourceType() === "fetch"
        ? route.fulfill({ json: { ...status, live: { ...status.live, outside_not_delivered: leftOut } } })
        : route.fallback(),
    );
    await page.goto(new URL(`/ui/runs/${body.id}`, page.url()).href);
    await page.getByText(lang === "en" ? "12 records outside the window" : "窗口之外有 12 条记录").waitFor();
    await inEveryLook(page, async (look) => expect(await axe(page, look), look).toEqual([]));
    await page.getByRole("link", { name: "20:38:59–20:40" }).click();
    await expect.poll(() => new URL(page.url()).searchParams.get("start")).toBe("2026-04-22T12:38:59Z");
    expect(new URL(page.url()).searchParams.get("end")).toBe("2026-04-22T12:40:00Z");
    expect(new URL(page.url()).searchParams.get("live")).toBe("skip_delivered");
  });
});
