// The page of one run against the real stack: a canary, a changed cap, a pause, a refused batch, an abort, a continuation.
import type { Locator, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { WINDOW } from "../support/stack.ts";
import { axe } from "./support/axe.ts";
import { sharedBrowserStack } from "./support/browser-stack.ts";
import { inEveryLook } from "./support/looks.ts";
import { bytesOf, MAX_PAGE_BYTES } from "./support/page-bytes.ts";

const { stack, open } = sharedBrowserStack({
  logs: { files: 3, lines: [3_000] },
  // The sample's files are final, so no late file is waited for.
  vars: { LATE_MARGIN_MINUTES: "0" },
});
const MARKUP = "<img src=x onerror=alert(1)>";
/** The window's date in Beijing time, which an abort asks for. */
const DATE = "2026-04-22";

async function start(options: Record<string, unknown>): Promise<string> {
  const { body, status } = await stack().operator.call<{ id: string }>("POST", "/runs", {
    ...WINDOW,
    replay: true,
    batch_size: 100,
    ...options,
  });
  expect(status).toBe(201);
  return body.id;
}

async function reaches(id: string, stage: string): Promise<void> {
  await expect.poll(async () => (await stack().api.status(id)).stage_code, { timeout: 60_000 }).toBe(stage);
}

/** The stage's word next to the heading. */
async function shows(page: Page, word: string): Promise<void> {
  await page.locator(".page-head").getByText(word, { exact: true }).waitFor();
}

async function confirm(
  page: Page,
  verb: string,
  fill?: (dialog: Locator) => Promise<void>,
  last: string | null = verb,
) {
  await page.getByRole("main").getByRole("button", { name: verb, exact: true }).first().click();
  const dialog = page.getByRole("dialog");
  await fill?.(dialog);
  if (last !== null) await dialog.getByRole("button", { name: last, exact: true }).click();
  await dialog.waitFor({ state: "detached" });
}

describe("a run on its page", () => {
  it("goes from canary to delivery with a changed cap, a pause and a refused batch", async () => {
    const hated = stack().files[2]?.kept_ray_ids[500] ?? "";
    stack().receiver.behave({ latency_ms: 20, rules: [{ do: "status", status: 400, ray_id: hated }] });
    const id = await start({ canary: 2, max_lines_per_second: 300, note: MARKUP });
    await reaches(id, "paused");

    const page = await open(`/ui/runs/${id}`);
    await shows(page, "Paused");
    await page.getByText("The canary is sent.").waitFor();
    await page.getByText(MARKUP).waitFor();
    expect(await page.locator("main img").count()).toBe(0);
    // The person gets the means to check the canary with the partner.
    const canary = page.getByRole("region", { name: "Batches of the canary" }).first();
    await canary.getByRole("row").nth(2).waitFor();
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await canary.getByRole("button", { name: "Copy for the partner" }).click();
    await canary.getByText("Copied").waitFor();
    const text = await page.evaluate(() => navigator.clipboard.readText());
    expect(text).toMatch(/^We sent these 2 batches .*\n\nBatch: 1 /);
    expect(text.match(/SHA-256 of the lines: [0-9a-f]{64}/g)).toHaveLength(2);
    expect(text.match(/Answer: HTTP 200/g)).toHaveLength(2);
    await page.locator(".run-progress").getByText("time left: known after the canary").waitFor();
    // An average over the wait would say nothing.
    expect(await page.getByText(/^Average/).count()).toBe(0);
    await confirm(page, "Send the rest", async (dialog) => {
      await dialog.getByText(/^Lines: [\d,]+ · batches: \d+/).waitFor();
      await dialog.getByRole("button", { name: "Send the rest" }).click();
      await dialog.getByText("Choose an answer.").waitFor();
      await dialog.getByLabel("Yes, the partner confirmed them").check();
      await dialog.getByLabel("Note (optional)").fill("mail of 3 May");
    });
    await shows(page, "Sending");
    const { body: events } = await stack().operator.call<{ items: { kind: string; detail: object }[] }>(
      "GET",
      `/runs/${id}/events?limit=100`,
    );
    expect(events.items.find(({ kind }) => kind === "resume")?.detail).toMatchObject({
      note: "[partner confirmed] mail of 3 May",
    });

    await confirm(page, "Pause", (dialog) => dialog.getByLabel("Note (optional)").fill("partner asked"));
    await shows(page, "Paused");
    await confirm(page, "Change limits", async (dialog) => {
      await dialog.getByLabel("Lines per second").fill("5");
      await dialog.getByRole("button", { name: "Change limits" }).click();
      await dialog.getByRole("alert").getByText("invalid_body").waitFor();
      await dialog.getByLabel("Lines per second").fill("5000");
    });
    expect((await stack().api.status(id)).limits.max_lines_per_second).toBe(5_000);
    await confirm(page, "Resume");

    await shows(page, "Needs attention");
    const problem = page.getByRole("row").filter({ hasText: "Batch" });
    await problem.getByText("Refused").waitFor();
    expect(await axe(page)).toEqual([]);
    await problem.getByRole("button", { name: "Discard" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Discard" }).click();
    await dialog.getByText("Write why.").waitFor();
    await dialog.getByLabel("Note (needed)").fill("the partner has these lines");
    await dialog.getByRole("button", { name: "Discard" }).click();
    await shows(page, "Delivered");
    expect(await page.evaluate(() => document.activeElement?.tagName)).not.toBe("BODY");
    // A delivered run leads to its evidence, and says what is left of the hole.
    await page.getByRole("link", { name: "Get and verify the evidence" }).waitFor();
    await page.getByText("Coverage sees no live worker").waitFor({ timeout: 30_000 });
    const status = await stack().api.status(id);
    expect(status).toMatchObject({ exceptions: 1, lines: { discarded: 100, pending: 0 } });
  });

  it("aborts only after the window's date is typed, and continues in a new run", async () => {
    stack().receiver.behave({ latency_ms: 0, rules: [] });
    const id = await start({ canary: 3 });
    await reaches(id, "paused");
    const page = await open(`/ui/runs/${id}`);
    await shows(page, "Paused");
    await page.getByRole("button", { name: "Abort", exact: true }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(`Type ${DATE} to confirm`).fill("2026-04-21");
    await dialog.getByRole("button", { name: "Abort" }).click();
    await dialog.getByText("This is not the date of the window.").waitFor();
    expect((await stack().api.status(id)).stage_code).toBe("paused");
    await dialog.getByLabel(`Type ${DATE} to confirm`).fill(DATE);
    await dialog.getByRole("button", { name: "Abort" }).click();
    await shows(page, "Aborted");

    // The first test's run sent the same window.
    await confirm(
      page,
      "Continue in a new run",
      async (asked) => {
        await asked.getByRole("button", { name: "Continue in a new run" }).click();
        await asked.getByRole("alert").getByText("overlap").waitFor();
        await asked.getByLabel(`Type ${DATE} to confirm`).fill(DATE);
        await asked.getByRole("button", { name: "Send again" }).click();
      },
      null,
    );
    await expect.poll(() => new URL(page.url()).pathname).not.toContain(id);
    const next = new URL(page.url()).pathname.split("/").at(-1) ?? "";
    await page.getByRole("link", { name: id }).waitFor();
    await reaches(next, "sent_waiting_cleanup");
    await shows(page, "Delivered");
    expect(await stack().api.status(next)).toMatchObject({ continue_of: id, lines: { inherited: 300 } });
  });

  it("shows a viewer every verb disabled with the reason", async () => {
    const id = await start({ canary: 1 });
    await reaches(id, "paused");
    const page = await open(`/ui/runs/${id}`, { role: "viewer" });
    for (const verb of ["Send the rest", "Change limits", "Recount", "Abort"])
      expect(await page.getByRole("main").getByRole("button", { name: verb }).isDisabled(), verb).toBe(true);
    await page.getByRole("main").getByText("Your role is viewer").first().waitFor();
    await stack().operator.call("DELETE", `/runs/${id}`, {});
  });

  it.each(["en", "zh"] as const)("has no fault in any look, in %s", async (lang) => {
    const id = await start({ canary: 1 });
    await reaches(id, "paused");
    const page = await open(`/ui/runs/${id}`, { lang });
    await page.locator(".actions button").first().waitFor();
    await page.locator(".chart svg").waitFor();
    await inEveryLook(page, async (look) => expect(await axe(page, look), look).toEqual([]));
    // No other page loads as many parts.
    expect(await bytesOf(open, `/ui/runs/${id}`, lang)).toBeLessThanOrEqual(MAX_PAGE_BYTES);
    await stack().operator.call("DELETE", `/runs/${id}`, {});
  });

  it("says that there is no such run", async () => {
    const page = await open("/ui/runs/20260422T140000Z_20260422T150000Z_20200101T000000Z");
    await page.getByText("unknown_run").waitFor();
  });
});
