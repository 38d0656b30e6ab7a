// Verbs of one file and one batch that the API refuses first: another run sent the same lines, or the R2 object
// changed. Every answer to a verb is made here, so that no test changes the run.
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import { WINDOW } from "../support/stack.ts";
import { axe } from "./support/axe.ts";
import { sharedBrowserStack } from "./support/browser-stack.ts";
import { inEveryLook } from "./support/looks.ts";
import { pageShown } from "./support/page-shown.ts";

const { stack, open } = sharedBrowserStack({ logs: { files: 3, lines: [200] } });
const DATE = "2026-04-22";
const OTHER = "20260422T143000Z_20260422T153000Z_20260423T000000Z";
let run = "";

/** A run that waits for a person, because one batch is refused. */
beforeAll(async () => {
  const ray = stack().files[1]?.kept_ray_ids[50] ?? "";
  stack().receiver.behave({ rules: [{ do: "status", status: 400, ray_id: ray, body: "line 51 is bad" }] });
  const { body } = await stack().operator.call<{ id: string }>("POST", "/runs", {
    ...WINDOW,
    batch_size: 100,
  });
  run = body.id;
  await stack().api.waitFor(run, ({ stage_code }) => stage_code === "needs_attention", 60_000);
});

/** Answers POSTs to this path: `overlap` unless the request has `replay`. Gives the bodies of the requests. */
async function refuseOverlap(page: Page, path: string): Promise<Record<string, unknown>[]> {
  const bodies: Record<string, unknown>[] = [];
  await page.route(`**${path}`, async (route) => {
    const body = route.request().postDataJSON() as Record<string, unknown>;
    bodies.push(body);
    const overlaps = [{ run: OTHER, start: "2026-04-22T14:30:00Z", end: "2026-04-22T15:00:00Z" }];
    await (body["replay"] === true
      ? route.fulfill({ status: 202, json: { changed: 1 } })
      : route.fulfill({
          status: 409,
          contentType: "application/problem+json",
          json: { code: "overlap", title: "overlap", detail: "sent before", overlaps },
        }));
  });
  return bodies;
}

/** Lists the first file as one that changed after it was sent. */
async function showChangedFile(page: Page): Promise<void> {
  await page.route(/\/files\?from=1&limit=1/, async (route) => {
    const response = await route.fetch();
    const answer = (await response.json()) as { items: object[] };
    const [item] = answer.items;
    const reason = "2 batches already sent are not in the object as it is now; retry with allow_duplicates";
    await route.fulfill({ response, json: { ...answer, items: [{ ...item, state: "changed", reason }] } });
  });
}

/** Opens a page that sees the run with other members. Members that are objects are merged. */
async function openChanged(path: string, changes: Record<string, unknown>): Promise<Page> {
  const page = await open("/ui/runs");
  await page.route(
    ({ pathname }) => pathname === `/runs/${run}`,
    async (route) => {
      const response = await route.fetch();
      const status = (await response.json()) as Record<string, object>;
      const merged = Object.entries(changes).map(([name, value]) => [
        name,
        isObject(value) && isObject(status[name]) ? { ...status[name], ...value } : value,
      ]);
      await route.fulfill({ response, json: { ...status, ...Object.fromEntries(merged) } });
    },
  );
  await page.goto(new URL(path, page.url()).href);
  return page;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

describe("a canary that waits while other batches are held", () => {
  const reason = "stranded: live_batch_size_unproven";
  const heldBatch = { kind: "batch", key: null, file: 1, state: "held", reason, next_attempt_at: null };
  const problems = [1, 2].map((batch) => ({ ...heldBatch, batch, attempts: 0, uncertain_attempts: 0 }));

  it("says which batches are held and why, what is left, and what becomes of the held lines", async () => {
    const page = await openChanged("/ui/runs", {
      stage_code: "paused",
      state_reason: { code: "canary", detail: "" },
      spec: { canary: 1 },
      lines: { pending: 1_234, held: 150 },
      batches: { pending: 13, leased: 0, held: 2, refused: 0 },
      files: { listed: 4, parsing: 0 },
      problems,
    });
    // The first batches of the list are shown as held before their first POST.
    await page.route(/\/batches\?state=done/, async (route) => {
      const response = await route.fetch();
      const answer = (await response.json()) as { items: { batch: number }[] };
      const items = answer.items.map((item) =>
        item.batch <= 2 ? { ...item, state: "held", reason, attempts: 0 } : item,
      );
      await route.fulfill({ response, json: { ...answer, items } });
    });
    await page.goto(new URL(`/ui/runs/${run}`, page.url()).href);
    const canary = page.getByRole("region", { name: "Batches of the canary" }).first();
    const item = canary.getByRole("listitem").filter({ hasText: "Batch 1" });
    await item.getByText("This file alone does not prove the size").waitFor();
    // A batch that needs no person has no colour of a problem.
    const legend = page
      .getByRole("region", { name: "Lines" })
      .locator("div")
      .filter({ hasText: /^ ?Held/ });
    expect(await legend.getAttribute("class")).toBe("tone-idle");
    await page.getByRole("button", { name: "Send the rest" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("Lines: 1,234 · batches: 13 · Files not read yet: 4").waitFor();
    await dialog
      .getByText(/Lines: 150 · batches: 2\. Batches that wait for the proof of the size .*: 2\./)
      .waitFor();
    expect(await axe(page)).toEqual([]);
  });
});

describe("suspicious files", () => {
  it("have one primary button, which leads to the list where each is decided", async () => {
    const page = await openChanged(`/ui/runs/${run}`, {
      state_reason: { code: "suspicious_files", detail: "2 suspicious files" },
      files: { suspicious: 2 },
      batches: { refused: 0 },
      problems: [],
    });
    const primary = page.locator("main .actions .primary");
    await primary.waitFor();
    expect(await primary.count()).toBe(1);
    expect(await primary.getAttribute("href")).toBe(`/ui/runs/${run}/files?state=suspicious`);
  });

  it("of a dry run are a warning before the start from its plan", async () => {
    const page = await openChanged(`/ui/new?from_plan=${run}`, {
      stage_code: "counted",
      dry_run: true,
      files: { suspicious: 2 },
      plan: { hash: "a".repeat(64), files: 3, batches: 3, lines: 300, minutes_at_cap: 0.1, asks: [] },
    });
    const warning = page.getByRole("status").filter({ hasText: "Suspicious files: 2." });
    const link = warning.getByRole("link");
    expect(await link.getAttribute("href")).toBe(`/ui/runs/${run}/files?state=suspicious`);
    // The suspicious files, and that this run already sent the window.
    await page.getByRole("button", { name: /^[23] warnings$/ }).waitFor({ timeout: 30_000 });
  });
});

describe("a batch that another run sent", () => {
  it("is sent again after the person typed the date, with the retry route", async () => {
    const page = await open(`/ui/runs/${run}/batches?state=refused`);
    await page.getByRole("region", { name: "Batches of the run" }).getByRole("link").first().click();
    const batch = new URL(page.url()).searchParams.get("batch");
    const bodies = await refuseOverlap(page, `/runs/${run}/batches/${batch}/retry`);
    await page.getByRole("button", { name: "Send again" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Send again" }).click();
    await dialog.getByRole("link", { name: "22:30–23:00" }).waitFor();
    await dialog.getByRole("button", { name: "Send again" }).click();
    expect(bodies).toEqual([{}]);
    await dialog.getByLabel(`Type ${DATE} to confirm`).fill(DATE);
    await dialog.getByRole("button", { name: "Send again" }).click();
    await dialog.waitFor({ state: "detached" });
    expect(bodies).toEqual([{}, { replay: true }]);
  });
});

describe("the verbs of a batch", () => {
  /** Shows the run with another stage, and its batch with so many POSTs. */
  const openRun = async (stage: string, attempts: number, state = "refused") => {
    const page = await open("/ui/runs");
    await page.route(
      ({ pathname }) => pathname === `/runs/${run}`,
      async (route) => {
        const response = await route.fetch();
        const status = (await response.json()) as { problems: object[] };
        const problems = status.problems.map((problem) => ({ ...problem, attempts, state }));
        await route.fulfill({ response, json: { ...status, stage_code: stage, problems } });
      },
    );
    await page.goto(new URL(`/ui/runs/${run}`, page.url()).href);
    return page.getByRole("row").filter({ hasText: "Batch" });
  };

  it("send a batch that was never sent, and send no batch again without saying so", async () => {
    const never = await openRun("needs_attention", 0);
    await never.getByRole("button", { name: "Send…", exact: true }).waitFor();
    const before = await openRun("needs_attention", 1);
    await before.getByRole("button", { name: "Send again…", exact: true }).waitFor();
  });

  it("send all held batches again only after the person typed the date", async () => {
    const row = await openRun("needs_attention", 2, "held");
    await row.waitFor();
    const retry = row.page().getByRole("button", { name: "Retry all" });
    expect(await retry.getAttribute("class")).toBe("danger");
    await retry.click();
    await row.page().getByRole("dialog").getByLabel(`Type ${DATE} to confirm`).waitFor();
  });

  it("are not shown for an aborted run, which refuses every decision", async () => {
    const row = await openRun("aborted", 1);
    await row.getByText("The run has ended. Nothing can be decided any more.").waitFor();
    expect(await row.getByRole("button").count()).toBe(0);
  });
});

describe("a file whose object changed", () => {
  it("is parsed again with allow_duplicates only after the person typed the date", async () => {
    const page = await open("/ui/runs");
    await showChangedFile(page);
    const bodies = await refuseOverlap(page, `/runs/${run}/files/1/retry`);
    await page.goto(new URL(`/ui/runs/${run}/files?file=1`, page.url()).href);
    await page.getByText("retry with allow_duplicates").waitFor();
    await page.getByRole("button", { name: "Parse again" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("allow_duplicates").check();
    await dialog.getByText("Lines may arrive twice.").waitFor();
    await dialog.getByRole("button", { name: "Parse again" }).click();
    await inEveryLook(page, async (look) => expect(await axe(page, look), look).toEqual([]));
    expect(bodies).toEqual([]);
    await dialog.getByLabel(`Type ${DATE} to confirm`).fill(DATE);
    await dialog.getByRole("button", { name: "Parse again" }).click();
    await dialog.getByRole("link", { name: "22:30–23:00" }).waitFor();
    await dialog.getByRole("button", { name: "Send again" }).click();
    await dialog.waitFor({ state: "detached" });
    expect(bodies).toEqual([{ allow_duplicates: true }, { allow_duplicates: true, replay: true }]);
  });
});

describe("a viewer", () => {
  it.each(["", "/map", "/files?file=1", "/batches?state=refused", "/events", "/evidence"])(
    "may change nothing on %s of a run, and sees the reason",
    async (part) => {
      const page = await open("/ui/runs", { role: "viewer" });
      await showChangedFile(page);
      await page.goto(new URL(`/ui/runs/${run}${part}`, page.url()).href);
      await page.getByRole("heading", { level: 1 }).waitFor();
      if (part.startsWith("/batches"))
        await page.getByRole("region", { name: "Batches of the run" }).getByRole("link").first().click();
      // The verbs of the run, and of the chosen file or batch.
      const verbs = page.locator("main .verb button, main button.primary, main button.danger");
      const last = { "/files?file=1": "Parse again", "/batches?state=refused": "Discard", "": "Abort" }[part];
      if (last !== undefined) await verbs.filter({ hasText: last }).first().waitFor();
      await pageShown(page);
      for (const button of await verbs.all())
        expect(await button.isDisabled(), await button.innerText()).toBe(true);
      // Map, events and evidence have no verb.
      if (last !== undefined)
        await page.getByText("Your role is viewer").first().waitFor({ state: "attached" });
    },
  );
});
