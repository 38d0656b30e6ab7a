// Shows why a file or a batch is in its state, in the words of the dictionary. The API's own text is the title.
import { rowReason } from "../text/run-detail.ts";

export function RowReason({ state, reason }: { state: string; reason: string | null }) {
  if (reason === null) return null;
  const words = rowReason(state, reason);
  return (
    <span class="clip wide" title={reason} lang={words === null ? "en" : undefined}>
      {words ?? reason}
    </span>
  );
}
