// Addresses of the pages that need no run.
export const PAGES_OF_TEST = [
  "/ui/",
  "/ui/coverage",
  "/ui/new",
  "/ui/queue",
  "/ui/queue/add",
  "/ui/runs",
  "/ui/system",
];
