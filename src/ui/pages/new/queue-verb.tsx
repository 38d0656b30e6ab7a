// Adds windows to the queue with the options of the form, and shows the outcome of each window.
import { useState } from "preact/hooks";
import type { QueueWindowsAnswer, WindowOutcome } from "../../../contract/api/api-types.ts";
import { planPaths } from "../../api/plan-paths.ts";
import { Field } from "../../parts/field.tsx";
import { Window } from "../../parts/instant.tsx";
import { Notice } from "../../parts/notice.tsx";
import { Verb } from "../../parts/verb.tsx";
import { count } from "../../text/numbers.ts";
import { texts } from "../../text/texts.ts";
import { queueOptionsOf, type RunBody } from "./run-form.ts";

export interface QueuedWindow {
  start: string;
  end: string;
  end_exclusive: boolean;
}

export function QueueVerb(props: { windows: readonly QueuedWindow[]; body: RunBody; isPrimary: boolean }) {
  const t = texts.value.newRun;
  const { windows, body } = props;
  const note = body["note"];
  const [reason, setReason] = useState(typeof note === "string" ? note : "");
  const [answer, setAnswer] = useState<QueueWindowsAnswer | null>(null);
  return (
    <>
      <Verb
        label={windows.length === 1 ? t.queue : t.queueAll(count(windows.length))}
        now={t.queueNow}
        later={t.queueLater}
        path={planPaths.queue}
        body={{ windows, reason, options: queueOptionsOf(body) }}
        note="none"
        once
        isPrimary={props.isPrimary}
        onDone={setAnswer}
      >
        {(problem) => (
          <Field label={t.reason} pointer="#/reason" problem={problem}>
            {(control) => (
              <textarea
                {...control}
                rows={2}
                maxLength={1_000}
                value={reason}
                onInput={(event) => setReason(event.currentTarget.value)}
              />
            )}
          </Field>
        )}
      </Verb>
      {answer && <Outcomes outcomes={answer.outcomes} />}
    </>
  );
}

function Outcomes({ outcomes }: { outcomes: readonly WindowOutcome[] }) {
  const t = texts.value.newRun;
  return (
    <Notice tone="plain" isAlert title={t.queueAnswer}>
      <ul>
        {outcomes.map((outcome) => (
          <li key={outcome.index}>
            {outcome.outcome === "dropped" ? (
              <span class="tone-red">
                {t.outcomes.dropped} <code>{outcome.reason}</code> <span lang="en">{outcome.detail}</span>
              </span>
            ) : (
              <>
                {t.outcomes[outcome.outcome]} <Window start={outcome.start} end={outcome.end} />
              </>
            )}
          </li>
        ))}
      </ul>
      <a href="/ui/queue">{texts.value.frame.nav.queue}</a>
    </Notice>
  );
}
