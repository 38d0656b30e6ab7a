// Lists which pages `npm run screenshots` photographs. Add a row here for each new page of the application.
import type { Page } from "playwright-core";
import type { Seed } from "./seed.ts";

export interface ShownPage {
  /** The first part of the file's name. */
  name: string;
  path: (seed: Seed) => string;
  /** What a person does before the screenshot. */
  act?: (tab: Page) => Promise<void>;
}

function newRun({ hole: { start, end } }: Seed): string {
  const edges = { outer: `${start}/${end}`, inner: `${start}/${end}` };
  return `/ui/new?${new URLSearchParams({ start, end, end_exclusive: "true", ...edges }).toString()}`;
}

async function plan(tab: Page): Promise<void> {
  await tab.locator('button[type="submit"]').click();
  await tab.locator("#start").waitFor();
}

export const SHOWN_PAGES: readonly ShownPage[] = [
  { name: "home", path: () => "/ui/" },
  { name: "coverage", path: () => "/ui/coverage" },
  { name: "coverage-selected", path: ({ hole }) => `/ui/coverage?days=3&from=${hole.start}&to=${hole.end}` },
  { name: "new", path: newRun },
  { name: "new-planned", path: newRun, act: plan },
  { name: "new-from-plan", path: ({ counted }) => `/ui/new?from_plan=${counted}` },
  { name: "runs", path: () => "/ui/runs" },
  { name: "run-delivered", path: ({ delivered }) => `/ui/runs/${delivered}` },
  { name: "run-paused", path: ({ paused }) => `/ui/runs/${paused}` },
  { name: "run-counted", path: ({ counted }) => `/ui/runs/${counted}` },
  { name: "queue", path: () => "/ui/queue" },
  { name: "queue-window", path: () => "/ui/queue?window=1" },
  { name: "queue-add", path: () => "/ui/queue/add" },
  { name: "map", path: ({ delivered }) => `/ui/runs/${delivered}/map` },
  { name: "files", path: ({ delivered }) => `/ui/runs/${delivered}/files?file=2` },
  { name: "batches", path: ({ paused }) => `/ui/runs/${paused}/batches?batch=1` },
  { name: "events", path: ({ delivered }) => `/ui/runs/${delivered}/events` },
  { name: "evidence", path: ({ delivered }) => `/ui/runs/${delivered}/evidence` },
  { name: "system", path: () => "/ui/system" },
  { name: "not-found", path: () => "/ui/no-such-page" },
];
