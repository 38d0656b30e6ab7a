// The decisions that a person can make about one batch. The API refuses a decision that does not fit the state of the
// batch.
import { paths } from "../../api/paths.ts";
import { Verb } from "../../parts/verb.tsx";
import { texts } from "../../text/texts.ts";

export function BatchVerbs({ run, batch }: { run: string; batch: number }) {
  const t = texts.value.rowVerbs;
  const resolve = paths.batchVerb(run, batch, "resolve");
  const about = t.aboutBatch(String(batch));
  return (
    <span class="row-verbs">
      <Verb
        label={t.delivered}
        title={`${about}: ${t.delivered}`}
        now={t.deliveredNow}
        later={t.byHand}
        path={resolve}
        body={{ outcome: "delivered" }}
        note="needed"
      />
      <Verb
        label={t.resend}
        title={`${about}: ${t.resend}`}
        now={t.resendNow}
        later={t.resendLater}
        path={resolve}
        body={{ outcome: "resend" }}
      />
      <Verb
        label={t.discard}
        title={`${about}: ${t.discard}`}
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
