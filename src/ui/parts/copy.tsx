// A button that copies a text and then shows that it did. If the browser refuses, the text is shown selected in a box.
import { useId, useState } from "preact/hooks";
import { texts } from "../text/texts.ts";

/** The most rows of the text's box. The box of a longer text scrolls. */
const MOST_ROWS = 8;

export function Copy({ text, label }: { text: string; label?: string }) {
  const [state, setState] = useState<"idle" | "copied" | "failed">("idle");
  const { copy, copied } = texts.value.parts;
  const onClick = async () => {
    try {
      // Browsers offer the clipboard only with TLS and on localhost.
      await navigator.clipboard.writeText(text);
      setState("copied");
    } catch {
      setState("failed");
    }
  };
  return (
    <>
      <button
        type="button"
        class="small"
        onClick={() => void onClick()}
        onBlur={() => state === "copied" && setState("idle")}
      >
        <span aria-live="polite">{state === "copied" ? copied : (label ?? copy)}</span>
      </button>
      {state === "failed" && <TextToCopy text={text} />}
    </>
  );
}

function TextToCopy({ text }: { text: string }) {
  const id = useId();
  return (
    <span class="to-copy">
      <label htmlFor={id}>{texts.value.parts.copyFailed}</label>
      <textarea
        id={id}
        readOnly
        rows={Math.min(MOST_ROWS, text.split("\n").length)}
        value={text}
        ref={selectOnce}
        onFocus={({ currentTarget }) => currentTarget.select()}
      />
    </span>
  );
}

/** Moves the focus to the box when the box appears. The focus selects the text, so that the person can press Ctrl+C
 * at once. */
function selectOnce(box: HTMLTextAreaElement | null): void {
  box?.focus();
}
