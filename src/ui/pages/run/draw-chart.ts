// Draws the chart with uPlot. Colours come from the style sheet, so that both themes have theirs.
import uPlot from "uplot";
import { count } from "../../text/numbers.ts";
import { timeText, type Zone } from "../../text/time.ts";
import { chartScale, chartSpan, type ChartData } from "./chart-data.ts";

export interface Drawn {
  setData: (data: ChartData) => void;
  /** Takes the width of the place that holds it. */
  fit: () => void;
  remove: () => void;
}

interface ChartWords {
  /** Delivered, target, cap. */
  labels: readonly [string, string, string];
  zone: Zone;
  heightPx: number;
}

const DASH = [6, 4];

export function drawChart(box: HTMLElement, { labels, zone, heightPx }: ChartWords): Drawn {
  const colour = (name: string) => () => colourOf(box, name);
  const axis = { stroke: colour("quiet"), grid: { stroke: colour("line-colour"), width: 1 } };
  let shown: ChartData = [[], [], [], []];
  const chart = new uPlot(
    {
      width: Math.max(200, box.clientWidth),
      height: heightPx,
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { range: () => chartSpan(shown) }, y: { range: () => [0, chartScale(shown).top] } },
      axes: [
        { ...axis, values: (_chart, ticks) => ticks.map((at) => timeText(at * 1_000, zone).slice(0, 5)) },
        { ...axis, size: 64, values: (_chart, ticks) => ticks.map((value) => count(value)) },
      ],
      series: [
        {},
        {
          label: labels[0],
          stroke: colour("tone-green"),
          width: 2,
          points: { size: 4 },
        },
        { label: labels[1], stroke: colour("tone-work"), width: 1, points: { show: false } },
        { label: labels[2], stroke: colour("tone-red"), width: 1, dash: DASH, points: { show: false } },
      ],
    },
    shown,
    box,
  );
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  const redraw = () => chart.redraw(false);
  scheme.addEventListener("change", redraw);
  return {
    setData: (data) => {
      shown = data;
      chart.setData(data);
    },
    fit: () => chart.setSize({ width: Math.max(200, box.clientWidth), height: heightPx }),
    remove: () => {
      scheme.removeEventListener("change", redraw);
      chart.destroy();
    },
  };
}

/** The text colour of a class in the present theme. A custom property would give `light-dark(…)` unresolved. */
function colourOf(box: HTMLElement, name: string): string {
  const probe = document.createElement("i");
  probe.className = name;
  box.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
