// A list with the details of one of its rows. On a wide screen the details are to the right of the list. The
// address contains the number of the row.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { place, setQuery } from "../state/location.ts";
import { changedQuery } from "../state/query.ts";
import { texts } from "../text/texts.ts";

/** The address of this page with the details of one row open. */
export function detailHref(parameter: string, value: number): string {
  return `${place.value.path}${changedQuery(place.value.query, { [parameter]: String(value) })}`;
}

export function WithDetail({ detail, children }: { detail: ComponentChildren; children: ComponentChildren }) {
  return (
    <div class={detail ? "with-detail" : undefined}>
      {detail}
      <div class="detail-list">{children}</div>
    </div>
  );
}

export function Detail(props: {
  /** The parameter of the address that contains the number of the row. */
  parameter: string;
  title: string;
  children: ComponentChildren;
}) {
  const t = texts.value.parts;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), [props.title]);
  const close = () => {
    const value = new URLSearchParams(place.value.query).get(props.parameter);
    setQuery({ [props.parameter]: null });
    // The focus returns to the row's link, or to the heading if the row is not shown.
    const link = document.querySelector<HTMLElement>(`tbody a[data-row="${Number(value)}"]`);
    (link ?? document.querySelector<HTMLElement>("h1"))?.focus();
  };
  // Escape closes the details wherever the focus is. A button in the details may have disappeared, and then the focus
  // is outside of them.
  useEffect(() => {
    const onKeyDown = ({ key }: KeyboardEvent) => {
      // If a dialog is open, Escape closes only the dialog.
      if (key === "Escape" && document.querySelector("dialog[open]") === null) close();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  });
  return (
    <section class="detail" aria-labelledby="detail">
      <header class="detail-head">
        <h2 id="detail" tabIndex={-1} ref={heading}>
          {props.title}
        </h2>
        <button type="button" class="small" onClick={close}>
          {t.close}
        </button>
      </header>
      {props.children}
    </section>
  );
}

/** Shows the name of a fact and its value. */
export function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
