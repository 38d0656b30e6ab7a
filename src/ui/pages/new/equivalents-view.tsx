// Shows the same request as a command for a terminal, with a button that copies it.
import { Copy } from "../../parts/copy.tsx";
import { texts } from "../../text/texts.ts";
import { commandOf, curlOf } from "./equivalents.ts";
import type { RunBody } from "./run-form.ts";

export function Equivalents({ body }: { body: RunBody }) {
  const t = texts.value.newRun;
  return (
    <details>
      <summary>{t.equivalents}</summary>
      <Command name={t.cli} text={commandOf(body)} />
      <Command name="curl" text={curlOf(location.origin, body)} />
    </details>
  );
}

function Command({ name, text }: { name: string; text: string }) {
  return (
    <figure>
      <figcaption>
        {name} <Copy text={text} />
      </figcaption>
      <pre>
        <code>{text}</code>
      </pre>
    </figure>
  );
}
