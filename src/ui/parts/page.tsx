// The frame of one page: heading, title of the tab. Moves the focus to the heading when the page is entered, so
// that a screen reader says where it is.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { arrivals } from "../state/location.ts";
import { showPageInTab } from "../state/tab-title.ts";

export function Page(props: {
  /** The heading, and the first part of the tab's title. */
  title: string;
  /** Stands next to the heading. */
  aside?: ComponentChildren;
  children: ComponentChildren;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  const arrival = arrivals.value;
  useEffect(() => {
    // The first page of a visit leaves the focus where the browser put it.
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
