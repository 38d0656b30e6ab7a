// Searches for faults against WCAG 2.2 AA in the page as it is shown.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults, RunOptions } from "axe-core";
import type { Page } from "playwright-core";
import type { Look } from "./looks.ts";

const SOURCE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const LEVEL_AA: NonNullable<RunOptions["runOnly"]> = {
  type: "tag",
  values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
};
/** The rules of LEVEL_AA that look at colours. A theme changes nothing else. */
const COLOURS: NonNullable<RunOptions["runOnly"]> = {
  type: "rule",
  values: ["color-contrast", "link-in-text-block"],
};

declare global {
  interface Window {
    axe: { run(context: Document, options: RunOptions): Promise<AxeResults> };
  }
}

/** One line for each fault: the rule, the element, and what to do. Empty: no fault. In the dark look of a page that
 * was also searched in the light look, only the rules about colours run. */
export async function axe(page: Page, look: Look = "light 1280"): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(SOURCE);
  const { violations } = await page.evaluate(
    async (runOnly) => window.axe.run(document, { runOnly, resultTypes: ["violations"] }),
    look === "dark 1280" ? COLOURS : LEVEL_AA,
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ target, failureSummary = "" }) =>
        `${id}: ${target.join(" ")}: ${failureSummary.replaceAll(/\s+/g, " ")}`,
    ),
  );
}
