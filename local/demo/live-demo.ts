// `npm run demo -- --live`: finds the hole that a live worker left. Compares coverage with the truth.
import type { ApiClient } from "./api-client.ts";
import { coverageDifferences, holeText } from "./live-compare.ts";
import type { LiveSample } from "./live-sample.ts";

const CELLS_PER_HOUR = 12;

/** Returns true when coverage shows exactly what the live worker left out. */
export async function findHole({ truth }: LiveSample, api: ApiClient, limitMs: number): Promise<boolean> {
  const coverage = await api.coverage({ start: truth.start, end: truth.end }, limitMs);
  console.log("\ncoverage, one letter for 5 minutes (d: delivered, p: in part, n: not delivered)");
  for (const line of hoursOf(truth.start, coverage.states)) console.log(line);
  for (const hole of coverage.holes) console.log(holeText(hole));
  const differences = coverageDifferences(coverage, truth);
  for (const difference of differences) console.log(`✗ ${difference}`);
  const agrees = differences.length === 0;
  console.log(agrees ? "\nCoverage agrees with the truth." : "\nCoverage does NOT agree with the truth.");
  return agrees;
}

function hoursOf(start: string, states: string): string[] {
  const first = Date.parse(start);
  return Array.from({ length: Math.ceil(states.length / CELLS_PER_HOUR) }, (_, hour) => {
    const at = new Date(first + hour * 3_600_000).toISOString().slice(0, 16);
    return `  ${at}Z  ${states.slice(hour * CELLS_PER_HOUR, (hour + 1) * CELLS_PER_HOUR)}`;
  });
}
