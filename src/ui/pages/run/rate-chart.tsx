// The chart of a run's rate. uPlot is a chunk of its own: it is loaded when there is something to draw. Screen readers get
// the numbers above the chart.
import { useEffect, useRef } from "preact/hooks";
import type { SeriesPoint } from "../../../contract/api/api-types.ts";
import { zone } from "../../state/settings.ts";
import { language, texts } from "../../text/texts.ts";
import { chartData, chartScale } from "./chart-data.ts";
import type { Drawn } from "./draw-chart.ts";

const HEIGHT_PX = 190;

export function RateChart({ points }: { points: readonly SeriesPoint[] }) {
  const t = texts.value.run;
  const place = useRef<HTMLDivElement>(null);
  const drawn = useRef<Drawn | null>(null);
  const newest = useRef(points);
  newest.current = points;
  const shown = `${zone.value} ${language.value}`;
  useEffect(() => {
    const box = place.current;
    if (!box) return;
    let isGone = false;
    void import("./draw-chart.ts").then(({ drawChart }) => {
      if (isGone) return;
      drawn.current = drawChart(box, {
        labels: [t.delivered, t.target, t.cap],
        zone: zone.value,
        heightPx: HEIGHT_PX,
      });
      drawn.current.setData(chartData(newest.current));
    });
    const watch = new ResizeObserver(() => drawn.current?.fit());
    watch.observe(box);
    return () => {
      isGone = true;
      watch.disconnect();
      drawn.current?.remove();
      drawn.current = null;
    };
  }, [shown]);
  useEffect(() => drawn.current?.setData(chartData(points)), [points]);
  const { isCapAbove } = chartScale(chartData(points));
  const named = (word: string) => (isCapAbove ? t.above(word) : word);
  return (
    <figure class="chart" aria-label={t.chart}>
      <div ref={place} aria-hidden="true" />
      <figcaption class="cell-legend" aria-hidden="true">
        <span>
          <i class="line line-delivered" /> {t.delivered}
        </span>
        <span>
          <i class="line line-target" /> {named(t.target)}
        </span>
        <span>
          <i class="line line-cap" /> {named(t.cap)}
        </span>
      </figcaption>
    </figure>
  );
}
