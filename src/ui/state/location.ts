// The address of the page as signals. Filters are in its query, so everyone who opens the address sees the same.
import { signal } from "@preact/signals";
import { changedQuery } from "./query.ts";

export interface Place {
  path: string;
  /** The query without "?". */
  query: string;
}

function present(): Place {
  return { path: location.pathname, query: location.search.slice(1) };
}

export const place = signal<Place>(present());
/** The number of page changes. A change of the page moves the focus to the heading. A change of a filter does not. */
export const arrivals = signal(0);

export function navigate(to: string, { replace = false } = {}): void {
  const before = place.value;
  history[replace ? "replaceState" : "pushState"](null, "", to);
  place.value = present();
  if (before.path === place.value.path) return;
  arrivals.value++;
  window.scrollTo(0, 0);
}

/** Sets parameters of the query, or removes them (null). Adds no entry to the browser's history. */
export function setQuery(changes: Readonly<Record<string, string | null>>): void {
  navigate(`${place.value.path}${changedQuery(place.value.query, changes)}`, { replace: true });
}

/** Opens links inside of /ui/ without a reload. Clicks with a modifier key are left to the browser. */
export function followLinks(): void {
  window.addEventListener("popstate", () => {
    const before = place.value;
    place.value = present();
    if (before.path !== place.value.path) arrivals.value++;
  });
  document.addEventListener("click", (event) => {
    const isPlain =
      event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (!link || !isPlain || event.defaultPrevented || link.target !== "" || link.hasAttribute("download"))
      return;
    const url = new URL(link.href);
    const isAnchor = url.hash !== "" && url.pathname === location.pathname;
    if (url.origin !== location.origin || !url.pathname.startsWith("/ui/") || isAnchor) return;
    // An address with a file extension, such as the command line's, is a file and not a page.
    if (/\.[a-z]+$/.test(url.pathname)) return;
    event.preventDefault();
    navigate(url.pathname + url.search);
  });
}
