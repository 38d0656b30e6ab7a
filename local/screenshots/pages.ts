// Which pages `npm run screenshots` photographs. A new page of the application gets a row here.
import type { Seed } from "./seed.ts";

export interface ShownPage {
  /** The first part of the file's name. */
  name: string;
  path: (seed: Seed) => string;
}

export const SHOWN_PAGES: readonly ShownPage[] = [
  { name: "home", path: () => "/ui/" },
  { name: "coverage", path: () => "/ui/coverage" },
  { name: "coverage-selected", path: ({ hole }) => `/ui/coverage?days=3&from=${hole.start}&to=${hole.end}` },
  { name: "new", path: ({ hole: { start, end } }) => `/ui/new?start=${start}&end=${end}&end_exclusive=true` },
  { name: "new-from-plan", path: ({ counted }) => `/ui/new?from_plan=${counted}` },
  { name: "runs", path: () => "/ui/runs" },
  { name: "run-delivered", path: ({ delivered }) => `/ui/runs/${delivered}` },
  { name: "run-paused", path: ({ paused }) => `/ui/runs/${paused}` },
  { name: "run-counted", path: ({ counted }) => `/ui/runs/${counted}` },
  { name: "queue", path: () => "/ui/queue" },
  { name: "queue-window", path: () => "/ui/queue?window=1" },
  { name: "queue-add", path: () => "/ui/queue/add" },
  { name: "system", path: () => "/ui/system" },
  { name: "not-found", path: () => "/ui/no-such-page" },
];
