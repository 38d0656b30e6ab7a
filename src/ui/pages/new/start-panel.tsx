// Starts the planned run: now, in the queue, or as a dry run that only counts. If the API refuses, shows the refusal
// and what the person can do next.
import { useState } from "preact/hooks";
import { ask } from "../../api/client.ts";
import { isKept } from "../../api/idempotency.ts";
import { planPaths } from "../../api/plan-paths.ts";
import { isUnsettled, type Problem } from "../../api/problem.ts";
import { Notice, Refusal } from "../../parts/notice.tsx";
import { navigate } from "../../state/location.ts";
import { announceChange } from "../../state/poller.ts";
import { keepPlanSettings } from "../../state/plan-settings.ts";
import { capOf } from "../../state/receivers.ts";
import { isOperator, noteProblem } from "../../state/session.ts";
import { count, linesPerSecond } from "../../text/numbers.ts";
import { sentences } from "../../text/punctuation.ts";
import { texts } from "../../text/texts.ts";
import { Equivalents } from "./equivalents-view.tsx";
import { Consent, useConsent, type Overlap } from "./overlap-consent.tsx";
import { QueueVerb } from "./queue-verb.tsx";
import { dryRunOf, type RunBody } from "./run-form.ts";

interface Props {
  body: RunBody;
  /** The window of the run. `end` is outside when `end_exclusive` is true. */
  window: { start: string; end: string; end_exclusive: boolean };
  /** The earlier runs that sent lines of the window, as far as the plan knows. */
  overlaps: readonly Overlap[];
  holder: string | null;
  /** True: the run replays the plan of a dry run. Such a run can be neither queued nor counted again. */
  isFromPlan: boolean;
  /** True: the page does not know yet which lines of the window were delivered or sent. */
  isWaiting?: boolean;
  /** How many warnings the plan has above this panel. */
  warnings?: number;
  /** How many files of the window the live worker delivered, if the run would send their lines again. */
  deliveredFiles?: number;
  /** The lines that the plan expects. Absent: they are counted exactly. */
  expected?: { low: number; high: number } | undefined;
  /** What the plan of a dry run counted. */
  counted?: { lines: number; batches: number };
  /** What a run from the plan of a dry run takes over from the form. */
  settings?: Readonly<Record<string, string | null>>;
}

/** True: a start with exactly this body got no answer. Pressing "Start" again leads to the same run. */
export function isUnanswered(body: RunBody): boolean {
  return [body, { ...body, replay: true }].some((one) => isKept(planPaths.start, JSON.stringify(one)));
}

export function StartPanel(props: Props) {
  const t = texts.value.newRun;
  const { body, window } = props;
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState<"start" | "count" | null>(null);
  const overlaps = problem?.code === "overlap" ? overlapsOf(problem) : props.overlaps;
  const consent = useConsent(window.start);
  const wanted = overlaps.length > 0 && consent.isGiven ? { ...body, replay: true } : body;
  // The key is also stored while a request is open. Such a request does not count as lost.
  const wasLost = busy === null && (isUnanswered(body) || (problem !== null && isUnsettled(problem)));
  const { deliveredFiles = 0 } = props;
  // If a start got no answer, the person has already agreed to it. So no new consent is needed.
  const lacksConsent = consent.isIncomplete || (deliveredFiles > 0 && !consent.isGiven && !wasLost);
  const isQueueFirst = !wasLost && (props.holder !== null || problem?.code === "slot_taken");
  const send = async (kind: "start" | "count", request: RunBody) => {
    if (busy !== null) return;
    setBusy(kind);
    const answer = await ask(planPaths.start, { method: "POST", body: request, once: true });
    setBusy(null);
    noteProblem(answer.ok ? null : answer.problem);
    if (!answer.ok) return setProblem(answer.problem);
    if (kind === "count" && props.settings) keepPlanSettings(answer.data.id, props.settings);
    announceChange();
    navigate(`/ui/runs/${answer.data.id}`);
  };
  const isAsked = overlaps.length > 0 || deliveredFiles > 0;
  const warnings = (props.warnings ?? Number(isAsked)) + Number(problem !== null);
  const why = isOperator.value ? null : texts.value.parts.viewerOnly;
  return (
    <section aria-labelledby="start">
      <h2 id="start">{t.startTitle}</h2>
      <dl class="effects">
        <dt>{texts.value.parts.now}</dt>
        <dd>
          {sentences(
            props.counted && t.startCounted(count(props.counted.lines), count(props.counted.batches)),
            t.startNow(capText(body)),
          )}
        </dd>
        <dt>{texts.value.parts.later}</dt>
        <dd>{typeof body["canary"] === "number" ? t.canaryLater(String(body["canary"])) : t.startLater}</dd>
      </dl>
      {isAsked && <Consent overlaps={overlaps} deliveredFiles={deliveredFiles} consent={consent} />}
      {wasLost ? (
        <Notice tone="amber" isAlert title={t.unanswered}>
          <p>
            {t.unansweredHint} {problem && <code>{problem.code}</code>}
          </p>
        </Notice>
      ) : (
        <Refusal problem={problem} isAlert />
      )}
      {problem?.code === "slot_taken" && !props.isFromPlan && <p>{t.queueInstead}</p>}
      <div class={isAsked ? "actions in-place" : "actions"}>
        <button
          type="button"
          class={isQueueFirst || lacksConsent ? "" : "primary"}
          disabled={why !== null || busy !== null || lacksConsent || props.isWaiting}
          aria-describedby={why === null ? undefined : "start-why"}
          onClick={() => void send("start", wanted)}
        >
          {busy === "start" ? texts.value.parts.working : wasLost ? t.startAgain : t.startRun}
        </button>
        {warnings > 0 && (
          <button type="button" class="tone-amber" onClick={showWarnings}>
            {t.warningCount(count(warnings))}
          </button>
        )}
        {!props.isFromPlan && !wasLost && (
          <>
            <button
              type="button"
              disabled={why !== null || busy !== null}
              onClick={() => void send("count", dryRunOf(body))}
            >
              {busy === "count" ? texts.value.parts.working : t.countFirst}
            </button>
            <QueueVerb windows={[window]} body={body} isPrimary={isQueueFirst} />
          </>
        )}
        {why !== null && (
          <span class="quiet" id="start-why">
            {why}
          </span>
        )}
      </div>
      {!props.isFromPlan && <CountHint expected={props.expected} />}
      <Equivalents body={wanted} />
    </section>
  );
}

/** An estimate whose ends differ by more than this factor does not help to check a run. */
const WIDE = 2;

function CountHint({ expected }: Pick<Props, "expected">) {
  const t = texts.value.newRun;
  if (expected === undefined || expected.high <= WIDE * expected.low)
    return <p class="quiet">{t.countHint}</p>;
  return (
    <p>
      <strong>{t.countRecommended(count(expected.low), count(expected.high))}</strong> {t.countHint}
    </p>
  );
}

/** Scrolls to the warnings. On a narrow screen, the start button may be visible while the warnings are not. */
function showWarnings(): void {
  const warning = document.querySelector<HTMLElement>("main .notice-amber, main .notice-red");
  if (warning === null) return;
  warning.tabIndex = -1;
  warning.focus({ preventScroll: true });
  warning.scrollIntoView({ block: "center" });
}

function capText(body: RunBody): string {
  const receiver = body["receiver"];
  const cap = body["max_lines_per_second"] ?? (typeof receiver === "string" ? capOf(receiver) : null);
  return typeof cap === "number" ? linesPerSecond(cap) : texts.value.newRun.deploymentCap;
}

function overlapsOf({ more }: Problem): Overlap[] {
  const { overlaps } = more;
  return Array.isArray(overlaps) ? overlaps.filter(isOverlap) : [];
}

function isOverlap(value: unknown): value is Overlap {
  return typeof value === "object" && value !== null && "run" in value && "start" in value && "end" in value;
}
