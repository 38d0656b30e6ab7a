// Does what a person does on the page that plans and starts a run.
import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { Stack } from "../../support/stack.ts";

export interface RunItem {
  id: string;
  start: string;
  end: string;
  end_exclusive: boolean;
  note: string | null;
  stage_code: string;
}

/** The page with a window of the sample. Each test uses another window. */
export function newRun(start: string, end: string, more: Record<string, string> = {}): string {
  const day = "2026-04-22T";
  const window = { start: `${day}${start}:00Z`, end: `${day}${end}:00Z`, end_exclusive: "true" };
  return `/ui/new?${new URLSearchParams({ ...window, ...more }).toString()}`;
}

export async function plan(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Plan", exact: true }).click();
  await page.getByRole("heading", { name: "Plan", exact: true }).waitFor();
  await page.getByRole("button", { name: "Start the run" }).waitFor({ timeout: 30_000 });
}

/** Agrees to send again the lines of a window of 2026-04-22. */
export async function agree(page: Page): Promise<void> {
  await page.getByLabel("Send these lines again. The receiver does not remove duplicates.").check();
  await page.getByLabel("Type 2026-04-22 to confirm").fill("2026-04-22");
}

export async function tabTo(page: Page, name: string): Promise<void> {
  for (let step = 0; step < 80; step++) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(() => {
      const { activeElement: element } = document;
      return element instanceof HTMLElement
        ? (element.getAttribute("aria-label") ?? element.textContent)
        : "";
    });
    if (focused?.startsWith(name)) return;
  }
  throw new Error(`no element "${name}" can be reached by keyboard`);
}

/** The API calls of the tests that start runs. */
export function runCalls(stack: () => Stack) {
  const stageOf = async (id: string): Promise<string> => (await stack().api.status(id)).stage_code;
  const abort = async (id: string): Promise<void> => {
    await stack().operator.call("DELETE", `/runs/${id}`, {});
    await expect.poll(() => stageOf(id), { timeout: 30_000 }).toBe("aborted");
  };
  return {
    stageOf,
    abort,
    runs: async (): Promise<RunItem[]> => {
      const { body } = await stack().operator.call<{ items: RunItem[] }>("GET", "/runs");
      return body.items;
    },
    /** Aborts the run that owns the slot. */
    freeSlot: async (): Promise<void> => {
      const { body } = await stack().operator.call<{ slot_holder: string | null }>("GET", "/system");
      if (body.slot_holder !== null) await abort(body.slot_holder);
    },
  };
}
