// A button that copies a text and then shows that it did.
import { useState } from "preact/hooks";
import { texts } from "../text/texts.ts";

export function Copy({ text, label }: { text: string; label?: string }) {
  const [state, setState] = useState<"idle" | "copied" | "failed">("idle");
  const { copy, copied, copyFailed } = texts.value.parts;
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
    <button type="button" class="small" onClick={() => void onClick()} onBlur={() => setState("idle")}>
      <span aria-live="polite">{{ idle: label ?? copy, copied, failed: copyFailed }[state]}</span>
    </button>
  );
}
