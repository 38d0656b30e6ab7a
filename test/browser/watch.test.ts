// The watch over each page: a fault in a page must fail the test that opened it.
import { describe, expect, it, onTestFinished } from "vitest";
import { PageFaults } from "./support/page-faults.ts";
import { axe } from "./support/axe.ts";
import { sharedBrowserStack } from "./support/browser-stack.ts";

const { stack, browser } = sharedBrowserStack({ logs: { files: 1, lines: [10] } });

async function watched(tolerated: RegExp[] = []) {
  const page = await browser().newPage({ locale: "en-GB", viewport: { width: 360, height: 600 } });
  onTestFinished(() => page.close());
  const faults = await PageFaults.watch(page, stack().dev.url, tolerated);
  await page.goto(`${stack().dev.url}/ui/`);
  return { page, faults };
}

describe("the watch over a page", () => {
  it("finds an uncaught error, an error on the console, a broken policy and a foreign request", async () => {
    const { page, faults } = await watched();
    expect(await faults.list(page)).toEqual([]);
    await page.evaluate(async () => {
      console.error("from the console");
      setTimeout(() => {
        throw new Error("from a timer");
      });
      await fetch("https://elsewhere.test/").catch(() => undefined);
    });
    await expect.poll(async () => (await faults.list(page)).join("\n")).toContain("from a timer");
    const found = (await faults.list(page)).join("\n");
    expect(found).toContain("from the console");
    expect(found).toContain("policy broken: connect-src https://elsewhere.test/");
  });

  it("finds a page that scrolls sideways", async () => {
    const { page, faults } = await watched();
    await page.evaluate(() => {
      const wide = document.createElement("p");
      wide.textContent = "wide";
      wide.style.width = "500px";
      document.body.append(wide);
    });
    expect(await faults.list(page)).toEqual([expect.stringMatching(/wider than its window: P/)]);
  });

  it("lets the API refuse, and reports a missing file of the page", async () => {
    const { page, faults } = await watched();
    await page.evaluate(() => fetch("/runs/x"));
    expect(await faults.list(page)).toEqual([]);
    await page.evaluate(() => fetch("/ui/assets/none.js"));
    await expect.poll(() => faults.list(page)).toEqual([expect.stringContaining("404")]);
  });

  it("finds a fault of contrast and an image without a text", async () => {
    const { page } = await watched();
    await page.evaluate(() => {
      const pale = document.createElement("p");
      pale.textContent = "pale";
      Object.assign(pale.style, { color: "#ccc", background: "#fff" });
      document.body.append(pale, document.createElement("img"));
    });
    const found = (await axe(page)).join("\n");
    expect(found).toContain("color-contrast");
    expect(found).toContain("image-alt");
  });
});
