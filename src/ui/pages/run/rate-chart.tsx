// The chart of a run's rate. Screen readers read the numbers above it instead.
import type { SeriesPoint } from "../../../contract/api/api-types.ts";
import { zone } from "../../state/settings.ts";
import { count } from "../../text/numbers.ts";
import { texts } from "../../text/texts.ts";
import { timeText } from "../../text/time.ts";
import { delivered, HEIGHT, isDrawn, scaleOf, stepPath, timeTicks, WIDTH } from "./chart-data.ts";

/** A chart with at most this many points is drawn small. A point covers ten seconds. */
const FEW_POINTS = 12;

const target = (point: SeriesPoint) => point.target_lines_per_second;
const cap = (point: SeriesPoint) => point.max_lines_per_second;

/** `now`: epoch seconds. Null: the run does not work any more. */
export function RateChart({ points, now }: { points: readonly SeriesPoint[]; now: number | null }) {
  const t = texts.value.run;
  const scale = scaleOf(points, now);
  const share = (at: number) => `${((at - scale.from) / (scale.to - scale.from)) * 100}%`;
  return (
    <figure class={points.length <= FEW_POINTS ? "chart few-points" : "chart"} aria-label={t.chart}>
      <p class="chart-unit" aria-hidden="true">
        {texts.value.units.perSecond}
      </p>
      <div class="chart-box" aria-hidden="true">
        <div class="chart-rates">
          {[scale.top, scale.top / 2, 0].map((rate) => (
            <span key={rate}>{rateText(rate)}</span>
          ))}
        </div>
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none">
          <path class="grid" d={`M0 0H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}M0 ${HEIGHT}H${WIDTH}`} />
          <path class="cap" d={stepPath(points, cap, scale)} />
          <path class="target" d={stepPath(points, target, scale)} />
          <path class="delivered" d={stepPath(points, delivered, scale)} />
        </svg>
        <div class="strip-hours">
          {timeTicks(scale).map((at) => (
            <span key={at} style={{ left: share(at) }}>
              {timeText(at * 1_000, zone.value).slice(0, 5)}
            </span>
          ))}
        </div>
      </div>
      <figcaption class="cell-legend" aria-hidden="true">
        <span>
          <i class="line" /> {t.delivered}
        </span>
        {isDrawn(points, target, scale) && (
          <span>
            <i class="line line-target" /> {t.target}
          </span>
        )}
        {isDrawn(points, cap, scale) && (
          <span>
            <i class="line line-cap" /> {t.cap}
          </span>
        )}
        <span class="zone">{texts.value.units[zone.value]}</span>
      </figcaption>
    </figure>
  );
}

/** Half of a small scale, such as 12.5, must not be shown as 13. */
function rateText(rate: number): string {
  return Number.isInteger(rate) ? count(rate) : rate.toFixed(1);
}
