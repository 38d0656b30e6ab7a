// The state of a run in one sentence, and the reason for it with the next step.
import type { RunStatusAnswer } from "../../../contract/api/api-types.ts";
import { Notice } from "../../parts/notice.tsx";
import { toneOf } from "../../state/run-stage.ts";
import { explainReason, stageWord } from "../../text/codes.ts";
import { count, duration, percent } from "../../text/numbers.ts";
import { language, texts } from "../../text/texts.ts";

export function RunReason({ run }: { run: RunStatusAnswer }) {
  const t = texts.value.run;
  const reason = run.state_reason;
  const explained = reason && explainReason(reason.code);
  const tone = toneOf(run.stage_code);
  return (
    <section aria-label={t.why}>
      <p class="summary">
        <Summary run={run} />
      </p>
      {isUnderWay(run) && (
        <p class="run-progress">
          <progress max={1} value={run.progress} aria-label={t.delivered} />{" "}
          <strong>{percent(run.progress)}</strong>{" "}
          {run.eta_seconds !== null && texts.value.frame.eta(duration(run.eta_seconds))}
        </p>
      )}
      {reason && (
        <Notice tone={tone === "red" || tone === "amber" ? tone : "plain"} title={explained?.[0]}>
          <p>
            {explained?.[1]} <code>{reason.code}</code>{" "}
            <span lang="en" class="quiet">
              {reason.detail}
            </span>
          </p>
        </Notice>
      )}
      {run.warnings.map(({ code, detail }) => (
        <Notice key={`${code} ${detail}`} tone="amber">
          <p>
            <code>{code}</code> <span lang="en">{detail}</span>
          </p>
        </Notice>
      ))}
      {run.commands_under_way.map(({ command, changed }) => (
        <Notice key={command} tone="plain" title={t.underWay}>
          <p>{t.commandUnderWay(command, count(changed))}</p>
        </Notice>
      ))}
    </section>
  );
}

/** English shows the sentence of the API. Chinese shows its own sentence with the same numbers. */
function Summary({ run }: { run: RunStatusAnswer }) {
  if (language.value === "en") return <>{run.summary}</>;
  const t = texts.value.run;
  const [stage, kept] = [stageWord(run.stage_code), count(run.lines.kept)];
  const exceptions = run.exceptions > 0 ? t.summaryExceptions(count(run.exceptions)) : "";
  return (
    <>
      {run.dry_run ? t.summaryDryRun(stage, kept) : t.summary(stage, count(run.lines.sent), kept)}
      {exceptions}
    </>
  );
}

function isUnderWay({ stage_code, delivery_completed }: RunStatusAnswer): boolean {
  return !delivery_completed && stage_code !== "aborted" && stage_code !== "counted";
}
