// /ui/queue/add adds windows to the queue, and shows the outcome of each window.
import { useState } from "preact/hooks";
import type { QueueWindowsAnswer } from "../../../contract/api/api-types.ts";
import { ask } from "../../api/client.ts";
import type { Problem } from "../../api/problem.ts";
import { queuePaths } from "../../api/queue-paths.ts";
import { Actions } from "../../parts/actions.tsx";
import { Field } from "../../parts/field.tsx";
import { lazyPage } from "../../parts/lazy-page.tsx";
import { queueAddress } from "../../parts/links.tsx";
import { Refusal } from "../../parts/notice.tsx";
import { Page } from "../../parts/page.tsx";
import { place, setQuery } from "../../state/location.ts";
import { announceChange } from "../../state/poller.ts";
import { namedReceiver } from "../../state/receiver-names.ts";
import { hasSeveralReceivers } from "../../state/receivers.ts";
import { isOperator, noteProblem } from "../../state/session.ts";
import { zone } from "../../state/settings.ts";
import { count } from "../../text/numbers.ts";
import { texts } from "../../text/texts.ts";
import { MoreOptions, WhatFields } from "./add-fields.tsx";
import { emptyForm, requestOf, sentForm, type AddForm } from "./add-request.ts";
import { QueueOutcomes } from "../../parts/queue-outcomes.tsx";
import { readWindowLines } from "./read-window-lines.ts";

/** Most deployments have one receiver, and do not load this script. */
const ReceiverField = lazyPage(
  () => import("../several-receivers.ts").then((part) => part.ReceiverField),
  ["receivers"],
);

export function AddWindowsPage() {
  const t = texts.value.queue;
  const [typed, setForm] = useState<AddForm>(() => emptyForm(place.value.query));
  const [problem, setProblem] = useState<Problem | null>(null);
  const [answer, setAnswer] = useState<QueueWindowsAnswer | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [wasSubmitted, setSubmitted] = useState(false);
  const form = sentForm(typed);
  const change = (part: Partial<AddForm>) => setForm((before) => ({ ...before, ...part }));
  const read = readWindowLines(form.lines, zone.value);
  const linesError =
    read.wrong[0] !== undefined
      ? t.lineWrong(count(read.wrong[0]))
      : read.windows.length === 0
        ? t.noLine
        : null;
  const submit = async () => {
    setSubmitted(true);
    if (isBusy || !isOperator.value || (form.what === "windows" && linesError !== null)) return;
    setBusy(true);
    const body = requestOf(form, read.windows);
    const asked = await ask(queuePaths.add, { method: "POST", body, once: true });
    setBusy(false);
    noteProblem(asked.ok ? null : asked.problem);
    setProblem(asked.ok ? null : asked.problem);
    if (!asked.ok) return;
    setAnswer(asked.data);
    announceChange();
  };
  if (answer) {
    return (
      <Page title={t.answer}>
        <QueueOutcomes answer={answer} />
        <Actions>
          <a class="button primary" href={queueAddress(answer.receiver)}>
            {t.back}
          </a>
          <button
            type="button"
            onClick={() => (
              setAnswer(null),
              setForm({ ...emptyForm(""), receiver: form.receiver }),
              setSubmitted(false)
            )}
          >
            {t.add}
          </button>
        </Actions>
      </Page>
    );
  }
  return (
    <Page title={t.add}>
      <form
        class="form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        {(hasSeveralReceivers.value || form.receiver !== null) && (
          <ReceiverField
            value={form.receiver}
            pointer="#/options/receiver"
            problem={problem}
            hasHoles
            onChange={(name) => {
              const receiver = namedReceiver(name);
              change({ receiver });
              setQuery({ receiver });
            }}
          />
        )}
        <WhatFields
          form={form}
          change={change}
          problem={problem}
          linesError={wasSubmitted || read.wrong.length > 0 ? linesError : null}
          windows={read.windows}
        />
        <Field label={t.reason} pointer="#/reason" problem={problem}>
          {(control) => (
            <textarea
              {...control}
              rows={2}
              maxLength={1_000}
              value={form.reason}
              onInput={(event) => change({ reason: event.currentTarget.value })}
            />
          )}
        </Field>
        <MoreOptions form={form} change={change} problem={problem} />
        <Refusal problem={problem} isAlert />
        <dl class="effects">
          <dt>{texts.value.parts.now}</dt>
          <dd>{t.addNow}</dd>
          <dt>{texts.value.parts.later}</dt>
          <dd>{t.addLater}</dd>
        </dl>
        <Actions>
          <button
            type="submit"
            class="primary"
            disabled={!isOperator.value}
            aria-disabled={isBusy}
            aria-describedby={isOperator.value ? undefined : "add-why"}
          >
            {isBusy ? texts.value.parts.working : t.submit}
          </button>
          <a class="button" href={queueAddress(form.receiver)}>
            {texts.value.parts.cancel}
          </a>
          {!isOperator.value && (
            <span class="quiet" id="add-why">
              {texts.value.parts.viewerOnly}
            </span>
          )}
        </Actions>
      </form>
    </Page>
  );
}
