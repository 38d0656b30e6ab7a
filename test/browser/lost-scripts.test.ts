// Scripts of the page that do not load, because a new version was deployed or an answer failed.
import type { Page } from "playwright-core";
import { expect, it, onTestFinished } from "vitest";
import { sharedBrowserStack } from "./support/browser-stack.ts";

const { browser, open } = sharedBrowserStack({ logs: { files: 1, lines: [10] } });

const NOT_LOADED = "The page could not load. Reload it.";

/** Opens a page whose scripts of this name are answered with `status`. `stored`: the language that was chosen before. */
async function openWithout(script: string, status: number, stored?: "en" | "zh"): Promise<Page> {
  const context = await browser().newContext({ locale: "en-GB" });
  onTestFinished(() => context.close());
  await context.route(`**/ui/assets/*/${script}-*.js`, (route) => route.fulfill({ status, body: "" }));
  if (stored !== undefined)
    await context.addInitScript((value) => {
      if (localStorage.getItem("language") === null) localStorage.setItem("language", value);
    }, stored);
  const tolerated = [/\/ui\/assets\/\w+\/(main|en|zh|queue-page)-/, /^uncaught: (TypeError: .*)?$/];
  return open("/ui/", { context, tolerated });
}

function home(page: Page, name = "Home") {
  return page.getByRole("heading", { level: 1, name });
}

it.each([404, 500])(
  "says that the page could not load, after an answer of %i for its script",
  async (status) => {
    const page = await openWithout("main", status);
    const text = page.getByText(NOT_LOADED);
    expect(await text.isVisible()).toBe(false);
    await text.waitFor();
    await page.getByText("页面无法加载，请刷新。").waitFor();
  },
);

it("says that the page could not load when neither language loads", async () => {
  const page = await openWithout("{en,zh}", 404, "zh");
  await page.getByText(NOT_LOADED).waitFor();
});

it("has no such text when the page is rendered", async () => {
  const page = await open("/ui/");
  await home(page).waitFor();
  expect(await page.locator("#not-loaded").count()).toBe(0);
});

it("offers to reload when the script of a page is lost", async () => {
  const page = await openWithout("queue-page", 404);
  await page.getByRole("link", { name: "Queue" }).click();
  await page.getByRole("alert").getByText("A part of the page could not be loaded.").waitFor();
  await page.context().unroute("**/ui/assets/*/queue-page-*.js");
  await page.getByRole("button", { name: "Reload" }).click();
  await page.getByRole("heading", { level: 1, name: "Queue" }).waitFor();
});

it("keeps the language, and does not store the choice, when the other language is lost", async () => {
  const page = await openWithout("zh", 500);
  await home(page).waitFor();
  await page.getByText("中文").click();
  await page.getByRole("alert").getByText("The texts of the other language could not be loaded.").waitFor();
  expect(await page.getByRole("radio", { name: "EN" }).isChecked()).toBe(true);
  expect(await page.getByRole("radio", { name: "中文" }).isChecked()).toBe(false);
  expect(await page.evaluate(() => localStorage.getItem("language"))).toBe(null);
});

it("shows English and says why when the stored language is lost", async () => {
  const page = await openWithout("zh", 404, "zh");
  await home(page).waitFor();
  await page.getByRole("alert").getByText("The texts of the other language could not be loaded.").waitFor();
  expect(await page.getByRole("radio", { name: "EN" }).isChecked()).toBe(true);
});
