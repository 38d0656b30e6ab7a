// The buttons of a page. On a narrow screen they stay at the bottom, where a thumb reaches them.
import type { ComponentChildren } from "preact";

export function Actions({ children }: { children: ComponentChildren }) {
  return <div class="actions">{children}</div>;
}
