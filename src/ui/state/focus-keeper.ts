// Moves the focus when the element that has it disappears, such as a button that no longer applies. Otherwise the
// next Tab would start at the top of the page.

/** Watches all elements below `root`. A lost focus moves to the heading of the page. */
export function keepFocus(root: HTMLElement): void {
  let last: Element | null = null;
  document.addEventListener("focusin", ({ target }) => {
    last = target instanceof Element ? target : null;
  });
  // A click outside of all controls removes the focus on purpose. After such a click the focus must not move.
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
