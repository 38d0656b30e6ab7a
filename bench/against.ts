// Compares the whole flow of this checkout with that of another checkout, in interleaved rounds of one run. Both
// checkouts use their own bench, so the other checkout must contain bench/stack.ts and its dependencies.
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { rowsOf, WORK, workCalls } from "./counts.ts";
import type { BenchData } from "./data.ts";
import { median } from "./parse-step.ts";
import { figure, type Figure, type Section } from "./report.ts";
import { measureRun, type Measured, type Scenario } from "./stack.ts";

const SCENARIOS: Scenario[] = [
  { name: "receiver 0–50 ms", latencyMs: [0, 50] },
  { name: "receiver 400 ms", latencyMs: 400 },
];

/** What is compared, for one measured run. `more` is the better direction. */
const COMPARED: { name: string; unit: string; of: (measured: Measured) => number; more: boolean }[] = [
  { name: "lines/s, POST /runs to the last answer", unit: "lines/s", of: wholeRate, more: true },
  { name: "lines/s, first request to the last answer", unit: "lines/s", of: sendingRate, more: true },
  { name: "time from POST /runs to the first request", unit: "s", of: firstRequest, more: false },
  { name: "CPU of the runtime", unit: "µs/line", of: cpuPerLine, more: false },
  { name: "Durable Object RPCs of parsers and senders", unit: "per batch", of: callsPerBatch, more: false },
  { name: "rows written by parsers and senders", unit: "per batch", of: rowsPerBatch, more: false },
];

/** `other`: the path of the other checkout. `rounds`: how often each side runs, for each receiver. */
export async function againstSections(other: string, data: BenchData, rounds: number): Promise<Section[]> {
  const stack = pathToFileURL(join(resolve(other), "bench/stack.ts")).href;
  const theirs = (await import(stack)) as { measureRun: typeof measureRun };
  const sections: Section[] = [];
  for (const scenario of SCENARIOS) {
    const [here, there]: [Measured[], Measured[]] = [[], []];
    for (let round = 0; round < rounds; round += 1) {
      here.push(await measureRun(data, scenario));
      there.push(await theirs.measureRun(data, scenario));
    }
    const title = `this checkout against ${other}, ${scenario.name}, medians of ${rounds} interleaved rounds`;
    sections.push({ title, figures: COMPARED.flatMap((one) => figuresOf(one, here, there)) });
  }
  return sections;
}

function figuresOf(
  { name, unit, of, more }: (typeof COMPARED)[number],
  here: readonly Measured[],
  there: readonly Measured[],
): Figure[] {
  const ratios = here.map((measured, round) => of(measured) / of(there[round]!));
  return [
    figure(`${name}: ratio`, median(ratios), more ? "more is better" : "less is better"),
    figure(`${name}: here`, median(here.map(of)), unit),
    figure(`${name}: there`, median(there.map(of)), unit),
  ];
}

function wholeRate({ lines, wholeSeconds }: Measured): number {
  return lines / wholeSeconds;
}

function sendingRate({ lines, sendingSeconds }: Measured): number {
  return lines / sendingSeconds;
}

function firstRequest({ wholeSeconds, sendingSeconds }: Measured): number {
  return wholeSeconds - sendingSeconds;
}

function cpuPerLine({ cpuMs, lines }: Measured): number {
  return (cpuMs * 1_000) / lines;
}

function callsPerBatch({ counts, batches }: Measured): number {
  return workCalls(counts) / batches;
}

function rowsPerBatch({ counts, batches }: Measured): number {
  return rowsOf(counts, WORK).written / batches;
}
