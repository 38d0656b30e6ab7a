// Measures what a first visit loads of the page itself, without the answers of the API.
import { gzipSync } from "node:zlib";
import { API_TOKEN } from "../../support/stack.ts";
import type { BrowserStack } from "./browser-stack.ts";

/** The most compressed bytes that a visit may load. */
export const MAX_PAGE_BYTES = 60_000;

export async function bytesOf(open: BrowserStack["open"], path: string, lang: "en" | "zh"): Promise<number> {
  const page = await open("/ui/no-such-file.txt", { lang, role: "none", tolerated: [/404/] });
  let bytes = 0;
  const loads: Promise<number>[] = [];
  page.on("response", (response) => {
    if (!new URL(response.url()).pathname.startsWith("/ui/")) return;
    loads.push(response.body().then((body) => (bytes += gzipSync(body, { level: 9 }).length)));
  });
  await page.goto(new URL(`${path}#token=${API_TOKEN}`, page.url()).href);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.waitForLoadState("networkidle");
  await Promise.all(loads);
  return bytes;
}
