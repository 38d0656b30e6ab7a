// The decisions that a person can make about one file.
import { paths } from "../../api/paths.ts";
import { Verb } from "../../parts/verb.tsx";
import { texts } from "../../text/texts.ts";

export function FileVerbs({ run, file, state }: { run: string; file: number; state: string }) {
  const t = texts.value.rowVerbs;
  const accept = paths.fileVerb(run, file, "accept");
  const about = t.aboutFile(String(file));
  return (
    <span class="row-verbs">
      <Verb
        label={t.retryFile}
        title={`${about}: ${t.retryFile}`}
        now={t.retryFileNow}
        later={t.retryFileLater}
        path={paths.fileVerb(run, file, "retry")}
      />
      {state === "suspicious" && (
        <Verb
          label={t.acceptSend}
          title={`${about}: ${t.acceptSend}`}
          now={t.acceptSendNow}
          later={t.byHand}
          path={accept}
          body={{ send: true }}
          note="needed"
        />
      )}
      <Verb
        label={t.acceptFile}
        title={`${about}: ${t.acceptFile}`}
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
