// The table of all pages. To add a page, write its component and its texts in text/en and text/zh, and add a row
// here. The first row that fits the path is used. Each page is a script of its own with its own texts, so that a visit
// loads only what it shows.
import type { ComponentType } from "preact";
import type { PageProps } from "../state/routes.ts";
import type { Texts } from "../text/texts.ts";
import { lazyPage } from "../parts/lazy-page.tsx";

export interface PageRoute {
  pattern: string;
  /** The word for the page in the navigation. Null: the navigation does not show the page. */
  nav: ((texts: Texts) => string) | null;
  component: ComponentType<PageProps>;
}

export const PAGES: readonly PageRoute[] = [
  {
    pattern: "/ui",
    nav: (t) => t.frame.nav.home,
    component: lazyPage(
      () => import("./home-page.tsx").then((page) => page.HomePage),
      ["home", "coverage", "queue"],
    ),
  },
  {
    pattern: "/ui/coverage",
    nav: (t) => t.frame.nav.coverage,
    component: lazyPage(
      () => import("./coverage/coverage-page.tsx").then((page) => page.CoveragePage),
      ["home", "coverage"],
    ),
  },
  {
    pattern: "/ui/new",
    nav: (t) => t.frame.nav.newRun,
    component: lazyPage(
      () => import("./new/new-run-page.tsx").then((page) => page.NewRunPage),
      ["home", "coverage", "newRun"],
    ),
  },
  {
    pattern: "/ui/queue",
    nav: (t) => t.frame.nav.queue,
    component: lazyPage(
      () => import("./queue/queue-page.tsx").then((page) => page.QueuePage),
      ["home", "queue"],
    ),
  },
  {
    pattern: "/ui/queue/add",
    nav: null,
    component: lazyPage(
      () => import("./queue/add-windows-page.tsx").then((page) => page.AddWindowsPage),
      ["home", "queue"],
    ),
  },
  {
    pattern: "/ui/runs",
    nav: (t) => t.frame.nav.runs,
    component: lazyPage(() => import("./runs-page.tsx").then((page) => page.RunsPage), ["home"]),
  },
  {
    pattern: "/ui/runs/:id",
    nav: null,
    component: lazyPage(() => import("./run/run-page.tsx").then((page) => page.RunPage), ["run"]),
  },
  {
    pattern: "/ui/runs/:id/map",
    nav: null,
    component: lazyPage(
      () => import("./run-parts/map-page.tsx").then((page) => page.RunMapPage),
      ["runParts"],
    ),
  },
  {
    pattern: "/ui/runs/:id/files",
    nav: null,
    component: lazyPage(
      () => import("./run-parts/files-page.tsx").then((page) => page.FilesPage),
      ["home", "runParts", "rowReasons"],
    ),
  },
  {
    pattern: "/ui/runs/:id/batches",
    nav: null,
    component: lazyPage(
      () => import("./run-parts/batches-page.tsx").then((page) => page.BatchesPage),
      ["home", "run", "runParts", "rowReasons"],
    ),
  },
  {
    pattern: "/ui/runs/:id/events",
    nav: null,
    component: lazyPage(
      () => import("./run-parts/events-page.tsx").then((page) => page.EventsPage),
      ["runParts"],
    ),
  },
  {
    pattern: "/ui/runs/:id/evidence",
    nav: null,
    component: lazyPage(
      () => import("./run-parts/evidence-page.tsx").then((page) => page.EvidencePage),
      ["run", "runParts"],
    ),
  },
  {
    pattern: "/ui/system",
    nav: (t) => t.frame.nav.system,
    component: lazyPage(() => import("./system-page.tsx").then((page) => page.SystemPage), ["system"]),
  },
];
