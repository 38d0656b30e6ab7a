// Computes what a billion delivered lines cost, from measured counts of operations and public prices. The CPU time is
// an upper bound, because it includes the local emulators.
import { MILLION, OBJECT_GB, OPERATIONS_PER_MESSAGE, PRICE } from "../src/contract/prices.ts";
import { figure, type Section } from "./report.ts";
import type { Measured } from "./stack.ts";
import { callsOf, classA, fixedOperations, rowsOf, sum, WORK, workCalls } from "./counts.ts";
import { CLASS_B, type Counts } from "./worker/counters.ts";

const LINES = 1e9;
/** The assumed speed of the run, in lines per second. The run's Durable Object is awake, and is billed, until all
 * lines are sent at this speed. */
const LINES_PER_SECOND = 10_000;
const GZIP_BYTES_PER_LINE = 145;
/** For how many days packs are stored. A pack is deleted two hours after the end of its run, so one day is assumed. */
const DAYS_STORED = 1;

/** How many billed operations of each kind a run made. */
interface Operations {
  workerRequests: number;
  queueOperations: number;
  objectRequests: number;
  rowsWritten: number;
  rowsRead: number;
  classA: number;
  classB: number;
}

/** Returns two sections: the cost of a billion lines, and the cost that every run has whatever its size. */
export function costSections(measured: Measured): Section[] {
  const { counts, lines, cpuMs } = measured;
  const { work, fixed } = operationsOf(counts);
  const perBillion = (count: number): number => (count / lines) * LINES;
  const seconds = LINES / LINES_PER_SECOND;
  const storedGb = (LINES * GZIP_BYTES_PER_LINE) / 1e9;
  const items: [name: string, dollars: number][] = [
    ["Workers CPU", (perBillion(cpuMs) * PRICE.workerCpuMs) / MILLION],
    ...pieces(work).map(([name, one]): [string, number] => [name, perBillion(one)]),
    [
      `Durable Objects, duration at ${LINES_PER_SECOND} lines/s`,
      (seconds * OBJECT_GB * PRICE.objectGbSeconds) / MILLION,
    ],
    ["R2 storage of packs for a day", (storedGb * PRICE.gbMonth * DAYS_STORED) / 30],
  ];
  return [
    {
      title: "cost of 1,000,000,000 delivered lines at these counts",
      figures: [...items, ["all of it", total(items)] as const].map(([name, one]) =>
        figure(name, one, "US$"),
      ),
    },
    {
      title: "fixed cost of a run (listing, report, status, registry, clock)",
      figures: [figure("all of it", total(pieces(fixed)) * 1_000, "US$ per 1,000 runs")],
    },
  ];
}

function total(items: [name: string, dollars: number][]): number {
  return items.reduce((all, [, one]) => all + one, 0);
}

function pieces(count: Operations): [name: string, dollars: number][] {
  const named: [name: string, count: number, price: number][] = [
    // One invocation of the send consumer sends batches for a minute. One invocation of the parse consumer parses one
    // file.
    ["Workers requests", count.workerRequests, PRICE.workerRequests],
    ["Queues", count.queueOperations, PRICE.queueOperations],
    ["Durable Objects, requests", count.objectRequests, PRICE.objectRequests],
    ["Durable Objects, rows written", count.rowsWritten, PRICE.rowsWritten],
    ["Durable Objects, rows read", count.rowsRead, PRICE.rowsRead],
    ["R2 class A", count.classA, PRICE.classA],
    ["R2 class B", count.classB, PRICE.classB],
  ];
  return named.map(([name, n, price]) => [name, (n * price) / MILLION]);
}

function operationsOf(counts: Counts): { work: Operations; fixed: Operations } {
  const messages = sum(counts.messages, Object.keys(counts.messages));
  const rows = rowsOf(counts, WORK);
  const allRows = rowsOf(counts, Object.keys(counts.rows));
  const calls = workCalls(counts);
  const fixedA = fixedOperations(counts);
  return {
    work: {
      workerRequests: messages,
      queueOperations: messages * OPERATIONS_PER_MESSAGE,
      objectRequests: calls,
      rowsWritten: rows.written,
      rowsRead: rows.read,
      classA: classA(counts) - fixedA,
      classB: sum(counts.r2, CLASS_B),
    },
    fixed: {
      workerRequests: 0,
      queueOperations: 0,
      objectRequests: callsOf(counts) - calls,
      rowsWritten: allRows.written - rows.written,
      rowsRead: allRows.read - rows.read,
      classA: fixedA,
      classB: 0,
    },
  };
}
