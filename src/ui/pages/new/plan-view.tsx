// Shows the plan: what a run of the window would find, how long it would take, what it would cost, and its warnings.
import { useState } from "preact/hooks";
import type { PlanAnswer } from "../../../contract/api/api-types.ts";
import { Window } from "../../parts/instant.tsx";
import { Notice } from "../../parts/notice.tsx";
import { StageBadge } from "../../parts/stage-badge.tsx";
import { Table } from "../../parts/table.tsx";
import { FIRST_RECEIVER } from "../../state/receiver-names.ts";
import { bytes, count, duration } from "../../text/numbers.ts";
import { sentences } from "../../text/punctuation.ts";
import { texts } from "../../text/texts.ts";
import { mayBeWholeRun } from "./canary-share.ts";
import { isComplete } from "./use-plan.ts";

/** What the live worker delivered is shown for the first receiver only, because the live worker
 * delivers to no other receiver. */
export function PlanView(props: { plan: PlanAnswer; canary: string; onSkipLive: () => void }) {
  const t = texts.value.newRun;
  const { plan, onSkipLive } = props;
  const { from } = plan.lines.bytes_per_line;
  const isRough = from === null;
  const hasCanary = props.canary !== "";
  const { margin_files: ofMargin } = plan.raw;
  return (
    <>
      {!isComplete(plan) && (
        <Notice tone="plain" title={t.incomplete}>
          <p>{t.incompleteHint}</p>
        </Notice>
      )}
      <dl class="facts across">
        <Fact name={t.files} value={count(plan.raw.files)} />
        <Fact name={t.bytes} value={bytes(plan.raw.bytes)} />
        <Fact name={t.lines} value={between(plan.lines, count)} />
        <Fact name={t.batches} value={between(plan.batches, count)} />
        <Fact
          name={t.minutes}
          value={isRough && hasCanary ? t.afterCanary : between(plan.minutes_at_cap, (n) => n.toFixed(1))}
        />
        <Fact name={t.cost} value={between(plan.cost_usd, (n) => n.toFixed(4))} />
      </dl>
      {ofMargin !== null && ofMargin > 0 && (
        <p>{t.margin(count(plan.raw.files + ofMargin), count(plan.raw.files), count(ofMargin))}</p>
      )}
      <p class="quiet">
        {from === null ? (
          sentences(t.roughEstimate, hasCanary ? t.roughUntilCanary : "")
        ) : (
          <>
            {t.estimateFrom}{" "}
            <a href={`/ui/runs/${from.run}`}>
              <code>{from.run}</code>
            </a>
          </>
        )}
      </p>
      {mayBeWholeRun(props.canary, plan.batches) && (
        <Notice tone="plain">
          <p>{t.canaryWhole(props.canary)}</p>
        </Notice>
      )}
      <Warnings plan={plan} onSkipLive={onSkipLive} />
      <dl class="facts">
        {plan.raw.span && (
          <>
            <dt>{t.span}</dt>
            <dd>
              <Window start={plan.raw.span.start} end={plan.raw.span.end} />
            </dd>
          </>
        )}
        <dt>{t.uncovered}</dt>
        <dd>
          {plan.uncovered.length === 0 ? texts.value.parts.none : duration(plan.uncovered_seconds)}
          {plan.uncovered.map(({ start, end }) => (
            <span key={start} class="listed">
              {" "}
              <Window start={start} end={end} isEndOutside />
            </span>
          ))}
        </dd>
        {plan.receiver === FIRST_RECEIVER && (
          <>
            <dt>{t.live}</dt>
            <dd>
              <Live plan={plan} />
            </dd>
          </>
        )}
        <dt>{t.slot}</dt>
        <dd>
          {plan.slot.holder === null ? (
            t.slotFree
          ) : (
            <a href={`/ui/runs/${plan.slot.holder}`}>
              <code>{plan.slot.holder}</code>
            </a>
          )}
        </dd>
        <dt>{t.overlaps}</dt>
        <dd>
          {plan.overlaps.length === 0 && texts.value.parts.none}
          {plan.overlaps.map(({ run, start, end, stage_code: stage }) => (
            <div key={run}>
              <StageBadge stage={stage} />{" "}
              <a href={`/ui/runs/${run}`}>
                <Window start={start} end={end} />
              </a>
            </div>
          ))}
        </dd>
      </dl>
      <PlanFiles plan={plan} />
    </>
  );
}

export function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function between({ low, high }: { low: number; high: number }, show: (value: number) => string): string {
  return show(low) === show(high) ? show(low) : `${show(low)} – ${show(high)}`;
}

/** The page shows these warnings in other places, so the list leaves them out. */
const SHOWN_ELSEWHERE: ReadonlySet<string> = new Set(["incomplete", "rough_estimate"]);

/** The warnings of a plan that the person must read before the start. */
export function warningsOf({ warnings }: PlanAnswer): PlanAnswer["warnings"] {
  return warnings.filter(({ code }) => !SHOWN_ELSEWHERE.has(code));
}

/** `onSkipLive` absent: the lines cannot be changed. */
export function Warnings({ plan, onSkipLive }: { plan: PlanAnswer; onSkipLive?: () => void }) {
  const t = texts.value.newRun;
  const words: Readonly<Record<string, readonly [string, string]>> = t.warnings;
  const shown = warningsOf(plan);
  if (shown.length === 0) return <p class="calm">{t.noWarning}</p>;
  return (
    <Notice tone="amber" title={t.warningsTitle}>
      <ul>
        {shown.map(({ code, detail }) => {
          const known = words[code];
          return (
            <li key={code}>
              {known ? sentences(...known) : ""} <code>{code}</code>{" "}
              <span lang="en" class="quiet">
                {detail}
              </span>{" "}
              {code === "delivered_live" && onSkipLive && (
                <button type="button" class="small" onClick={onSkipLive}>
                  {t.skipLiveNow}
                </button>
              )}
            </li>
          );
        })}
      </ul>
    </Notice>
  );
}

function Live({ plan: { live } }: { plan: PlanAnswer }) {
  const t = texts.value.newRun;
  if (live === null) return <>{t.liveUnknown}</>;
  if (live.seen === false) return <>{texts.value.coverage.noLive}</>;
  if (live.files === null) return <>{texts.value.units.files(count(live.files_with_markers))}</>;
  const words = texts.value.coverage.fileStates;
  const states = Object.keys(words) as (keyof typeof words)[];
  const { files } = live;
  const shown = states.filter((state) => files[state] > 0);
  const open = files.not_delivered + files.partly + files.waiting;
  const rest = files.delivered + files.marked + files.unknown;
  return (
    <>
      {shown.length === 0 ? "—" : shown.map((state) => `${words[state]} ${count(files[state])}`).join(" · ")}
      {open > 0 && rest > 0 && <div class="quiet">{t.liveSum(count(open), count(rest))}</div>}
    </>
  );
}

type PlannedFile = NonNullable<PlanAnswer["files"]>[number];

function PlanFiles({ plan: { receiver, files, files_left_off: leftOff } }: { plan: PlanAnswer }) {
  const t = texts.value.newRun;
  const c = texts.value.coverage;
  const [isOpen, setOpen] = useState(false);
  if (files === null || files.length === 0) return null;
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t.fileList(count(files.length))}</summary>
      {isOpen && (
        <Table
          label={t.fileList(count(files.length))}
          rows={files}
          rowKey={({ key }) => key}
          columns={[
            { key: "key", head: c.key, cell: ({ key }) => <code>{key}</code> },
            ...(receiver === FIRST_RECEIVER
              ? [{ key: "live", head: t.live, cell: ({ live }: PlannedFile) => c.fileStates[live] }]
              : []),
            { key: "size", head: c.bytes, isNumber: true, cell: ({ size }) => bytes(size) },
            { key: "span", head: c.span, cell: ({ start, end }) => <Window start={start} end={end} /> },
          ]}
        />
      )}
      {leftOff > 0 && <p class="quiet">{c.leftOff(count(leftOff))}</p>}
    </details>
  );
}
