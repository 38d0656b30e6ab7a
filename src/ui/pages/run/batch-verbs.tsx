// The decisions that a person can make about one batch. The API refuses a decision that does not fit the state of the
// batch.
import { paths } from "../../api/paths.ts";
import { Verb } from "../../parts/verb.tsx";
import { waitsFor } from "../../state/batch-waits.ts";
import { takesDecisions } from "../../state/run-stage.ts";
import { named } from "../../text/punctuation.ts";
import { texts } from "../../text/texts.ts";
import { dateOf, type RunOfRow } from "./window-date.ts";

export function BatchVerbs(props: {
  run: RunOfRow;
  batch: number;
  file: number | null;
  state: string;
  reason: string | null;
  /** POSTs of the batch so far. */
  attempts: number;
}) {
  const t = texts.value.rowVerbs;
  const { run, batch } = props;
  if (!takesDecisions(run)) return <span class="quiet">{run.dry_run ? t.ofDryRun : t.runEnded}</span>;
  const waits = waitsFor(props);
  if (waits === "size") return <span class="quiet">{t.waitsForSize}</span>;
  if (waits === "file" && props.file !== null)
    return (
      <a href={`/ui/runs/${encodeURIComponent(run.id)}/files?file=${props.file}`}>
        {t.decideFile(String(props.file))}
      </a>
    );
  const wasSent = props.attempts > 0;
  const resolve = paths.batchVerb(run.id, batch, "resolve");
  const about = t.aboutBatch(String(batch));
  // Only a set-aside batch can be sent again ("retry"). A batch that waits for its next attempt can only be
  // resolved.
  const isSetAside = waits !== null;
  return (
    <span class="row-verbs">
      <Verb
        label={`${t.delivered}…`}
        title={named(about, t.delivered)}
        now={t.deliveredNow}
        later={t.byHand}
        path={resolve}
        body={{ outcome: "delivered" }}
        note="needed"
      />
      <Verb
        label={`${wasSent ? t.resend : t.send}…`}
        title={named(about, wasSent ? t.resend : t.send)}
        now={wasSent ? t.resendNow : t.sendNow}
        {...(wasSent && { later: t.resendLater })}
        path={isSetAside ? paths.batchVerb(run.id, batch, "retry") : resolve}
        body={isSetAside ? {} : { outcome: "resend" }}
        replayDate={dateOf(run)}
      />
      <Verb
        label={`${t.discard}…`}
        title={named(about, t.discard)}
        now={t.discardNow}
        later={t.byHand}
        path={resolve}
        body={{ outcome: "discard" }}
        note="needed"
        isDanger
      />
    </span>
  );
}
