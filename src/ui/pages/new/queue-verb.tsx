// Adds windows to the queue with the options of the form, and shows the outcome of each window.
import { useState } from "preact/hooks";
import type { QueueWindowsAnswer } from "../../../contract/api/api-types.ts";
import { planPaths } from "../../api/plan-paths.ts";
import { Field } from "../../parts/field.tsx";
import { lazyPage } from "../../parts/lazy-page.tsx";
import { Verb } from "../../parts/verb.tsx";
import { count } from "../../text/numbers.ts";
import { texts } from "../../text/texts.ts";
import { queueOptionsOf, type RunBody } from "./run-form.ts";

/** A script of its own with its own texts, because few visits queue windows here. */
const QueueAnswer = lazyPage(() => import("./queue-answer.tsx").then((part) => part.QueueAnswer), ["queue"]);

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
      {answer && <QueueAnswer answer={answer} />}
    </>
  );
}
