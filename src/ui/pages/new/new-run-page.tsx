// /ui/new plans a replay and then starts it. The address contains the form, so that a reload or another person sees
// the same form.
import { useEffect, useRef, useState } from "preact/hooks";
import { lazyPage } from "../../parts/lazy-page.tsx";
import { Page } from "../../parts/page.tsx";
import { navigate, place } from "../../state/location.ts";
import { changedQuery } from "../../state/query.ts";
import { now } from "../../state/poller.ts";
import { namedReceiver } from "../../state/receiver-names.ts";
import { hasSeveralReceivers } from "../../state/receivers.ts";
import { isOperator } from "../../state/session.ts";
import { texts } from "../../text/texts.ts";
import { deliveredFiles } from "./delivered-files.ts";
import { OptionFields } from "./option-fields.tsx";
import { sharedParts } from "./overlap-consent.tsx";
import { PlanRefused } from "./plan-refused.tsx";
import { PlanView, warningsOf } from "./plan-view.tsx";
import { bodyOf, formOf, queryOf, sentForm, settingsOf, type RunForm } from "./run-form.ts";
import { isUnanswered, StartPanel } from "./start-panel.tsx";
import { STALE_MS, usePlan } from "./use-plan.ts";
import { WindowFields } from "./window-fields.tsx";

/** A script of its own, because most runs do not start from a plan. */
const CountedPlan = lazyPage(() => import("./counted-plan.tsx").then((part) => part.CountedPlan));

/** Most deployments have one receiver, and do not load this script. */
const ReceiverField = lazyPage(
  () => import("../several-receivers.ts").then((part) => part.ReceiverField),
  ["receivers"],
);

export function NewRunPage() {
  const t = texts.value.newRun;
  const { path, query } = place.value;
  const search = new URLSearchParams(query);
  const [typed, setForm] = useState(() => formOf(search));
  const [wasSubmitted, setSubmitted] = useState(false);
  const written = useRef(query);
  // The address changed without a reload, by a link with another window or by the Back button. The form then takes
  // its values from the new address.
  useEffect(() => {
    if (query !== written.current) setForm(formOf(new URLSearchParams(query)));
    written.current = query;
  }, [query]);
  const { planned, isBusy, plan } = usePlan();
  const change = (changes: Partial<RunForm>) => setForm((old) => ({ ...old, ...changes }));
  const form = sentForm(typed);
  const body = bodyOf(form);
  const isTyped = form.start !== "" && form.end !== "";
  const submit = (asked: RunForm) => {
    setSubmitted(true);
    if (asked.start === "" || asked.end === "" || isBusy) return;
    written.current = changedQuery(query, queryOf(asked)).slice(1);
    navigate(`${path}?${written.current}`, { replace: true });
    void plan(bodyOf(asked));
  };
  if (form.from_plan !== "") return <CountedPlan form={form} onChange={change} />;
  const isCurrent = planned !== null && planned.text === JSON.stringify(body);
  const isStale = planned !== null && now.value - planned.at > STALE_MS;
  const isFresh = isCurrent && !isStale && planned.plan !== null;
  const canStart = isTyped && (isFresh || isUnanswered(body));
  const skipLive = () => {
    const next = { ...form, live: "skip_delivered" };
    setForm(next);
    submit(next);
  };
  return (
    <Page title={t.title} aside={<span class="quiet">{t.aside}</span>}>
      <form
        noValidate
        class="run-form"
        onSubmit={(event) => {
          event.preventDefault();
          submit(form);
        }}
      >
        <WindowFields
          form={form}
          query={search}
          problem={planned?.problem ?? null}
          wasSubmitted={wasSubmitted}
          onChange={change}
        />
        {(hasSeveralReceivers.value || form.receiver !== "") && (
          <ReceiverField
            value={form.receiver || null}
            pointer="#/receiver"
            problem={planned?.problem ?? null}
            onChange={(name) => change({ receiver: namedReceiver(name) ?? "" })}
          />
        )}
        <OptionFields form={form} problem={planned?.problem ?? null} onChange={change} />
        <p class="together">
          <button
            type="submit"
            class={canStart ? "" : "primary"}
            disabled={isBusy || !isOperator.value}
            aria-describedby={isOperator.value ? "plan-hint" : "plan-why"}
          >
            {isBusy ? texts.value.parts.working : planned ? t.planAgain : t.plan}
          </button>
          {isOperator.value ? (
            <span class="quiet" id="plan-hint">
              {t.planHint}
            </span>
          ) : (
            <span class="quiet" id="plan-why">
              {texts.value.parts.viewerOnly}
            </span>
          )}
        </p>
      </form>
      {planned && (
        <section aria-labelledby="plan">
          <h2 id="plan">{t.planTitle}</h2>
          {!isCurrent && <p class="tone-amber">{t.formChanged}</p>}
          {isCurrent && isStale && <p class="tone-amber">{t.stale}</p>}
          <div aria-live="polite" class={isCurrent && !isStale ? "" : "data stale"}>
            {planned.problem && <PlanRefused problem={planned.problem} body={planned.body} />}
            {planned.plan && <PlanView plan={planned.plan} canary={form.canary} onSkipLive={skipLive} />}
          </div>
        </section>
      )}
      {canStart && (
        <StartPanel
          key={JSON.stringify(body)}
          body={body}
          window={{ start: form.start, end: form.end, end_exclusive: form.end_exclusive === "true" }}
          overlaps={sharedParts(planned?.plan?.overlaps ?? [], form)}
          holder={planned?.plan?.slot.holder ?? null}
          isFromPlan={false}
          {...(planned?.plan && { warnings: warningsOf(planned.plan).length })}
          deliveredFiles={form.live === "" && planned?.plan ? deliveredFiles(planned.plan, form) : 0}
          expected={planned?.plan?.lines}
          settings={settingsOf(form)}
        />
      )}
    </Page>
  );
}
