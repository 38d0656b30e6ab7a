// Keeps the focus near its place when the element that has it goes: a verb that is no longer possible, a cleared filter.
// Without this the next Tab would start at the top of the document.

/** Watches everything below `root`. The focus moves to the heading of the page. */
export function keepFocus(root: HTMLElement): void {
  let last: Element | null = null;
  document.addEventListener("focusin", ({ target }) => {
    last = target instanceof Element ? target : null;
  });
  // A click on no control takes the focus away on purpose.
  document.addEventListener("pointerdown", () => {
    last = null;
  });
  const observer = new MutationObserver(() => {
    if (last === null || last.isConnected || document.activeElement !== document.body) return;
    last = null;
    document.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
  });
  observer.observe(root, { childList: true, subtree: true });
}
