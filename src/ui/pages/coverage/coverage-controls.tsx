// Chooses the days and the level of detail, and starts a refresh.
import { useState } from "preact/hooks";
import { ask } from "../../api/client.ts";
import { planPaths } from "../../api/plan-paths.ts";
import type { Problem } from "../../api/problem.ts";
import { Refusal } from "../../parts/notice.tsx";
import { Switch } from "../../parts/switch.tsx";
import { setQuery } from "../../state/location.ts";
import { now } from "../../state/poller.ts";
import { isOperator, noteProblem } from "../../state/session.ts";
import { zone } from "../../state/settings.ts";
import { count } from "../../text/numbers.ts";
import { texts } from "../../text/texts.ts";
import { wallClock } from "../../text/time.ts";
import { DAY_MS, endOfNow, midnight, rangeQuery, shifted, type Range } from "./day-rows.ts";

const PRESETS = [1, 3, 7];

export function CoverageControls(props: {
  range: Range;
  detail: "presence" | "exact";
  onRefreshed: () => void;
}) {
  const t = texts.value.coverage;
  const { range, detail } = props;
  const end = endOfNow(now.value);
  const days = Math.ceil((range.endMs - midnight(range.startMs, zone.value)) / DAY_MS);
  return (
    <>
      <search class="filters">
        <span class="together">
          <button type="button" onClick={() => show(shifted(range, -1, now.value, zone.value))}>
            ← {t.previous}
          </button>
          <button
            type="button"
            disabled={range.endMs >= end}
            onClick={() => show(shifted(range, 1, now.value, zone.value))}
          >
            {t.next} →
          </button>
        </span>
        <span class="together">
          {PRESETS.map((preset) => (
            <button
              key={preset}
              type="button"
              aria-pressed={range.endMs >= end && days === preset}
              onClick={() => show(null, preset)}
            >
              {preset === 1 ? t.today : t.days(count(preset))}
            </button>
          ))}
        </span>
        <LastDay range={range} days={days} />
        <Switch
          label={t.detail}
          chosen={detail}
          values={[
            { value: "presence", text: t.presence },
            { value: "exact", text: t.exact },
          ]}
          onChoose={(chosen) => setQuery({ detail: chosen === "exact" ? chosen : null })}
        />
        <Refresh {...props} />
      </search>
      <p class="quiet">{detail === "exact" ? t.exactHint : t.presenceHint}</p>
    </>
  );
}

function show(next: Range | null, lastDays: number | null = null): void {
  setQuery({
    start: next && rangeQuery(next).start,
    end: next && rangeQuery(next).end,
    days: lastDays === null ? null : String(lastDays),
  });
}

/** Moves the range so that it ends at the end of the chosen day. */
function LastDay(props: { range: Range; days: number }) {
  const t = texts.value.coverage;
  const shown = wallClock(props.range.endMs - 1, zone.value)?.date ?? "";
  return (
    <label>
      {t.lastDay}{" "}
      <input
        type="date"
        value={shown}
        max={wallClock(now.value, zone.value)?.date}
        onChange={(event) => {
          const chosen = event.currentTarget.valueAsNumber;
          if (!Number.isFinite(chosen)) return;
          // The input's value is midnight UTC of the chosen day.
          const day = chosen + midnight(0, zone.value);
          const endMs = Math.min(day + DAY_MS, endOfNow(now.value));
          show({ startMs: day - (props.days - 1) * DAY_MS, endMs });
        }}
      />{" "}
      <span class="zone">{texts.value.units[zone.value]}</span>
    </label>
  );
}

function Refresh({ range, detail, onRefreshed }: { range: Range; detail: string; onRefreshed: () => void }) {
  const t = texts.value.coverage;
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const look = async () => {
    setBusy(true);
    const answer = await ask(planPaths.refresh, { method: "POST", body: { ...rangeQuery(range), detail } });
    setBusy(false);
    noteProblem(answer.ok ? null : answer.problem);
    setProblem(answer.ok ? null : answer.problem);
    if (answer.ok) onRefreshed();
  };
  return (
    <>
      <button
        type="button"
        disabled={isBusy || !isOperator.value}
        title={isOperator.value ? undefined : texts.value.parts.viewerOnly}
        onClick={() => void look()}
      >
        {isBusy ? texts.value.parts.working : t.refresh}
      </button>
      <Refusal problem={problem} isAlert />
    </>
  );
}
