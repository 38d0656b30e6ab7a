// Shows why a file or a batch is in its state, in the words of the dictionary. The API's own text is the title.
import { rowReason } from "../text/row-reason.ts";

export function RowReason({ state, reason }: { state: string; reason: string | null }) {
  if (reason === null) return null;
  const words = rowReason(state, reason);
  return (
    <span class="clip wide" title={reason} lang={words === null ? "en" : undefined}>
      {words ?? reason}
    </span>
  );
}

/** Shows the reason of a file or batch in the details of its row. The API's own text follows in a quiet line,
 * because support and documents use its codes. */
export function ReasonText({ state, reason }: { state: string; reason: string }) {
  const words = rowReason(state, reason);
  return (
    <>
      {words !== null && <p>{words}</p>}
      <p lang="en" class={words === null ? undefined : "quiet"}>
        {reason}
      </p>
    </>
  );
}
