// A list with the details of one of its rows. On a wide screen the details stand at its right. The address names the row.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { place, setQuery } from "../state/location.ts";
import { changedQuery } from "../state/query.ts";
import { texts } from "../text/texts.ts";

/** The address of this page with the details of a row. */
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
  /** The parameter of the address that names the row. */
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
    // The row's link, or the heading when the row is not shown.
    const link = document.querySelector<HTMLElement>(`tbody a[data-row="${Number(value)}"]`);
    (link ?? document.querySelector<HTMLElement>("h1"))?.focus();
  };
  // Escape closes the details wherever the focus is: a verb that goes with its state may leave it outside of them.
  useEffect(() => {
    const onKeyDown = ({ key }: KeyboardEvent) => {
      // In a dialog, Escape closes the dialog alone.
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

/** A name and its value. */
export function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
