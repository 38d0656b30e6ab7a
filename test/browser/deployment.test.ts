// Tests what an operator does around runs: tests of notification channels, and sessions that end. Also what a
// viewer may not do.
import { afterAll, describe, expect, it } from "vitest";
import { PAGES_OF_TEST } from "./support/pages-of-test.ts";
import type { DoctorAnswer } from "../../src/contract/api/api-types.ts";
import { doctorRemedies } from "../../src/ui/text/zh/doctor-remedies.ts";
import { API_TOKEN } from "../support/stack.ts";
import { FakeChannels } from "../support/fake-channels.ts";
import { axe } from "./support/axe.ts";
import { sharedBrowserStack, VIEWER_TOKEN } from "./support/browser-stack.ts";
import { inEveryLook } from "./support/looks.ts";
import { pageShown } from "./support/page-shown.ts";

const channels = await FakeChannels.start();
afterAll(() => channels.stop());
const { stack, open } = sharedBrowserStack({
  logs: { files: 1, lines: [10] },
  vars: { NOTIFY_CHANNELS: JSON.stringify([channels.setting("standard"), channels.setting("feishu")]) },
});

describe("notification channels", () => {
  it("are tested from the page, each with its outcome, and none with its address or secret", async () => {
    const page = await open("/ui/system");
    const row = (name: string) =>
      page.getByRole("region", { name: "Notification channels" }).last().getByRole("row", { name });
    await row("standard").getByText("never used").waitFor();
    await row("standard").getByRole("button", { name: "Test" }).click();
    const dialog = page.getByRole("dialog", { name: "Test: standard" });
    expect(await axe(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Test" }).press("Enter");
    await row("standard").getByText("delivered", { exact: true }).waitFor();
    expect(channels.messages).toEqual([expect.objectContaining({ kind: "standard", accepted: true })]);
    channels.fault = "limit";
    await row("feishu").getByRole("button", { name: "Test" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Test" }).click();
    await row("feishu").getByText("too many messages").waitFor();
    const text = await page.locator("main").innerText();
    expect(text).toContain("127.0.0.1");
    expect(text).not.toContain("/feishu");
    expect(text).not.toContain(channels.setting("feishu").secret);
  });
});

describe("the doctor", () => {
  it.each([
    ["en", "Run doctor", "Doctor"],
    ["zh", "开始体检", "体检"],
  ] as const)(
    "shows each line with its remedy, in %s, without a fault in any look",
    async (lang, run, name) => {
      const page = await open("/ui/system", { lang });
      const answered = page.waitForResponse("**/doctor");
      await page.getByRole("button", { name: run }).click();
      const { lines } = (await (await answered).json()) as DoctorAnswer;
      const rows = page.getByRole("region", { name, exact: true }).last().getByRole("row");
      await expect.poll(() => rows.count()).toBe(lines.length + 1);
      expect(lines.filter(({ remedy }) => remedy !== null).length).toBeGreaterThan(0);
      for (const [index, { check, outcome, detail, remedy }] of lines.entries()) {
        const row = rows.nth(index + 1);
        const shown = remedy && lang === "zh" ? (doctorRemedies[check]?.[outcome] ?? "") : (remedy ?? "—");
        await row.getByText(shown, { exact: true }).waitFor();
        for (const text of [check, detail]) expect(await row.textContent(), check).toContain(text);
      }
      await inEveryLook(page, async (look) => expect(await axe(page, look), look).toEqual([]));
    },
  );
});

describe("a viewer", () => {
  it.each(PAGES_OF_TEST)("may change nothing on %s, and sees the reason", async (path) => {
    const page = await open(path, { role: "viewer" });
    await pageShown(page);
    const enabled = await page
      .locator("main")
      .locator(".verb button:enabled, button.primary:enabled, button.danger:enabled")
      .allInnerTexts();
    expect(enabled).toEqual([]);
    const disabled = await page.locator("main button:disabled").count();
    if (disabled > 0) expect(await page.getByText("Your role is viewer").count()).toBeGreaterThan(0);
  });

  it.each([
    ["POST", "/runs", {}],
    ["POST", "/windows", {}],
    ["POST", "/windows/pause", {}],
    ["POST", "/windows/1/move", { before: 2 }],
    ["DELETE", "/windows/1", {}],
    ["POST", "/notifications/test", {}],
    ["POST", "/auto-replay", { mode: "queue" }],
  ])("is refused %s %s by the API itself", async (method, path, body) => {
    const answer = await fetch(`${stack().dev.url}${path}`, {
      method,
      // oxlint-disable-next-line unicorn/no-invalid-fetch-options -- no row of the table is a GET
      body: JSON.stringify(body),
      headers: { Authorization: `Bearer ${VIEWER_TOKEN}`, "Content-Type": "application/json" },
    });
    expect([answer.status, await answer.json()]).toEqual([
      403,
      expect.objectContaining({ code: "not_allowed" }),
    ]);
  });
});

describe("a session", () => {
  it("that ends leads to the sign-in form, and a new token back to the same page with its filters", async () => {
    const page = await open("/ui/runs?stage=aborted");
    await page.getByText("No run matches the filters.").waitFor();
    let isEnded = true;
    await page.route(/\/(runs|system|me)\b/, async (route) => {
      if (!isEnded || route.request().resourceType() !== "fetch") return route.continue();
      const headers = { ...route.request().headers(), authorization: "Bearer revoked" };
      return route.continue({ headers });
    });
    // The page requests its data at once, and not only after 15 s.
    await page.evaluate(() => window.dispatchEvent(new Event("online")));
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await page.getByRole("alert").getByText("unauthorized").waitFor();
    isEnded = false;
    await page.getByLabel("Token").fill(API_TOKEN);
    await page.keyboard.press("Enter");
    await page.getByText("No run matches the filters.").waitFor();
    expect(new URL(page.url()).search).toBe("?stage=aborted");
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
  });
});
