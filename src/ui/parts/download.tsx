// A button that downloads an answer of the API. A plain link cannot be used, because it would send no token.
import { useState } from "preact/hooks";
import { askBlob } from "../api/client.ts";
import type { Path } from "../api/paths.ts";
import type { Problem } from "../api/problem.ts";
import { noteProblem } from "../state/session.ts";
import { texts } from "../text/texts.ts";
import { Refusal } from "./notice.tsx";

export function Download({ path, name, label }: { path: Path<Blob>; name: string; label: string }) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const load = async () => {
    setBusy(true);
    const answer = await askBlob(path);
    setBusy(false);
    noteProblem(answer.ok ? null : answer.problem);
    setProblem(answer.ok ? null : answer.problem);
    if (answer.ok) saveAs(answer.data, name);
  };
  return (
    <>
      <button type="button" aria-disabled={isBusy} onClick={() => void (isBusy || load())}>
        {isBusy ? texts.value.parts.working : label}
      </button>
      <Refusal problem={problem} isAlert />
    </>
  );
}

function saveAs(data: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(data);
  link.download = name;
  link.click();
  // By then the browser has copied the data.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
