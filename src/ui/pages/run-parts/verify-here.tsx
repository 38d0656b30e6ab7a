// Gets the evidence and verifies it in the browser, from the API or from a file. The archive's hash chain must end in the
// head that the run's status shows, because an archive cannot prove anything about itself.
import { useState } from "preact/hooks";
import type { RunStatusAnswer } from "../../../contract/api/api-types.ts";
import { askBlob } from "../../api/client.ts";
import { paths } from "../../api/paths.ts";
import { localProblem, type Problem } from "../../api/problem.ts";
import type { Progress, Verdict } from "../../verify/verify-archive.ts";
import { Download } from "../../parts/download.tsx";
import { Notice, Refusal } from "../../parts/notice.tsx";
import { saveAs } from "../../parts/save-as.ts";
import { noteProblem } from "../../state/session.ts";
import { bytes, count } from "../../text/numbers.ts";
import { texts } from "../../text/texts.ts";
import { archiveName } from "./hand-over.ts";

type State =
  | { step: "idle" }
  | { step: "loading" }
  | { step: "checking"; progress: Progress | null }
  | { step: "refused"; problem: Problem }
  | { step: "over"; verdict: Verdict; head: string | null };

export function VerifyHere({ run }: { run: RunStatusAnswer }) {
  const t = texts.value.evidence;
  const { complete, head } = run.report;
  const [state, setState] = useState<State>({ step: "idle" });
  const [saved, setSaved] = useState<number | null>(null);
  const isBusy = state.step === "loading" || state.step === "checking";
  const verify = async (archive: Blob) => {
    setState({ step: "checking", progress: null });
    // Most visits verify nothing, so a visit does not load the verifier.
    const verifier = await import("../../verify/verify-archive.ts").catch(String);
    if (typeof verifier === "string")
      return setState({ step: "refused", problem: localProblem("not_reached", verifier) });
    const verdict = await verifier.verifyArchive(archive, head, (progress) =>
      setState({ step: "checking", progress }),
    );
    setState({ step: "over", verdict, head });
  };
  const load = async (isSaved: boolean) => {
    setState({ step: "loading" });
    setSaved(null);
    const answer = await askBlob(paths.evidence(run.id));
    noteProblem(answer.ok ? null : answer.problem);
    if (!answer.ok) return setState({ step: "refused", problem: answer.problem });
    if (isSaved) {
      saveAs(answer.data, archiveName(run.id));
      setSaved(answer.data.size);
    }
    await verify(answer.data);
  };
  const isOff = !complete || isBusy;
  // Browsers offer WebCrypto only with TLS and on localhost.
  if (!("subtle" in crypto)) {
    return (
      <>
        <p class="quiet">{t.noCrypto}</p>
        {complete && <Download path={paths.evidence(run.id)} name={archiveName(run.id)} label={t.download} />}
      </>
    );
  }
  return (
    <section aria-labelledby="evidence-verify">
      <h2 id="evidence-verify">{t.verify}</h2>
      <p class="quiet">{t.verifyHint}</p>
      <div class="filters">
        <button type="button" class="primary" disabled={isOff} onClick={() => void load(true)}>
          {t.downloadAndVerify}
        </button>
        <button type="button" disabled={isOff} onClick={() => void load(false)}>
          {t.verifyButton}
        </button>
        <label class="button">
          {t.fromDisk}
          <input
            class="unseen"
            type="file"
            accept=".zip"
            disabled={isBusy || head === null}
            onChange={({ currentTarget }) => {
              const [file] = currentTarget.files ?? [];
              if (file) void verify(file);
            }}
          />
        </label>
        {!complete && <span class="quiet">{t.notComplete}</span>}
      </div>
      <div aria-live="polite">
        {saved !== null && <p>{texts.value.parts.saved(archiveName(run.id), bytes(saved))}</p>}
        {state.step === "loading" && <p>{t.loading}</p>}
        {state.step === "checking" && (
          <p class="run-progress">
            <progress
              max={state.progress?.of ?? 1}
              value={state.progress?.parts ?? 0}
              aria-label={t.verifyButton}
            />{" "}
            {t.checking(count(state.progress?.parts ?? 0), count(state.progress?.of))}
          </p>
        )}
        {state.step === "refused" && <Refusal problem={state.problem} />}
        {state.step === "over" && <Outcome verdict={state.verdict} head={state.head} newest={head} />}
      </div>
    </section>
  );
}

function Outcome({
  verdict,
  head,
  newest,
}: {
  verdict: Verdict;
  head: string | null;
  newest: string | null;
}) {
  const t = texts.value.evidence;
  const { files, batches, events, lines } = verdict.counts;
  if (!verdict.isVerified) {
    return (
      <Notice tone="red" title={t.differs}>
        <p>{t.differsHint}</p>
        <ul lang="en">
          {verdict.faults.map((fault) => (
            <li key={fault}>
              <code>{fault}</code>
            </li>
          ))}
        </ul>
      </Notice>
    );
  }
  return (
    <>
      {newest !== head && (
        <Notice tone="amber" title={t.newer}>
          <p>{t.newerHint}</p>
        </Notice>
      )}
      <Notice tone="green" title={t.verified}>
        <p>{t.verifiedCounts(count(files), count(batches), count(events), count(lines))}</p>
        <p>
          {t.head} <code class="digest">{verdict.head}</code>
        </p>
      </Notice>
    </>
  );
}
