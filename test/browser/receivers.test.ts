// A deployment with two receivers: choose one, and see it named. The queues have windows of the same numbers.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";
import { afterAll, expect, it } from "vitest";
import { WINDOW } from "../support/stack.ts";
import { axe } from "./support/axe.ts";
import { sharedBrowserStack } from "./support/browser-stack.ts";
import { inEveryLook } from "./support/looks.ts";
import { newRun, plan } from "./support/new-run.ts";

/** The receiver `siem`. It accepts everything. */
const siem = createServer((request, response) => request.resume().on("end", () => response.end()));
await new Promise<void>((resolve) => siem.listen(0, "127.0.0.1", resolve));
afterAll(() => {
  siem.closeAllConnections();
  siem.close();
});
const url = `http://127.0.0.1:${(siem.address() as AddressInfo).port}/in`;
const { stack, open } = sharedBrowserStack({
  logs: { files: 1, lines: [1_000] },
  vars: { RECEIVERS: JSON.stringify({ siem: { url, max_lines_per_second: 5_000 } }) },
});

interface Queued {
  items: { id: number; reason: string }[];
  queue: { paused: object | null };
}

async function queueOf(receiver: string): Promise<Queued> {
  return (await stack().operator.call<Queued>("GET", `/windows?state=queued&receiver=${receiver}`)).body;
}

async function faultless(page: Page): Promise<void> {
  await inEveryLook(page, async (look) => {
    expect(await axe(page, look), look).toEqual([]);
    const { scrollWidth } = await page.evaluate(() => ({
      scrollWidth: document.documentElement.scrollWidth,
    }));
    expect(scrollWidth, look).toBeLessThanOrEqual(page.viewportSize()?.width ?? 0);
  });
  await page.setViewportSize({ width: 1_280, height: 800 });
}

it("starts a run for the chosen receiver, and names the receiver in the lists", async () => {
  const first = await stack().api.startRun(WINDOW);
  const page = await open(newRun("14:00", "14:30", { live: "skip_delivered", canary: "1" }));
  const skip = page.getByLabel("Skip lines that the live worker delivered");
  await skip.waitFor();
  await page.getByLabel("Receiver", { exact: true }).selectOption("siem");
  await page.getByText("The run sends every line of the window.").waitFor();
  expect(await skip.count()).toBe(0);
  expect(await page.getByLabel("Cap (lines/s)").getAttribute("placeholder")).toBe("5000");
  await page.getByLabel("Receiver", { exact: true }).selectOption("default");
  expect(await skip.isChecked()).toBe(true);
  await page.getByLabel("Receiver", { exact: true }).selectOption("siem");
  await plan(page);
  expect(new URL(page.url()).searchParams.get("receiver")).toBe("siem");
  await page.getByText("There is no warning.").waitFor();
  await page.getByText("The same from a terminal").click();
  await page.getByText(/logpush-backfill start --receiver siem/).waitFor();
  await faultless(page);
  await page.reload();
  expect(await page.getByLabel("Receiver", { exact: true }).inputValue()).toBe("siem");
  await plan(page);
  await page.getByRole("button", { name: "Start the run" }).click();
  await page.waitForURL(/\/ui\/runs\/\w+_siem$/);
  await page.locator(".page-head").getByText("Receiver siem").waitFor();
  const id = page.url().split("/").at(-1) ?? "";

  await page.goto(`${new URL(page.url()).origin}/ui/runs`);
  const filter = page.getByRole("search").getByLabel("Receiver");
  const runs = page.getByRole("region", { name: "Runs, newest first" });
  await runs.getByRole("row", { name: /Receiver siem/ }).waitFor();
  expect(await runs.getByRole("row").count()).toBe(3);
  await filter.selectOption("default");
  await expect.poll(() => runs.getByRole("row").count()).toBe(2);
  expect(await runs.getByRole("link").first().getAttribute("href")).toBe(`/ui/runs/${first.id}`);
  await filter.selectOption("siem");
  await runs.locator(`a[href="/ui/runs/${id}"]`).waitFor();
  expect(new URL(page.url()).search).toBe("?receiver=siem");
  await page.getByRole("link", { name: "Home" }).click();
  const latest = page.getByRole("region", { name: "Latest runs" }).last();
  await latest.getByRole("row", { name: /Receiver siem/ }).waitFor();
  await stack().operator.call("DELETE", `/runs/${id}`, {});
});

it("starts a run from a plan for the receiver of the plan, and shows the runs of both slots", async () => {
  const half = { start: "2026-04-22T14:30:00Z", end: "2026-04-22T15:00:00Z", end_exclusive: true };
  const counted = await stack().api.startRun({ ...half, receiver: "siem", dry_run: true, batch_size: 100 });
  await expect.poll(async () => (await stack().api.status(counted.id)).stage_code, { timeout: 30_000 }).toBe("counted"); // prettier-ignore
  const again = { ...half, canary: 1, batch_size: 100, replay: true };
  const { body: first } = await stack().operator.call<{ id: string }>("POST", "/runs", again);
  const page = await open(`/ui/new?from_plan=${counted.id}&canary=1`);
  await page
    .getByRole("definition")
    .filter({ hasText: /^siem$/ })
    .first()
    .waitFor();
  expect(await page.getByLabel("Cap (lines/s)").getAttribute("placeholder")).toBe("5000");
  await page.getByRole("button", { name: "Start the run" }).click();
  await page.waitForURL(/\/ui\/runs\/\w+_siem$/);
  const id = page.url().split("/").at(-1) ?? "";
  const head = page.getByRole("region", { name: "Active run" });
  await head.locator(`a[href="/ui/runs/${first.id}"]`).first().waitFor();
  await head.locator(`a[href="/ui/runs/${id}"]`).waitFor();
  await faultless(page);
  for (const run of [first.id, id]) await stack().operator.call("DELETE", `/runs/${run}`, {});
});

it("shows and changes the queue of each receiver, and mixes no numbers of windows", async () => {
  const { operator } = stack();
  const window = { start: "2026-04-21T00:00:00Z", end: "2026-04-21T01:00:00Z", end_exclusive: true };
  await operator.call("POST", "/windows/pause", {});
  await operator.call("POST", "/windows", { windows: [window], reason: "for the partner" });
  const page = await open("/ui/queue");
  const queues = page.getByRole("region", { name: "Queues" }).last();
  await queues.getByRole("link", { name: "siem" }).click();
  await page.getByRole("button", { name: "Pause the queue" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Pause the queue" }).click();
  await page.getByText("The queue is paused. No further window starts.").waitFor();
  expect((await queueOf("siem")).queue.paused).not.toBeNull();

  await page.getByRole("link", { name: "Add windows" }).first().click();
  await page.getByText("Holes are windows that").waitFor();
  expect(await page.getByLabel("Receiver", { exact: true }).inputValue()).toBe("siem");
  expect(await page.getByLabel("Lines that the live worker delivered").count()).toBe(0);
  expect(await page.getByText("Holes of a range").count()).toBe(0);
  await page.getByLabel("Windows, one a line").fill("2026-04-21 08:00 – 09:00");
  await page.getByLabel("Reason").fill("for siem");
  await faultless(page);
  await page.getByRole("button", { name: "Add to the queue" }).click();
  const answer = page.getByRole("region", { name: "What the queue did" });
  await answer
    .getByRole("row", { name: /queued as window/ })
    .getByRole("link")
    .click();
  await page.waitForURL(/\/ui\/queue\?receiver=siem&window=1$/);
  await page.getByRole("region", { name: "Window 1" }).getByText("for siem", { exact: true }).waitFor();
  await faultless(page);

  await page.getByRole("link", { name: "Home" }).click();
  await page.getByText("Queue paused").nth(1).waitFor();
  await page.getByRole("listitem").filter({ hasText: "Receiver siem" }).getByRole("link").click();
  const waiting = page.getByRole("region", { name: "Waiting, in their order" }).last();
  await waiting.getByText("for siem", { exact: true }).waitFor();
  await waiting.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).last().click();
  await page.getByText("No window waits.").waitFor();
  expect((await queueOf("siem")).items).toEqual([]);
  expect((await queueOf("default")).items).toMatchObject([{ id: 1, reason: "for the partner" }]);
  await queues.getByRole("link", { name: "default" }).click();
  await waiting.getByText("for the partner").waitFor();
});

it("lists the receivers on System, and refuses an unknown receiver in the language of the page", async () => {
  const page = await open("/ui/system");
  const table = page.getByRole("region", { name: "Receivers" }).last();
  await table.getByRole("row", { name: /^default ctyun .* can be used/ }).waitFor();
  await table.getByRole("row", { name: /^siem http 5,000 lines\/s can be used/ }).waitFor();
  await faultless(page);
  const chinese = await open("/ui/runs?receiver=lake", { lang: "zh" });
  await chinese.getByText("此部署没有这个名称的接收方。").first().waitFor();
});
