// Shows how fast a run sends: the current numbers, and the chart over time.
import type { RunStatusAnswer } from "../../../contract/api/api-types.ts";
import { paths } from "../../api/paths.ts";
import { useFeed } from "../../state/feed.ts";
import { isCanaryOpen, rateNow, sendingAverage } from "../../state/run-share.ts";
import { isWorking } from "../../state/run-stage.ts";
import { count, linesPerSecond, UNKNOWN } from "../../text/numbers.ts";
import { bracketed, named } from "../../text/punctuation.ts";
import { texts } from "../../text/texts.ts";
import { RateChart } from "./rate-chart.tsx";

/** How often the chart asks for new data. A point covers ten seconds, so more frequent requests show nothing new. */
const CHART_MS = 10_000;

export function RunRate({ run }: { run: RunStatusAnswer }) {
  const t = texts.value.run;
  const { rate, ack_ms: ack } = run;
  const works = isWorking(run.stage_code);
  const series = useFeed(paths.series(run.id), { works: () => works, slowestMs: CHART_MS });
  const points = series?.data.value?.points ?? [];
  const asOf = Date.parse(series?.data.value?.as_of ?? "") / 1_000;
  const sending = sendingAverage(run);
  const isOver = rate.granted_peak_lines_per_second > rate.max_lines_per_second;
  const failures = Object.entries(run.failures).filter(([, posts]) => posts > 0);
  return (
    <section aria-labelledby="run-rate">
      <h2 id="run-rate">{t.rateTitle}</h2>
      <dl class="facts across">
        <Fact name={t.now} value={linesPerSecond(rateNow(run))} />
        <Fact name={t.target} value={linesPerSecond(rate.target_lines_per_second)} />
        <Fact name={t.cap} value={linesPerSecond(rate.max_lines_per_second)} />
        <Fact
          name={t.peak}
          value={bracketed(
            linesPerSecond(rate.granted_peak_lines_per_second),
            isOver ? t.overCap : t.withinCap,
          )}
          isBad={isOver}
        />
        {/* While the run waits after its canary, an average would only say how long it has waited. */}
        {!isCanaryOpen(run) && (
          <Fact
            name={sending === null ? t.averageOfAll : t.averageOfSending}
            value={linesPerSecond(sending ?? run.lines_per_second_avg)}
          />
        )}
        <Fact name={t.busiest} value={linesPerSecond(run.lines_per_second_peak)} />
        <Fact name={t.inFlight} value={t.batchesOf(count(run.in_flight), count(rate.max_in_flight))} />
        <Fact name={t.ack} value={[ack.p50, ack.p95, ack.p99].map(milliseconds).join(" · ")} />
      </dl>
      {points.length === 0 ? (
        <p class="quiet">{run.lines.sent > 0 ? t.chartNotYet : t.chartNone}</p>
      ) : (
        <RateChart points={points} now={works ? asOf : null} />
      )}
      <p>
        {named(t.failures, "")}
        {failures.length === 0
          ? t.none
          : failures.map(([cause, posts]) => (
              <span key={cause} class="listed">
                <code>{cause}</code> {count(posts)}
              </span>
            ))}
      </p>
    </section>
  );
}

function Fact({ name, value, isBad }: { name: string; value: string; isBad?: boolean }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class={isBad ? "tone-red" : undefined}>{value}</dd>
    </div>
  );
}

function milliseconds(value: number | null): string {
  return value === null ? UNKNOWN : texts.value.run.ms(count(value));
}
