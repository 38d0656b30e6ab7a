// One stack for the tests of a file, one browser for the files of a worker, and pages that are watched for faults
// until their test ends.
import { createHash } from "node:crypto";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { beforeAll, expect, inject, onTestFinished } from "vitest";
import { launchBrowser } from "../../../local/browser/chromium.ts";
import { API_TOKEN, sharedStack, type Stack, type StackOptions } from "../../support/stack.ts";
import { PageFaults } from "./page-faults.ts";

export const VIEWER_TOKEN = "browser-viewer-token";
const METRICS_TOKEN = "browser-metrics-token";
/** A zone that the page never shows, so that a time without an explicit zone looks wrong. */
const ZONE_OF_BROWSER = "America/St_Johns";
const LOCALES = { en: "en-GB", zh: "zh-CN" };

export interface Opening {
  /** The browser's language. The default is English. */
  lang?: keyof typeof LOCALES;
  /** The zone that the page shows. The default is the page's own. */
  zone?: "beijing" | "utc";
  theme?: "light" | "dark";
  /** CSS pixels. */
  width?: number;
  height?: number;
  /** The role whose token the address contains. The default is `operator`. */
  role?: "operator" | "viewer" | "metrics" | "none";
  /** Errors that the test causes on purpose, such as a refused connection. */
  tolerated?: readonly RegExp[];
  /** Pages of one context share localStorage, as tabs do. */
  context?: BrowserContext;
}

export interface BrowserStack {
  stack: () => Stack;
  browser: () => Browser;
  /** Opens a path such as `/ui/runs?x=1`. The test fails at its end when the page had a fault. */
  open: (path: string, opening?: Opening) => Promise<Page>;
}

/** Starts a stack and a browser for all tests of a file. Takes what `sharedStack` takes. */
export function sharedBrowserStack(options: Omit<StackOptions, "scope">): BrowserStack {
  const stack = sharedStack({ ...options, vars: { API_TOKENS: namedTokens(), ...options.vars } });
  let browser: Browser | undefined;
  const launched = () => {
    if (browser === undefined) throw new Error("the browser did not start");
    return browser;
  };
  beforeAll(async () => {
    browser = await sharedBrowser();
  });
  return { stack, browser: launched, open: (path, opening) => openPage(stack(), launched(), path, opening) };
}

let newest: Promise<Browser> | undefined;

/** The test files of one worker share a browser, because each start takes 0.6 s of processor time. playwright ends the
 * browser when the worker ends. */
async function sharedBrowser(): Promise<Browser> {
  if (newest && (await newest).isConnected()) return newest;
  newest = launchBrowser(inject("chromiumPath"));
  return newest;
}

async function openPage(stack: Stack, browser: Browser, path: string, opening: Opening = {}): Promise<Page> {
  const context = opening.context ?? (await newContext(browser, opening));
  const page = await context.newPage();
  const origin = new URL(stack.dev.url).origin;
  const faults = await PageFaults.watch(page, origin, opening.tolerated);
  onTestFinished(async () => {
    const found = await faults.list(page);
    // A poll may be under way in a handler of the test.
    await page.unrouteAll({ behavior: "ignoreErrors" });
    await page.close();
    expect(found, `faults of ${path}`).toEqual([]);
  });
  if (opening.zone !== undefined)
    await page.addInitScript((zone) => localStorage.setItem("zone", zone), opening.zone);
  await page.goto(`${origin}${path}${hashOf(opening.role ?? "operator")}`);
  return page;
}

async function newContext(browser: Browser, opening: Opening): Promise<BrowserContext> {
  const context = await browser.newContext({
    locale: LOCALES[opening.lang ?? "en"],
    timezoneId: ZONE_OF_BROWSER,
    colorScheme: opening.theme ?? "light",
    reducedMotion: "reduce",
    viewport: { width: opening.width ?? 1280, height: opening.height ?? 800 },
  });
  onTestFinished(() => context.close());
  return context;
}

function hashOf(role: NonNullable<Opening["role"]>): string {
  const tokens = { operator: API_TOKEN, viewer: VIEWER_TOKEN, metrics: METRICS_TOKEN, none: "" };
  return role === "none" ? "" : `#token=${tokens[role]}`;
}

function namedTokens(): string {
  const named = (name: string, role: string, token: string) => ({
    name,
    role,
    sha256: createHash("sha256").update(token).digest("hex"),
  });
  return JSON.stringify([
    named("viewer", "viewer", VIEWER_TOKEN),
    named("metrics", "metrics", METRICS_TOKEN),
  ]);
}
