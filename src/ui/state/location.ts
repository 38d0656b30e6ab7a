// The address of the page as signals. Filters are in the query, so an address shows the same to everyone.
import { signal } from "@preact/signals";
import { changedQuery } from "./query.ts";

export interface Place {
  path: string;
  /** Without "?". */
  query: string;
}

function present(): Place {
  return { path: location.pathname, query: location.search.slice(1) };
}

export const place = signal<Place>(present());
/** Counts changes of the page. A change moves the focus to the heading; a changed filter does not. */
export const arrivals = signal(0);

export function navigate(to: string, { replace = false } = {}): void {
  const before = place.value;
  history[replace ? "replaceState" : "pushState"](null, "", to);
  place.value = present();
  if (before.path === place.value.path) return;
  arrivals.value++;
  window.scrollTo(0, 0);
}

/** Sets or removes (null) parameters of the query. The history gets no entry. */
export function setQuery(changes: Readonly<Record<string, string | null>>): void {
  navigate(`${place.value.path}${changedQuery(place.value.query, changes)}`, { replace: true });
}

/** Links inside the page need no reload. A click with a modifier key stays the browser's. */
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
    // A file below /ui/, such as the command line, is no page.
    if (/\.[a-z]+$/.test(url.pathname)) return;
    event.preventDefault();
    navigate(url.pathname + url.search);
  });
}
