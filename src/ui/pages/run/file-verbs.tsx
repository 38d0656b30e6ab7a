// The decisions that a person can make about one file.
import { useState } from "preact/hooks";
import { paths } from "../../api/paths.ts";
import { Verb } from "../../parts/verb.tsx";
import { useFeed } from "../../state/feed.ts";
import { takesDecisions } from "../../state/run-stage.ts";
import { named } from "../../text/punctuation.ts";
import { texts } from "../../text/texts.ts";
import { sendWords } from "./send-words.ts";
import { dateOf, type RunOfRow } from "./window-date.ts";

interface FileProps {
  run: RunOfRow;
  file: number;
}

export function FileVerbs({ run, file, state }: FileProps & { state: string }) {
  const t = texts.value.rowVerbs;
  if (!takesDecisions(run)) return <span class="quiet">{run.dry_run ? t.ofDryRun : t.runEnded}</span>;
  const accept = paths.fileVerb(run.id, file, "accept");
  const about = t.aboutFile(String(file));
  return (
    <span class="row-verbs">
      <RetryFile run={run} file={file} />
      {state === "suspicious" && (
        <Verb
          label={t.acceptSend}
          title={named(about, t.acceptSend)}
          now={<LinesToSend run={run} file={file} />}
          later={t.byHand}
          path={accept}
          body={{ send: true }}
          replayDate={dateOf(run)}
          note="needed"
        />
      )}
      <Verb
        label={t.acceptFile}
        title={named(about, t.acceptFile)}
        now={t.acceptFileNow}
        later={t.byHand}
        path={accept}
        {...(state === "suspicious" && { body: { send: false } })}
        note="needed"
        isDanger
      />
    </span>
  );
}

/** How many lines of the file are sent. The list of problems does not contain the number, so the dialog asks for it. */
function LinesToSend({ run, file }: FileProps) {
  const feed = useFeed(paths.files(run.id, { from: file, limit: 1 }));
  const item = feed?.data.value?.items[0];
  return <>{sendWords(item?.file === file ? item.lines : null)}</>;
}

/** The run fails the file again when the R2 object lacks batches that were sent. The checkbox allows the run to
 * send such lines again. */
function RetryFile({ run, file }: FileProps) {
  const t = texts.value.rowVerbs;
  const [allows, setAllows] = useState(false);
  return (
    <Verb
      label={t.retryFile}
      title={named(t.aboutFile(String(file)), t.retryFile)}
      now={t.retryFileNow}
      later={allows ? t.allowDuplicatesLater : t.retryFileLater}
      path={paths.fileVerb(run.id, file, "retry")}
      body={allows ? { allow_duplicates: true } : {}}
      {...(allows && { typeDate: dateOf(run) })}
      replayDate={dateOf(run)}
      onDone={() => setAllows(false)}
    >
      <label class="check">
        <input
          type="checkbox"
          checked={allows}
          onChange={(event) => setAllows(event.currentTarget.checked)}
        />{" "}
        {t.allowDuplicates} <code>allow_duplicates</code>
      </label>
    </Verb>
  );
}
