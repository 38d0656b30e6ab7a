// Prints the measured figures as one table, with ratios first. Also contains the target of each figure, and the
// text for it. Other files measure the figures.
import type { Measured } from "./stack.ts";
import { HALF_LIVE, SHIPPED, WITH_LIVE, median, type ParseFigure } from "./parse-step.ts";
import { callsOf, classA, fixedOperations, rowsOf, sum, WORK, workCalls } from "./counts.ts";
import { CLASS_B } from "./worker/counters.ts";

export interface Figure {
  name: string;
  value: number;
  unit: string;
  /** "≤ 0.60" and similar. Null: the figure has no target. */
  target: string | null;
}

export interface Section {
  title: string;
  figures: Figure[];
}

export function figure(name: string, value: number, unit: string, target: string | null = null): Figure {
  return { name, value, unit, target };
}

function isMet({ value, target }: Figure): boolean | null {
  const [, sign, bound] = /^([≤≥]) ([\d.,]+)$/.exec(target ?? "") ?? [];
  if (sign === undefined || bound === undefined) return null;
  const limit = Number(bound.replaceAll(",", ""));
  return sign === "≤" ? value <= limit : value >= limit;
}

const PARSE_TARGETS: Record<string, string> = {
  "ours, gzip 6": "≤ 0.60",
  [SHIPPED]: "≤ 0.52",
};

export function parseSection(figures: readonly ParseFigure[], rounds: number): Section {
  return {
    title: `parse step on the embedded runtime, CPU of one file, medians of ${rounds} interleaved rounds`,
    figures: [
      ...figures.map(({ name, ratio }) =>
        figure(name, ratio, "of straightforward", PARSE_TARGETS[name] ?? null),
      ),
      ...figures.map(({ name, cpuSeconds }) => figure(name, cpuSeconds, "CPU s")),
      figure(WITH_LIVE, ratioOf(figures, WITH_LIVE, SHIPPED), "of as shipped", "≤ 1.05"),
      figure(HALF_LIVE, ratioOf(figures, HALF_LIVE, SHIPPED), "of as shipped", "≤ 1.05"),
    ],
  };
}

/** Compares the medians over the rounds, because figures differ more between rounds than within a round. */
function ratioOf(figures: readonly ParseFigure[], name: string, other: string): number {
  const rounds = (one: string): number[] => figures.find(({ name: found }) => found === one)?.rounds ?? [];
  const others = rounds(other);
  return median(rounds(name).map((ms, round) => ms / (others[round] ?? NaN)));
}

export function flowSection(measured: Measured, leastLinesPerSecond: number): Section {
  const { name, lines, batches, counts } = measured;
  const each = (value: number): number => value / batches;
  const perRun = fixedOperations(counts);
  const rows = rowsOf(counts, WORK);
  const all = rowsOf(counts, Object.keys(counts.rows));
  const calls = callsOf(counts);
  const work = workCalls(counts);
  return {
    title: `whole flow, ${name}: ${measured.files} files, ${batches} batches, ${lines} lines delivered`,
    figures: [
      figure(
        "lines/s, POST /runs to the last answer",
        lines / measured.wholeSeconds,
        "lines/s",
        `≥ ${leastLinesPerSecond}`,
      ),
      figure("lines/s, first request to the last answer", lines / measured.sendingSeconds, "lines/s"),
      figure("CPU of the runtime", (measured.cpuMs * 1_000) / lines, "µs/line", "≤ 65"),
      figure("peak RSS above idle", measured.peakMiB - measured.idleMiB, "MiB"),
      figure("idle RSS", measured.idleMiB, "MiB"),
      figure("R2 class A, packs", each(classA(counts) - perRun), "per batch", "≤ 0.1"),
      figure("R2 class B", each(sum(counts.r2, CLASS_B)), "per batch", "≤ 1.1"),
      figure("R2 class A of the run itself (listing, report)", perRun, "per run"),
      figure("queue messages, parse", (counts.messages["parse"] ?? 0) / measured.files, "per file"),
      figure("queue messages, send", each(counts.messages["send"] ?? 0), "per batch"),
      figure("Durable Object RPCs of parsers and senders", each(work), "per batch", "≤ 0.6"),
      figure("other Durable Object RPCs (status, registry, alarms)", calls - work, "per run"),
      figure("rows written by parsers and senders", each(rows.written), "per batch", "≤ 3.6"),
      figure("rows read by parsers and senders", each(rows.read), "per batch"),
      figure("other rows written (listing, stages, registry)", all.written - rows.written, "per run"),
    ],
  };
}

/** How many requests arrived less than a second after more lines than the cap allows with them. */
function aboveCap({ arrivals }: Measured, cap: number): number {
  return arrivals.filter(({ at }) => {
    const second = arrivals.filter((one) => one.at > at - 1_000 && one.at <= at);
    return second.reduce((lines, one) => lines + one.lines, 0) > cap;
  }).length;
}

export function capSection(measured: Measured, cap: number): Section {
  return {
    title: `use of the cap of ${cap} lines/s, PACE_JITTER_MS 50, receiver ${measured.name}`,
    figures: [
      figure("requests as they arrive", measured.arrivalRate / cap, "of the cap", "≥ 0.9"),
      figure("requests as they arrive", measured.arrivalRate, "lines/s"),
      figure("busiest second at the receiver", measured.peakLinesPerSecond / cap, "of the cap", "≤ 1"),
      figure(`requests whose last second was above the cap, of ${measured.arrivals.length}`, aboveCap(measured, cap), ""), // prettier-ignore
      figure(
        "whole run: listing, parsing, last answer",
        measured.lines / measured.wholeSeconds / cap,
        "of the cap",
      ),
    ],
  };
}

export function table({ title, figures }: Section): string {
  const rows = figures.map((one) => {
    const met = isMet(one);
    return [
      one.name,
      shown(one.value),
      one.unit,
      one.target ?? "",
      met === null ? "" : met ? "ok" : "MISSED",
    ];
  });
  const widths = [0, 1, 2, 3, 4].map((n) => Math.max(...rows.map((row) => row[n]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, n) => (n === 1 ? cell.padStart(widths[n]!) : cell.padEnd(widths[n]!)))
      .join("  ")
      .trimEnd(),
  );
  return [title, ...lines.map((line) => `  ${line}`)].join("\n");
}

function shown(value: number): string {
  if (!Number.isFinite(value)) return "-";
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString("en-US");
  return value.toFixed(Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 3);
}
