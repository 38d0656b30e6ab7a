// Turns the counts of a reference run into figures. Does no I/O.
import { callsOf, rowsOf, sum, WORK, workCalls } from "../counts.ts";
import { figure, type Figure } from "../report.ts";
import type { CountedSoFar } from "./scenario.ts";
import { LINES_PER_BATCH } from "../scale/fill.ts";
import { MAX_IN_FLIGHT } from "../../src/contract/limits.ts";

export interface Measured extends CountedSoFar {
  cap: number;
  files: number;
  batches: number;
  /** How many real seconds one second of the run took. */
  slow: number;
  /** CPU time of the whole runtime: the Durable Object, the consumers and the emulators. */
  cpuMs: number;
  /** How many invocations of each consumer were made. */
  invocations: { parse: number; send: number };
  /** The load of the machine over the last minute of the run. */
  load: number;
}

/** The first and the last seconds are not part of the slowest ten seconds. */
const EDGE_MS = 10_000;
const SPAN_MS = 10_000;

export function referenceFigures(measured: Measured, isWhole: boolean): Figure[] {
  const { batches, cap, tally } = measured;
  const minutes = (tally.lastReportAt - tally.startedAt) / 60_000;
  return [
    figure("start to the last delivered batch", minutes, "minutes", isWhole ? "≤ 5.5" : null),
    figure("start to the first POST", ((tally.begins[0] ?? NaN) - tally.startedAt) / 1_000, "s"),
    figure("first POST to the last report", sendingRate(measured) / cap, "of the cap"),
    figure("slowest ten seconds", slowest(tally.begins) / cap, "of the cap"),
    figure("busiest second at the receiver", busiestSecond(tally.begins) / cap, "of the cap", "≤ 1"),
    figure(
      "Durable Object calls of parsers and senders",
      workCalls(measured.counts) / batches,
      "per batch",
      "≤ 0.6",
    ),
    figure(
      "rows written by parsers and senders",
      rowsOf(measured.counts, WORK).written / batches,
      "per batch",
      "≤ 3.6",
    ),
    figure("group: reports in a call", tally.reports / tally.reportingCalls, "reports"),
    ...objectFigures(measured),
    ...sendingFigures(measured),
  ];
}

export function ceilingFigures(measured: Measured): Figure[] {
  const { batches, counts } = measured;
  const perCpuSecond = 1_000 / (blockedMs(measured) / batches);
  const calls = workCalls(counts);
  return [
    figure("lines/s, first POST to the last report", sendingRate(measured), "lines/s"),
    figure("lines/s that the object's time allows", perCpuSecond * LINES_PER_BATCH, "lines/s"),
    figure("Durable Object calls of parsers and senders", calls / batches, "per batch"),
    figure(
      "Durable Object calls of parsers and senders",
      calls / (sendingMs(measured) / 1_000),
      "per second",
    ),
    figure("group: reports in a call", measured.tally.reports / measured.tally.reportingCalls, "reports"),
    ...objectFigures(measured),
    ...sendingFigures(measured),
  ];
}

/** The time for which calls blocked the run's Durable Object, without its alarms. */
function objectFigures(measured: Measured): Figure[] {
  const { blocked, tally, batches } = measured;
  const { next } = blocked;
  const longest = Object.entries(blocked).toSorted(([, a], [, b]) => b.longestMs - a.longestMs)[0];
  const [method = "?", { longestMs = NaN } = {}] = longest ?? [];
  return [
    figure("object blocked by next", (next?.totalMs ?? NaN) / tally.reports, "ms per batch"),
    figure("object blocked by next", (next?.totalMs ?? NaN) / (next?.calls ?? NaN), "ms per call"),
    figure("object blocked by all calls", blockedMs(measured) / batches, "ms per batch"),
    figure("object blocked by all calls", blockedMs(measured) / sendingMs(measured), "of the time"),
    figure(`longest call except alarms (${method})`, longestMs, "ms", "≤ 50"),
    figure("other Durable Object calls (clock, status, registry)", callsOf(measured.counts) - workCalls(measured.counts), "per run"), // prettier-ignore
  ];
}

function sendingFigures(measured: Measured): Figure[] {
  const { tally, counts, invocations, cpuMs, load, slow } = measured;
  const leasedMs = tally.leasedMs / tally.reports;
  const inFlight = tally.leasedMs / sendingMs(measured);
  return [
    figure("permit to acknowledged report, mean", leasedMs, "ms"),
    figure("batches in flight, mean", inFlight / MAX_IN_FLIGHT, "of max_in_flight"),
    figure("POST after the start of its permit, mean", tally.lateMs / tally.reports, "ms"),
    figure("renewed permits", sum(counts.calls, ["run.regrant"]), "per run"),
    figure("invocations of senders", invocations.send, "per run"),
    ...Object.entries(tally.answers).map(([name, n]) => figure(`answers "${name}"`, n, "per run")),
    figure("CPU of the whole runtime", cpuMs / sendingMs(measured) / slow, "cores"),
    figure("load of the machine at the end", load, ""),
  ];
}

function blockedMs({ blocked }: Measured): number {
  return Object.values(blocked).reduce((total, { totalMs }) => total + totalMs, 0);
}

function sendingMs({ tally }: Measured): number {
  return tally.lastReportAt - (tally.begins[0] ?? NaN);
}

function sendingRate(measured: Measured): number {
  return (measured.batches * LINES_PER_BATCH * 1_000) / sendingMs(measured);
}

/** The most lines of POSTs that began within any one second. */
function busiestSecond(begins: readonly number[]): number {
  let most = 0;
  let first = 0;
  for (const [n, at] of begins.entries()) {
    while (begins[first]! <= at - 1_000) first += 1;
    most = Math.max(most, n - first + 1);
  }
  return most * LINES_PER_BATCH;
}

/** The lines per second of the slowest ten seconds between the edges of the run. */
function slowest(begins: readonly number[]): number {
  const from = (begins[0] ?? NaN) + EDGE_MS;
  const spans = Math.floor(((begins.at(-1) ?? NaN) - EDGE_MS - from) / SPAN_MS);
  const perSpan = Array.from<number>({ length: Math.max(0, spans) }).fill(0);
  for (const at of begins) {
    const n = Math.floor((at - from) / SPAN_MS);
    if (n >= 0 && n < perSpan.length) perSpan[n] = (perSpan[n] ?? 0) + 1;
  }
  return (Math.min(...perSpan) * LINES_PER_BATCH * 1_000) / SPAN_MS;
}
