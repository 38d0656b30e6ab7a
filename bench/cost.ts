// Measured operation counts × public prices = what a billion delivered lines cost. Owns the prices; the runtime's CPU is
// taken whole, emulators included, so the CPU's line is an upper bound.
import { figure, type Section } from "./report.ts";
import type { Measured } from "./stack.ts";
import { CLASS_A, CLASS_B } from "./worker/counters.ts";

/** US dollars, per million unless it says otherwise, beyond what the paid plan includes. November 2026. */
const PRICE = {
  workerRequests: 0.3,
  workerCpuMs: 0.02,
  queueOperations: 0.4,
  objectRequests: 0.15,
  objectGbSeconds: 12.5,
  rowsWritten: 1,
  rowsRead: 0.001,
  classA: 4.5,
  classB: 0.36,
  gbMonth: 0.015,
};
const MILLION = 1e6;
const LINES = 1e9;
/** A message is written, read and deleted. */
const OPERATIONS_PER_MESSAGE = 3;
/** An object is billed for 128 MB, whatever it uses. */
const OBJECT_GB = 0.128;
/** Lines a second at which the run is assumed to be sent: how long its object is awake. */
const LINES_PER_SECOND = 10_000;
const GZIP_BYTES_PER_LINE = 145;
/** Packs are kept two hours after the end of a run; with the run itself, a day. */
const DAYS_STORED = 1;

function sum(record: Record<string, number>, names: readonly string[] = Object.keys(record)): number {
  return names.reduce((total, name) => total + (record[name] ?? 0), 0);
}

export function costSection(measured: Measured): Section {
  const { counts, lines, cpuMs } = measured;
  const perBillion = (count: number): number => (count / lines) * LINES;
  const dollars = (count: number, price: number): number => (perBillion(count) * price) / MILLION;
  const messages = sum(counts.messages);
  const calls = sum(counts.calls);
  const rows = Object.values(counts.rows);
  const written = rows.reduce((total, one) => total + one.rowsWritten, 0);
  const read = rows.reduce((total, one) => total + one.rowsRead, 0);
  const seconds = LINES / LINES_PER_SECOND;
  const storedGb = (LINES * GZIP_BYTES_PER_LINE) / 1e9;
  const items: [name: string, dollars: number][] = [
    ["Workers CPU", dollars(cpuMs, PRICE.workerCpuMs)],
    // an invocation of the send consumer claims for a minute; one parse for each file
    ["Workers requests", dollars(messages, PRICE.workerRequests)],
    ["Queues", dollars(messages * OPERATIONS_PER_MESSAGE, PRICE.queueOperations)],
    ["Durable Objects, requests", dollars(calls, PRICE.objectRequests)],
    [
      `Durable Objects, duration at ${LINES_PER_SECOND} lines/s`,
      (seconds * OBJECT_GB * PRICE.objectGbSeconds) / MILLION,
    ],
    ["Durable Objects, rows written", dollars(written, PRICE.rowsWritten)],
    ["Durable Objects, rows read", dollars(read, PRICE.rowsRead)],
    ["R2 class A", dollars(sum(counts.r2, CLASS_A), PRICE.classA)],
    ["R2 class B", dollars(sum(counts.r2, CLASS_B), PRICE.classB)],
    ["R2 storage of packs for a day", (storedGb * PRICE.gbMonth * DAYS_STORED) / 30],
  ];
  const total = items.reduce((all, [, one]) => all + one, 0);
  return {
    title:
      "cost of 1,000,000,000 delivered lines at these counts (the run's own listing and report included)",
    figures: [...items, ["all of it", total] as const].map(([name, one]) => figure(name, one, "US$")),
  };
}
