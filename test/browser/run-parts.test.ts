// Map, files, batches, events and evidence of a run, against the real stack: a person settles a refused batch and a damaged
// file from the lists, and verifies the evidence.
import { readdir, truncate } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import type { RunStatusAnswer } from "../../src/contract/api/api-types.ts";
import { sampleLogs, WINDOW } from "../support/stack.ts";
import { axe } from "./support/axe.ts";
import { sharedBrowserStack } from "./support/browser-stack.ts";
import { inEveryLook } from "./support/looks.ts";
import { pageShown } from "./support/page-shown.ts";
import { addFiles } from "./support/seed-files.ts";

/** The second file of the sample ends too early. */
async function logsWithDamage(dir: string) {
  const made = await sampleLogs(dir, { files: 6, lines: [400] });
  const names = await readdir(made.logsDir, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  await truncate(files.toSorted()[1] ?? "", 2_000);
  return made;
}

const { stack, open } = sharedBrowserStack({ logs: logsWithDamage, vars: { LATE_MARGIN_MINUTES: "0" } });
const LIMIT_MS = 60_000;
const MARKUP = "<img src=x onerror=alert(1)>";
let run = "";
let refusedRay = "";

async function reaches(stage: string): Promise<void> {
  await stack().api.waitFor(run, ({ stage_code }) => stage_code === stage, LIMIT_MS);
}

/** A run that waits for a person: one batch is refused, one file is damaged. */
beforeAll(async () => {
  refusedRay = stack().files[4]?.kept_ray_ids[50] ?? "";
  stack().receiver.behave({
    rules: [{ do: "status", status: 400, ray_id: refusedRay, body: "line 51 is bad" }],
  });
  const { body } = await stack().operator.call<{ id: string }>("POST", "/runs", {
    ...WINDOW,
    batch_size: 100,
    note: MARKUP,
  });
  run = body.id;
  await reaches("needs_attention");
  const pausedBy = { Authorization: "Bearer stack-test-token", "X-Actor": "li.wei" };
  await fetch(`${stack().dev.url}/runs/${run}/verify`, { method: "POST", headers: pausedBy });
});

function table(page: Page, name: string) {
  return page.getByRole("region", { name });
}

describe("the lists of a run", () => {
  it.each([
    ["map", "en"],
    ["files", "en"],
    ["files?file=2", "zh"],
    ["batches?state=refused", "en"],
    ["events", "zh"],
    ["evidence", "en"],
  ] as const)("%s has no fault in any look, in %s", async (part, lang) => {
    const page = await open(`/ui/runs/${run}/${part}`, { lang });
    await pageShown(page);
    await inEveryLook(page, async (look) => expect(await axe(page, look), look).toEqual([]));
  });

  it("lead from the map to a damaged file, which a person gives up with a note", async () => {
    const page = await open(`/ui/runs/${run}/map`);
    const needs = table(page, "Needs you");
    await needs.getByText("Failed").waitFor();
    await needs.getByText("Batch needs a decision").waitFor();
    const cell = page
      .getByRole("table", { name: "Files over the window" })
      .getByRole("link", { name: "Failed" })
      .first();
    await cell.focus();
    await page.locator(".map-readout").getByText("Failed").waitFor();
    await page.keyboard.press("Enter");
    const failed = table(page, "Files of the run").getByRole("row").filter({ hasText: "Failed" });
    await failed.getByRole("link").press("Enter");
    const detail = page.getByRole("region", { name: "File 2" });
    await detail
      .getByText(/gzip|end/i)
      .first()
      .waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("File 2");
    await detail.getByRole("button", { name: "Give up the rest" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Note (needed)").fill(MARKUP);
    await dialog.getByRole("button", { name: "Give up the rest" }).click();
    await detail.getByText("Accepted", { exact: true }).waitFor();
    await page.keyboard.press("Escape");
    await detail.waitFor({ state: "detached" });
    expect(await page.evaluate(() => document.activeElement?.getAttribute("data-row"))).toBe("2");
  });

  it("show for a RayID whether it was sent, after saying what the search costs", async () => {
    const page = await open(`/ui/runs/${run}/batches`);
    await page.getByText("Was one request sent?").click();
    await page.getByText("Reads of R2 and CPU time are billed.").waitFor();
    await page.getByLabel("RayID").fill(refusedRay);
    await page.getByRole("button", { name: "Search", exact: true }).press("Enter");
    await page.getByText("Not sent", { exact: true }).waitFor();
    await page.getByRole("link", { name: /Batch \d+, line 51/ }).waitFor();
    const viewer = await open(`/ui/runs/${run}/batches`, { role: "viewer" });
    await viewer.getByText("Was one request sent?").click();
    await viewer.getByLabel("RayID").fill(refusedRay);
    expect(await viewer.getByRole("button", { name: "Search", exact: true }).isDisabled()).toBe(true);
  });

  it("settle a refused batch by keyboard, with a text for the partner", async () => {
    const page = await open(`/ui/runs/${run}/batches`);
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page
      .getByRole("navigation", { name: "By state" })
      .getByRole("link", { name: "Refused" })
      .press("Enter");
    await expect.poll(() => new URL(page.url()).search).toBe("?state=refused");
    await table(page, "Batches of the run").getByRole("link").first().press("Enter");
    const detail = page.getByRole("region", { name: /^Batch \d+$/ });
    await detail.getByText("line 51 is bad").first().waitFor();
    await detail.getByRole("button", { name: "Copy for the partner" }).press("Enter");
    await detail.getByText("Copied").waitFor();
    const text = await page.evaluate(() => navigator.clipboard.readText());
    expect(text).toMatch(/SHA-256 of the lines: [0-9a-f]{64}/);
    expect(text).toContain("line 51 is bad");
    expect(text).toContain("2026-04-22 22:00:00 Beijing (2026-04-22 14:00:00 UTC)");
    await detail.getByRole("button", { name: "Discard" }).press("Enter");
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Note (needed)").fill("the partner has these lines");
    await dialog.getByRole("button", { name: "Discard" }).press("Enter");
    await detail.getByText("Discarded").first().waitFor();
    await reaches("sent_waiting_cleanup");
  });

  it("show what people did, with the actor as the run recorded it, and the run's own events collapsed", async () => {
    const page = await open(`/ui/runs/${run}/events`);
    const events = page.getByRole("list", { name: "Events, oldest first" });
    await events.getByText("unverified:li.wei").first().waitFor();
    await events.getByText(MARKUP).first().waitFor();
    expect(await page.locator("main img").count()).toBe(0);
    const own = events.getByText(/events of the run/).first();
    const shown = await events.getByRole("listitem").count();
    await own.click();
    await expect.poll(() => events.getByRole("listitem").count()).toBeGreaterThan(shown);
  });
});

describe("a run to another receiver", () => {
  it("shows the kind of its receiver, and the lines that were sent again in time", async () => {
    const page = await open("/ui/");
    const { body: status } = await stack().operator.call<RunStatusAnswer>("GET", `/runs/${run}`);
    const receiver = { kind: "http", form: "lines", before_each: null, token: null };
    const json = { ...status, deduped_lines: 1_200, spec: { ...status.spec, receiver } };
    await page.route(`**/runs/${run}`, (route) =>
      route.request().resourceType() === "fetch" ? route.fulfill({ json }) : route.fallback(),
    );
    const words = "Sent again while the receiver remembered their token";
    await page.goto(`${stack().dev.url}/ui/runs/${run}`);
    const twice = page.getByRole("region", { name: "Was any line sent twice?" });
    await twice.getByText(words).waitFor();
    await twice.getByText("1,200", { exact: true }).waitFor();
    await twice.getByText("The live worker delivers to the partner").waitFor();
    await page.getByRole("region", { name: "Work" }).getByText("Kind of receiver").waitFor();
    await page.goto(`${stack().dev.url}/ui/runs/${run}/evidence`);
    await page.getByRole("row", { name: `${words} 1,200` }).waitFor();
  });
});

describe("the evidence", () => {
  it("verifies in the page, and a changed byte shows", async () => {
    await reaches("sent_waiting_cleanup");
    const page = await open(`/ui/runs/${run}/evidence`);
    await page.getByText("The evidence is written").waitFor({ timeout: 90_000 });
    const verify = page.getByRole("button", { name: "Verify the evidence" });
    await verify.press("Enter");
    await page.getByText("Verified: the archive is what the run wrote").waitFor();
    await page.getByText(/6 files, \d+ batches/).waitFor();
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download and verify" }).click();
    expect((await download).suggestedFilename()).toBe(`${run}-evidence.zip`);
    await page.getByText(new RegExp(`Saved: ${run}-evidence.zip, [\\d.]+ kB`)).waitFor();
    await page.getByText("Verified: the archive is what the run wrote").waitFor();
    // The number 0 has texts of its own about what it proves.
    const twice = page.getByRole("row", { name: /^Accepted twice 0 / });
    await twice.getByText("No answer of the receiver shows a line that it accepted twice.").waitFor();
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.getByRole("button", { name: "Copy the text for an auditor" }).click();
    const text = await page.evaluate(() => navigator.clipboard.readText());
    const { report } = await stack().api.status(run);
    expect(text).toContain(`node evidence/verify-evidence.mjs evidence ${report.head}`);
    await page.route("**/evidence.zip", async (route) => {
      const response = await route.fetch();
      const body = await response.body();
      // In the middle of the first part's compressed rows.
      const at = body.indexOf("part-00001-files.ndjson") + 200;
      body[at] = (body[at] ?? 0) ^ 1;
      await route.fulfill({ response, body });
    });
    await verify.click();
    await page.getByText("Not verified: the evidence differs").waitFor();
    await page
      .getByText(/part-00001-files/)
      .first()
      .waitFor();
    await inEveryLook(page, async (look) => expect(await axe(page, look), look).toEqual([]));
  });
});

describe("70,000 files", () => {
  it("fill no more than 400 rows and 5,000 elements, and a map of a week", async () => {
    await stack().dev.stop();
    const week = { startMs: Date.parse(WINDOW.start), spanMs: 3_600_000 };
    addFiles(join(stack().dir, "state"), { run, count: 70_000, ...week });
    Object.assign(stack(), await stack().restart());
    const page = await open(`/ui/runs/${run}/files`);
    const rows = table(page, "Files of the run").getByRole("row");
    await rows.nth(200).waitFor();
    for (let pages = 0; pages < 3; pages++) {
      await page.getByRole("button", { name: "Show more rows" }).click();
      await page.getByText(pages === 0 ? "Rows shown: 400" : "Show earlier rows").waitFor();
      expect(await rows.count()).toBeLessThanOrEqual(401);
      expect(await page.locator("*").count()).toBeLessThan(5_000);
    }
    await page.getByRole("navigation", { name: "By state" }).getByRole("link", { name: "Failed" }).click();
    await rows.nth(200).waitFor();
    expect(await rows.nth(1).textContent()).toContain("Failed");
    await page.getByLabel("Jump to").fill("2026-04-22 22:30");
    await page.keyboard.press("Enter");
    await page.getByText("2026-04-22 22:30–22:35 Beijing").first().waitFor();
    await page
      .getByRole("navigation", { name: "Parts of the run" })
      .getByRole("link", { name: "Map" })
      .click();
    await page.getByRole("link", { name: /22:30–22:35 Beijing: 5,8\d\d files/ }).waitFor();
  });
});
