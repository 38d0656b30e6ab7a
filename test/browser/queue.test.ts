// The window queue in the page: reorder by mouse and by keyboard, cancel, pause, add, and what a viewer sees.
import type { Page } from "playwright-core";
import { beforeEach, describe, expect, it } from "vitest";
import { axe } from "./support/axe.ts";
import { sharedBrowserStack } from "./support/browser-stack.ts";
import { inEveryLook } from "./support/looks.ts";
import { pageShown } from "./support/page-shown.ts";

const { stack, open } = sharedBrowserStack({ logs: { files: 1, lines: [10] } });

const MARKUP = "<img src=x onerror=alert(1)>";
const NAMES = ["a", "b", "c"];

interface Queued {
  items: { id: number; reason: string; state: string }[];
}

async function queued(): Promise<Queued["items"]> {
  return (await stack().operator.call<Queued>("GET", "/windows?state=queued")).body.items;
}

async function order(): Promise<string> {
  return (await queued()).map(({ reason }) => reason).join("");
}

/** Three windows in a paused queue, so that nothing starts. */
beforeEach(async () => {
  const { operator } = stack();
  await operator.call("POST", "/windows/pause", {});
  for (const { id } of await queued()) await operator.call("DELETE", `/windows/${id}`, {});
  for (const [hour, reason] of NAMES.entries())
    await operator.call("POST", "/windows", { windows: [windowAt(hour)], reason });
});

function windowAt(hour: number) {
  const at = (n: number) => `2026-04-2${n}T00:00:00Z`;
  return { start: at(1 + 2 * hour), end: at(2 + 2 * hour), end_exclusive: true };
}

function waiting(page: Page) {
  return page.getByRole("region", { name: "Waiting, in their order" }).last();
}

async function shownOrder(page: Page): Promise<string> {
  const rows = await waiting(page).getByRole("row").allInnerTexts();
  return rows.flatMap((row) => NAMES.find((name) => row.split("\t").includes(name)) ?? []).join("");
}

describe("the order of the queue", () => {
  it("changes by keyboard: the focus stays on the button, and the new place is said", async () => {
    const page = await open("/ui/queue");
    await expect.poll(() => shownOrder(page)).toBe("abc");
    await page.getByText("The queue is paused.").last().waitFor();
    const [first] = await queued();
    const down = page.getByRole("button", { name: `Down: window ${first?.id}` });
    await down.focus();
    await page.keyboard.press("Enter");
    await expect.poll(() => shownOrder(page)).toBe("bac");
    expect(await down.evaluate((button) => button === document.activeElement)).toBe(true);
    await page.keyboard.press("Enter");
    await expect.poll(() => shownOrder(page)).toBe("bca");
    await page.getByText(`Window ${first?.id} is now number 3.`).waitFor({ state: "attached" });
    expect(await down.evaluate((button) => button === document.activeElement)).toBe(true);
    await page.keyboard.press("Enter");
    expect(await order()).toBe("bca");
    await page.getByRole("button", { name: `Up: window ${first?.id}` }).press("Enter");
    await expect.poll(() => shownOrder(page)).toBe("bac");
    expect(await order()).toBe("bac");
  });

  it("changes by dragging a row, also in another tab", async () => {
    const page = await open("/ui/queue");
    const other = await open("/ui/queue", { context: page.context() });
    const rows = waiting(page).getByRole("row");
    await expect.poll(() => shownOrder(page)).toBe("abc");
    await rows.nth(3).dragTo(rows.nth(1), { targetPosition: { x: 40, y: 3 } });
    await expect.poll(() => shownOrder(page)).toBe("cab");
    await expect.poll(() => shownOrder(other), { timeout: 30_000 }).toBe("cab");
    expect(await order()).toBe("cab");
  });

  it("stays, and says why, when the window does not wait any more", async () => {
    const page = await open("/ui/queue");
    await expect.poll(() => shownOrder(page)).toBe("abc");
    const [first, second] = await queued();
    await stack().operator.call("DELETE", `/windows/${second?.id}`, {});
    await page.getByRole("button", { name: `Down: window ${first?.id}` }).click();
    await page.getByRole("alert").getByText("window_wrong_state").waitFor();
    await expect.poll(() => shownOrder(page)).toBe("ac");
  });
});

describe("the verbs of the queue", () => {
  it("cancel a window, which is then among the ended ones with its events", async () => {
    const page = await open("/ui/queue");
    const row = waiting(page).getByRole("row").nth(2);
    const [, second] = await queued();
    await row.getByRole("button", { name: "Cancel" }).click();
    const dialog = page.getByRole("dialog", { name: `Cancel window ${second?.id}` });
    await dialog.getByText("No line of the window is sent.").waitFor();
    expect(await axe(page)).toEqual([]);
    await dialog.getByLabel("Note (optional)").fill(MARKUP);
    await dialog.getByRole("button", { name: "Cancel" }).last().click();
    await expect.poll(() => shownOrder(page)).toBe("ac");
    expect(await order()).toBe("ac");
    const ended = page.getByRole("region", { name: "Ended" }).last();
    await ended.getByRole("row").nth(1).getByRole("link").first().click();
    const detail = page.getByRole("region", { name: `Window ${second?.id}` });
    await detail.getByText(`note: ${MARKUP}`).waitFor();
    expect(await axe(page)).toEqual([]);
    await detail.getByRole("button", { name: "Close" }).click();
    await detail.waitFor({ state: "detached" });
  });

  it("resume and pause the queue", async () => {
    // Nothing starts before this instant, whatever the queue does.
    for (const { id } of await queued()) await stack().operator.call("DELETE", `/windows/${id}`, {});
    const page = await open("/ui/queue");
    await page.getByRole("button", { name: "Resume the queue" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Resume the queue" }).click();
    await page.getByRole("button", { name: "Pause the queue" }).click();
    await page.getByRole("dialog").getByLabel("Note (optional)").fill("partner works on it");
    await page.getByRole("dialog").getByRole("button", { name: "Pause the queue" }).click();
    await page.getByText("The queue is paused. No further window starts.").waitFor();
    await page.getByText("partner works on it").waitFor();
  });
});

describe("adding windows", () => {
  it("reads lines in the shown zone, shows what is wrong, and what became of each window", async () => {
    const page = await open("/ui/queue/add");
    const lines = page.getByLabel("Windows, one a line");
    await lines.fill("2026-04-01 22:00 – 23:00\nnonsense");
    await page.getByText("Line 2 is no window.").waitFor();
    await lines.fill("2026-04-01 22:00 – 23:00\n2026-04-21 08:00 – 09:00");
    await page.getByLabel("Lines that the live worker delivered").selectOption("ignore");
    await page.getByRole("button", { name: "Add to the queue" }).click();
    await page.getByText("expected the reason for the replay", { exact: true }).waitFor();
    expect(await axe(page)).toEqual([]);
    await page.getByLabel("Reason").fill("two nights");
    await page.getByRole("button", { name: "Add to the queue" }).click();
    const answer = page.getByRole("region", { name: "What the queue did" });
    await answer.getByRole("row", { name: /queued as window.*2026-04-01 22:00–23:00 Beijing/ }).waitFor();
    await page.getByRole("link", { name: "Back to the queue" }).click();
    await waiting(page).getByText("two nights").first().waitFor();
    const added = (await queued()).filter(({ reason }) => reason === "two nights");
    expect(added.length).toBeGreaterThan(0);
  });

  it("queues the same windows once, also when the answer is lost", async () => {
    const page = await open("/ui/queue/add", { tolerated: [/ERR_FAILED/] });
    await page.getByLabel("Windows, one a line").fill("2026-03-01 22:00 – 23:00");
    await page.getByLabel("Lines that the live worker delivered").selectOption("ignore");
    await page.getByLabel("Reason").fill("lost answer");
    await page.route("**/windows", async (route) => {
      if (route.request().method() !== "POST") return route.continue();
      await route.fetch();
      await route.abort();
    });
    await page.getByRole("button", { name: "Add to the queue" }).click();
    await page.getByRole("alert").getByText("not_reached").waitFor();
    await page.unroute("**/windows");
    await page.getByRole("button", { name: "Add to the queue" }).click();
    await page.getByText("queued as window").waitFor();
    expect((await queued()).filter(({ reason }) => reason === "lost answer")).toHaveLength(1);
  });
});

describe("the pages of the queue", () => {
  it.each([
    ["/ui/queue", "en"],
    ["/ui/queue", "zh"],
    ["/ui/queue?window=1", "en"],
    ["/ui/queue?window=99999", "en"],
    ["/ui/queue/add", "en"],
    ["/ui/queue/add", "zh"],
  ] as const)("%s has no fault in any look, in %s", async (path, lang) => {
    const page = await open(path, { lang });
    await pageShown(page);
    await inEveryLook(page, async (look) => {
      expect(await axe(page, look), look).toEqual([]);
    });
  });

  it("let a viewer change nothing, and say why", async () => {
    const page = await open("/ui/queue", { role: "viewer" });
    await expect.poll(() => shownOrder(page)).toBe("abc");
    for (const name of [/^Up:/, /^Down:/, /^Cancel$/, /the queue$/])
      for (const button of await page.getByRole("button", { name }).all())
        expect(await button.isDisabled(), String(name)).toBe(true);
    expect(await page.getByText("Your role is viewer").count()).toBeGreaterThan(0);
    expect(await page.locator("tr[draggable=true]").count()).toBe(0);
    await page.goto(page.url().replace("/ui/queue", "/ui/queue/add"));
    expect(await page.getByRole("button", { name: "Add to the queue" }).isDisabled()).toBe(true);
  });
});
