// The looks in which the pages are searched for faults: both themes, at the narrowest and at a usual width.
import type { Page } from "playwright-core";

/** A theme changes colours only, and a narrow page shows only a plain button that a wide one lacks. So dark and narrow
 * together show nothing new. */
const LOOKS = [
  ["light", 1_280],
  ["dark", 1_280],
  ["light", 360],
] as const;

export type Look = "light 1280" | "dark 1280" | "light 360";

/** Calls `check` for the page in each look. */
export async function inEveryLook(page: Page, check: (look: Look) => Promise<void>): Promise<void> {
  const { height } = page.viewportSize() ?? { height: 800 };
  for (const [colorScheme, width] of LOOKS) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height });
    await check(`${colorScheme} ${width}` as Look);
  }
}
