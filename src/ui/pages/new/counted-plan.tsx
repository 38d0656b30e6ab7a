// Starts exactly what a dry run counted. The window and the lines cannot be changed. All settings that the run keeps
// until its end are shown before the start button.
import { useEffect } from "preact/hooks";
import type { RunStatusAnswer } from "../../../contract/api/api-types.ts";
import { Copy } from "../../parts/copy.tsx";
import { Window } from "../../parts/instant.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Notice } from "../../parts/notice.tsx";
import { Page } from "../../parts/page.tsx";
import { useFeed } from "../../state/feed.ts";
import { runFeed } from "../../state/frame-feeds.ts";
import { place } from "../../state/location.ts";
import { namedReceiver } from "../../state/receiver-names.ts";
import { isOperator } from "../../state/session.ts";
import { explainReason } from "../../text/codes.ts";
import { count } from "../../text/numbers.ts";
import { sentences } from "../../text/punctuation.ts";
import { texts } from "../../text/texts.ts";
import { deliveredFiles } from "./delivered-files.ts";
import { FrozenSettings } from "./frozen-settings.tsx";
import { OptionFields } from "./option-fields.tsx";
import { sharedParts } from "./overlap-consent.tsx";
import { Fact, Warnings, warningsOf } from "./plan-view.tsx";
import { bodyOf, settingsOfPlan, type RunBody, type RunForm } from "./run-form.ts";
import { StartPanel } from "./start-panel.tsx";
import { usePlan } from "./use-plan.ts";

type PlanOfDryRun = Extract<RunStatusAnswer["plan"], { files: number }>;

interface Props {
  form: RunForm;
  onChange: (changes: Partial<RunForm>) => void;
}

export function CountedPlan(props: Props) {
  const t = texts.value.newRun;
  const feed = useFeed(runFeed(props.form.from_plan).path);
  return (
    <Page title={t.fromPlan} aside={<span class="quiet">{t.fromPlanAside}</span>}>
      <Loaded feed={feed}>
        {(run) =>
          run.plan !== null && "files" in run.plan && run.plan.hash !== null ? (
            <Counted run={run} plan={run.plan} hash={run.plan.hash} {...props} />
          ) : (
            <Notice tone="amber" title={t.notCounted}>
              <p>
                <LinkTo run={run.id} />
              </p>
            </Notice>
          )
        }
      </Loaded>
    </Page>
  );
}

function LinkTo({ run }: { run: string }) {
  return (
    <a href={`/ui/runs/${run}`}>
      <code>{run}</code>
    </a>
  );
}

function Counted(props: Props & { run: RunStatusAnswer; plan: PlanOfDryRun; hash: string }) {
  const t = texts.value.newRun;
  const { run, plan, hash, form, onChange } = props;
  const { start, end } = run.window;
  // A person typed settings of sending for the dry run. A run from its plan does not take over these settings.
  useEffect(() => {
    const given = new Set(new URLSearchParams(place.value.query).keys());
    const { options, ...fields } = settingsOfPlan(run, given);
    onChange({ ...fields, options: { ...options, ...form.options } });
  }, [run.id]);
  const window = { start, end, end_exclusive: run.spec.end_exclusive };
  const { live: mode, live_batch_size: size } = run.spec;
  const receiver = namedReceiver(run.receiver);
  const live = useLiveOf(
    { ...window, ...(receiver !== null && { receiver }), ...(mode && { live: mode, live_batch_size: size }) },
    run.id,
  );
  const body = bodyOf(form, hash);
  const { suspicious } = run.files;
  /** The warnings that the dry run found. */
  const ofCount = plan.asks.length + Number(suspicious > 0);
  return (
    <>
      <dl class="facts">
        <dt>{t.window}</dt>
        <dd>
          <Window start={start} end={end} isEndOutside={window.end_exclusive} />
        </dd>
        {receiver !== null && <dt>{texts.value.frame.receiver}</dt>}
        {receiver !== null && (
          <dd>
            <code>{receiver}</code>
          </dd>
        )}
        <dt>{t.dryRun}</dt>
        <dd>
          <LinkTo run={run.id} />
        </dd>
        <dt>{t.hash}</dt>
        <dd>
          <code>{hash}</code> <Copy text={hash} />
        </dd>
      </dl>
      <dl class="facts across">
        <Fact name={t.files} value={count(plan.files)} />
        <Fact name={t.batches} value={count(plan.batches)} />
        <Fact name={t.lines} value={count(plan.lines)} />
        <Fact name={t.minutes} value={plan.minutes_at_cap.toFixed(1)} />
      </dl>
      {plan.asks.map(({ code, detail }) => (
        <Notice key={code} tone="amber">
          <p>
            {sentences(...(explainReason(code) ?? []))} <code>{code}</code>{" "}
            <span lang="en" class="quiet">
              {detail}
            </span>
          </p>
        </Notice>
      ))}
      {suspicious > 0 && (
        <Notice tone="amber">
          <p>
            {t.suspiciousFiles(count(suspicious))}{" "}
            <a href={`/ui/runs/${run.id}/files?state=suspicious`}>
              <code>{run.id}</code>
            </a>
          </p>
        </Notice>
      )}
      <div class="run-form">
        <OptionFields form={{ ...form, receiver: receiver ?? "" }} problem={null} onChange={onChange} />
      </div>
      <FrozenSettings spec={run.spec} body={body} />
      {live.isAsked && <p class="quiet">{t.checking}</p>}
      {live.plan && (ofCount === 0 || warningsOf(live.plan).length > 0) && <Warnings plan={live.plan} />}
      <StartPanel
        key={JSON.stringify(body)}
        body={body}
        window={window}
        overlaps={sharedParts(live.plan?.overlaps ?? [], window)}
        holder={live.plan?.slot.holder ?? null}
        isFromPlan
        counted={plan}
        warnings={ofCount + (live.plan ? warningsOf(live.plan).length : 0)}
        isWaiting={live.isAsked}
        deliveredFiles={run.spec.live === undefined && live.plan ? deliveredFiles(live.plan, window) : 0}
      />
    </>
  );
}

/** Asks again which lines of the window were delivered or sent, because another run may have sent some after the
 * count. `isAsked`: the answer has not arrived yet. If no answer arrives, the API still refuses an overlap. */
function useLiveOf(window: RunBody, run: string) {
  const { planned, plan } = usePlan();
  useEffect(() => {
    // A viewer may not request a plan, and cannot start a run either.
    if (isOperator.value) void plan(window);
  }, [run]);
  const isAsked = isOperator.value && (planned === null || planned.isRepeated);
  return { plan: planned?.plan ?? null, isAsked };
}
