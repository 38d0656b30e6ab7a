// The state of a run in one sentence, and the reason for it with the next step.
import type { RunStatusAnswer } from "../../../contract/api/api-types.ts";
import { Instant } from "../../parts/instant.tsx";
import { Notice } from "../../parts/notice.tsx";
import { TimeLeft } from "../../parts/time-left.tsx";
import { toneOf } from "../../state/run-stage.ts";
import { ReasonCode } from "../../parts/reason-code.tsx";
import { commandWord, explainRun, stageWord, warningWord } from "../../text/codes.ts";
import { count, duration, percent } from "../../text/numbers.ts";
import { runDetail } from "../../text/run-detail.ts";
import { sentences } from "../../text/punctuation.ts";
import { texts } from "../../text/texts.ts";
import { useProgress, useWholeRun } from "./use-whole-run.ts";

export function RunReason({ run }: { run: RunStatusAnswer }) {
  const t = texts.value.run;
  const reason = run.state_reason;
  const explained = explainRun(run);
  const numbers = runDetail(run);
  const tone = toneOf(run.stage_code);
  const progress = useProgress(run) ?? 0;
  return (
    <section aria-label={t.why}>
      <p class="summary">
        <Summary run={run} />
      </p>
      {isUnderWay(run) && (
        <p class="run-progress">
          <progress max={1} value={progress} aria-label={run.dry_run ? t.counted : t.delivered} />{" "}
          <strong>{percent(progress)}</strong> <TimeLeft run={run} />
        </p>
      )}
      {reason && (
        <Notice tone={tone === "red" || tone === "amber" ? tone : "plain"} title={explained?.[0]}>
          <p>
            {sentences(explained?.[1], numbers.own)} <ReasonCode code={reason.code} />{" "}
            <span lang="en" class="quiet">
              {numbers.english}
            </span>
          </p>
        </Notice>
      )}
      {run.warnings.map(({ code, detail }) => (
        <Notice key={`${code} ${detail}`} tone="amber">
          <p>
            {warningWord(code)}{" "}
            <span lang="en" class="quiet">
              {detail}
            </span>
          </p>
        </Notice>
      ))}
      {run.commands_under_way.map(({ command, changed }) => (
        <Notice key={command} tone="plain" title={t.underWay}>
          <p>{t.commandUnderWay(commandWord(command), count(changed))}</p>
        </Notice>
      ))}
    </section>
  );
}

/** The page writes the sentence itself, in the chosen language and zone. */
function Summary({ run }: { run: RunStatusAnswer }) {
  const t = texts.value.run;
  const whole = useWholeRun(run);
  const stage = stageWord(run.stage_code);
  const { inherited } = run.lines;
  const liveLines = run.lines.dropped.delivered_live;
  const total = count(whole.lines - inherited);
  return (
    <>
      {run.dry_run
        ? t.summaryDryRun(stage, count(run.lines.kept))
        : t.summary(stage, count(run.lines.sent), whole.isExact ? total : t.about(total))}
      {inherited > 0 && t.summaryInherited(count(inherited))}
      {run.exceptions > 0 && t.summaryExceptions(count(run.exceptions))}
      {liveLines > 0 && t.summaryLive(count(liveLines))}
      {run.lines.malformed > 0 && t.summaryMalformed(count(run.lines.malformed))}
      {run.delivered_at !== null && (
        <>
          {t.summaryDeliveredAt} <Instant at={run.delivered_at} />
        </>
      )}
      {run.uncovered_seconds !== null &&
        run.uncovered_seconds > 0 &&
        t.summaryUncovered(duration(run.uncovered_seconds))}
    </>
  );
}

function isUnderWay({ stage_code, delivery_completed }: RunStatusAnswer): boolean {
  return !delivery_completed && stage_code !== "aborted" && stage_code !== "counted";
}
