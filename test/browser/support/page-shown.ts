// Waits until a page shows its data. It does not wait for the network to be idle: a page of a running or waiting run
// sends requests every two seconds, so on a slow machine there may always be an open request.
import type { Page } from "playwright-core";

/** Waits for the heading of a page, and until no part of it shows "Loading…". */
export async function pageShown(page: Page): Promise<void> {
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.waitForFunction(() => document.querySelector("main .loading") === null);
}
