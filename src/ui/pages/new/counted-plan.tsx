// Starts exactly what a dry run counted. The window and the lines cannot be changed.
import type { RunStatusAnswer } from "../../../contract/api/api-types.ts";
import { Copy } from "../../parts/copy.tsx";
import { Window } from "../../parts/instant.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Notice } from "../../parts/notice.tsx";
import { Page } from "../../parts/page.tsx";
import { useFeed } from "../../state/feed.ts";
import { runFeed } from "../../state/frame-feeds.ts";
import { count } from "../../text/numbers.ts";
import { texts } from "../../text/texts.ts";
import { OptionFields } from "./option-fields.tsx";
import { Fact } from "./plan-view.tsx";
import { bodyOf, type RunForm } from "./run-form.ts";
import { StartPanel } from "./start-panel.tsx";

interface Props {
  form: RunForm;
  onChange: (changes: Partial<RunForm>) => void;
}

export function CountedPlan(props: Props) {
  const t = texts.value.newRun;
  const feed = useFeed(runFeed(props.form.from_plan).path);
  return (
    <Page title={t.fromPlan} aside={<span class="quiet">{t.fromPlanAside}</span>}>
      <Loaded feed={feed}>{(run) => <Counted run={run} {...props} />}</Loaded>
    </Page>
  );
}

function Counted({ run, form, onChange }: Props & { run: RunStatusAnswer }) {
  const t = texts.value.newRun;
  const { plan, window } = run;
  const back = (
    <a href={`/ui/runs/${run.id}`}>
      <code>{run.id}</code>
    </a>
  );
  if (plan === null || !("files" in plan) || plan.hash === null)
    return (
      <Notice tone="amber" title={t.notCounted}>
        <p>{back}</p>
      </Notice>
    );
  const body = bodyOf(form, plan.hash);
  const isExclusive = window.interval.endsWith(")");
  return (
    <>
      <dl class="facts">
        <dt>{t.window}</dt>
        <dd>
          <Window start={window.start} end={window.end} isEndOutside={isExclusive} />
        </dd>
        <dt>{t.dryRun}</dt>
        <dd>{back}</dd>
        <dt>{t.hash}</dt>
        <dd>
          <code>{plan.hash}</code> <Copy text={plan.hash} />
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
            <code>{code}</code> <span lang="en">{detail}</span>
          </p>
        </Notice>
      ))}
      <div class="run-form">
        <OptionFields form={form} problem={null} onChange={onChange} />
      </div>
      <StartPanel
        key={JSON.stringify(body)}
        body={body}
        window={{ start: window.start, end: window.end, end_exclusive: isExclusive }}
        overlaps={[]}
        holder={null}
        isFromPlan
      />
    </>
  );
}
