// A modal dialog, made with the browser's <dialog>. It opens when it is rendered. When it closes, the focus returns
// to where it was.
import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";

export function Dialog(props: { title: string; onClose: () => void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useLayoutEffect(() => {
    const opener = document.activeElement;
    const shown = dialog.current;
    shown?.showModal();
    return () => {
      // Closes the dialog first, because while it is open no element outside of it can get the focus.
      shown?.close();
      const isThere = opener instanceof HTMLElement && opener.isConnected && !opener.hasAttribute("disabled");
      // The button that opened the dialog may have disappeared. Then the heading gets the focus.
      const target = isThere ? opener : document.querySelector<HTMLElement>("h1");
      target?.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={titleId}
      // The person pressed Escape. Preact then removes the dialog.
      onCancel={(event) => {
        event.preventDefault();
        props.onClose();
      }}
    >
      <h2 id={titleId}>{props.title}</h2>
      {props.children}
    </dialog>
  );
}
