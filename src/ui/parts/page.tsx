// The frame of one page: its heading and the title of the tab. When a person opens the page, the heading gets the
// focus, so that a screen reader reads it.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { arrivals } from "../state/location.ts";
import { showPageInTab } from "../state/tab-title.ts";

export function Page(props: {
  /** The heading. It is also the first part of the tab's title. */
  title: string;
  /** Content next to the heading. */
  aside?: ComponentChildren;
  children: ComponentChildren;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  const arrival = arrivals.value;
  useEffect(() => {
    // For the first page of a visit, the focus stays where the browser put it.
    if (arrival > 0) heading.current?.focus({ preventScroll: true });
  }, [arrival]);
  useEffect(() => showPageInTab(props.title), [props.title]);
  return (
    <>
      <header class="page-head">
        <h1 tabIndex={-1} ref={heading}>
          {props.title}
        </h1>
        {props.aside}
      </header>
      {props.children}
    </>
  );
}
