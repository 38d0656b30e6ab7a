// Measures what a first visit loads of the page itself, without the answers of the API.
import { gzipSync } from "node:zlib";
import { API_TOKEN } from "../../support/stack.ts";
import { expect } from "vitest";
import type { BrowserStack } from "./browser-stack.ts";
import { pageShown } from "./page-shown.ts";

/** The most compressed bytes that a visit may load. */
export const MAX_PAGE_BYTES = 60_000;
/** A visit has loaded its files when it requested none of them for this long. */
const QUIET_MS = 500;

export async function bytesOf(open: BrowserStack["open"], path: string, lang: "en" | "zh"): Promise<number> {
  const page = await open("/ui/no-such-file.txt", { lang, role: "none", tolerated: [/404/] });
  let bytes = 0;
  let newestAt = 0;
  const loads: Promise<number>[] = [];
  page.on("response", (response) => {
    if (!new URL(response.url()).pathname.startsWith("/ui/")) return;
    newestAt = performance.now();
    loads.push(response.body().then((body) => (bytes += gzipSync(body, { level: 9 }).length)));
  });
  await page.goto(new URL(`${path}#token=${API_TOKEN}`, page.url()).href);
  await pageShown(page);
  await expect.poll(() => performance.now() - newestAt, { timeout: 60_000 }).toBeGreaterThan(QUIET_MS);
  await Promise.all(loads);
  return bytes;
}
