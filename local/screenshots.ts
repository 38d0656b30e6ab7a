// `npm run screenshots`: photographs the pages in both languages and themes, narrow and wide. Starts a stack of its own
// with seeded data, and stops it.
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Browser } from "playwright-core";
import { chromiumPath, launchBrowser } from "./browser/chromium.ts";
import { flagsOf, onOrphaned, readFlags, UsageError } from "./command-line.ts";
import { pageAddress } from "./dev/settings.ts";
import { SHOWN_PAGES, type ShownPage } from "./screenshots/pages.ts";
import { startSeededStack, type SeededStack } from "./screenshots/seed.ts";

const USAGE = `usage: npm run screenshots [-- --only NAME]... [--out DIR]
  writes NAME-LANGUAGE-THEME-WIDTH.png for each page, in English and Chinese, light and dark, 360, 1280 and 2560 pixels wide
  --only NAME   photographs this page alone; repeatable: ${SHOWN_PAGES.map(({ name }) => name).join(", ")}
  --out DIR     where the screenshots go (default screenshots)`;

const LOCALES = { en: "en-GB", zh: "zh-CN" };
const THEMES = ["light", "dark"] as const;
const WIDTHS = [360, 1_280, 2_560];
const HEIGHT = 900;

function readOptions(args: string[]) {
  const values = readFlags(args, {
    only: { type: "string", multiple: true },
    out: { type: "string", default: "screenshots" },
  });
  const only = values.only ?? SHOWN_PAGES.map(({ name }) => name);
  const unknown = only.find((name) => !SHOWN_PAGES.some((page) => page.name === name));
  if (unknown !== undefined) throw new UsageError(`--only: there is no page ${unknown}`);
  return { pages: SHOWN_PAGES.filter(({ name }) => only.includes(name)), outDir: resolve(values.out) };
}

async function photograph(
  browser: Browser,
  stack: SeededStack,
  page: ShownPage,
  outDir: string,
): Promise<void> {
  for (const [language, locale] of Object.entries(LOCALES)) {
    const tab = await browser.newPage({ locale, timezoneId: "Asia/Shanghai", reducedMotion: "reduce" });
    const [address = "", hash = ""] = pageAddress(stack.url, stack.token).split("/ui/");
    await tab.goto(`${address}${page.path(stack.seed)}${hash}`);
    await page.act?.(tab);
    for (const colorScheme of THEMES)
      for (const width of WIDTHS) {
        await tab.emulateMedia({ colorScheme });
        await tab.setViewportSize({ width, height: HEIGHT });
        // The page repeats its requests every few seconds, so the network is quiet between two requests.
        await tab.waitForLoadState("networkidle");
        await tab.screenshot({
          path: join(outDir, `${page.name}-${language}-${colorScheme}-${width}.png`),
          fullPage: true,
        });
      }
    await tab.close();
  }
  console.log(page.name);
}

async function main(): Promise<void> {
  const { pages, outDir } = flagsOf({ name: "screenshots", usage: USAGE }, readOptions);
  await mkdir(outDir, { recursive: true });
  const cleanUps: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const cleanUp of cleanUps.splice(0).toReversed())
      await cleanUp().catch((error: unknown) => console.error(error));
  };
  const stopEarly = () => void stop().finally(() => process.exit(1));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, stopEarly);
  onOrphaned(stopEarly);
  try {
    const stack = await startSeededStack(cleanUps);
    const browser = await launchBrowser(await chromiumPath());
    cleanUps.push(() => browser.close());
    for (const page of pages) await photograph(browser, stack, page, outDir);
    console.log(`${pages.length} page(s) are in ${outDir}`);
  } catch (error) {
    console.error(`screenshots: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  } finally {
    await stop();
  }
  process.exit();
}

await main();
