// Makes one run from its start to its delivery, and compares three accounts of the run. Prints what happens.
import type { Receiver } from "../receiver/server.ts";
import type { FileTruth } from "../generate/truth.ts";
import type { LiveMode } from "../../src/contract/live.ts";
import type { ApiClient } from "./api-client.ts";
import { compare, tableOf } from "./compare.ts";
import { Progress } from "./progress.ts";
import { recount } from "./recount.ts";

export interface ReplayInput {
  logsDir: string;
  startMs: number;
  endMs: number;
  files: FileTruth[];
}

/** The number of lines that the log directory contains for the window, counted independently of src/. */
export async function recounted({
  logsDir,
  startMs,
  endMs,
}: Omit<ReplayInput, "files">): Promise<FileTruth[]> {
  return collected(recount(logsDir, startMs, endMs, reportUnreadable));
}

/** Reports a file that this recount cannot read. The run finds the same problem and asks for attention. The problem
 * is then a result of the run, so the demo continues. */
function reportUnreadable(key: string, error: unknown): void {
  console.log(`${key} cannot be read: ${String(error)}`);
}

/** Returns true when the three accounts agree. */
export async function replay(
  input: ReplayInput,
  api: ApiClient,
  receiver: Receiver,
  limitMs: number,
  options: { live?: LiveMode } = {},
): Promise<boolean> {
  const window = { start: iso(input.startMs), end: iso(input.endMs) };
  const run = await api.startRun({ ...window, ...options, note: "demo" });
  console.log(`run ${run.id}`);
  const progress = new Progress();
  const began = performance.now();
  const status = await api
    .waitUntilDelivered(run.id, limitMs, (now) => progress.show(now))
    .finally(() => progress.end());
  const seconds = (performance.now() - began) / 1_000;
  const stats = receiver.stats();
  console.log(
    `${status.summary}\n${Math.round(stats.lines_accepted / seconds)} lines/s over ${seconds.toFixed(1)} s\n`,
  );
  const comparison = compare(await filesOfRun(input, api, run.id), status, {
    stats,
    rayIds: receiver.tally.rayIds,
  });
  console.log(tableOf(comparison));
  for (const violation of stats.first_violations) console.log(violation);
  console.log(comparison.agrees ? "\nThe three accounts agree." : "\nThe three accounts do NOT agree.");
  return comparison.agrees;
}

/** The expected result of the files that are compared. A file that the run did not take is compared only if it
 * contains records of the window. */
async function filesOfRun(input: ReplayInput, api: ApiClient, runId: string): Promise<FileTruth[]> {
  const taken = new Set(await api.fileKeys(runId));
  return input.files.filter((file) => taken.has(file.key) || file.kept > 0);
}

export async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

function iso(ms: number): string {
  return new Date(ms).toISOString().replace(".000Z", "Z");
}
