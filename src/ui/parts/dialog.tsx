// A modal dialog on the browser's own <dialog>. Mount it to open it. The focus returns to where it was.
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
      // While the dialog is open, nothing outside it can take the focus.
      shown?.close();
      const isThere = opener instanceof HTMLElement && opener.isConnected && !opener.hasAttribute("disabled");
      // The opener may have gone with the state that it changed.
      const target = isThere ? opener : document.querySelector<HTMLElement>("h1");
      target?.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={titleId}
      // Escape. Preact takes the dialog away.
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
