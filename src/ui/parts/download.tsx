// A button that downloads an answer of the API. A plain link cannot be used, because it would send no token.
import { useState } from "preact/hooks";
import { askBlob } from "../api/client.ts";
import type { Path } from "../api/paths.ts";
import type { Problem } from "../api/problem.ts";
import { noteProblem } from "../state/session.ts";
import { bytes } from "../text/numbers.ts";
import { texts } from "../text/texts.ts";
import { Refusal } from "./notice.tsx";
import { saveAs } from "./save-as.ts";

export function Download({ path, name, label }: { path: Path<Blob>; name: string; label: string }) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  /** The number of bytes that were saved. Null: nothing was saved yet. */
  const [saved, setSaved] = useState<number | null>(null);
  const load = async () => {
    setBusy(true);
    const answer = await askBlob(path);
    setBusy(false);
    noteProblem(answer.ok ? null : answer.problem);
    setProblem(answer.ok ? null : answer.problem);
    if (!answer.ok) return;
    saveAs(answer.data, name);
    setSaved(answer.data.size);
  };
  return (
    <>
      <button type="button" aria-disabled={isBusy} onClick={() => void (isBusy || load())}>
        {isBusy ? texts.value.parts.working : label}
      </button>
      {saved !== null && <output>{texts.value.parts.saved(name, bytes(saved))}</output>}
      <Refusal problem={problem} isAlert />
    </>
  );
}
