// `npm run demo -- --live`: finds the hole that a live worker left, and sends only what is missing. Compares
// coverage with the expected result, and the receiver's RayIDs with those that the live worker did not deliver.
import type { Receiver } from "../receiver/server.ts";
import type { ApiClient } from "./api-client.ts";
import { complementOf, coverageDifferences, holeText, sentAgain, windowAround } from "./live-compare.ts";
import type { LiveSample } from "./live-sample.ts";
import { recounted, replay } from "./replay.ts";

const CELLS_PER_HOUR = 12;

/** Returns true when coverage is right, and exactly the missing records arrived. */
export async function findAndReplay(
  { logsDir, truth }: LiveSample,
  api: ApiClient,
  receiver: Receiver,
  limitMs: number,
): Promise<boolean> {
  const coverage = await api.coverage({ start: truth.start, end: truth.end }, limitMs);
  console.log("\ncoverage, one letter for 5 minutes (d: delivered, p: in part, n: not delivered)");
  for (const line of hoursOf(truth.start, coverage.states)) console.log(line);
  for (const hole of coverage.holes) console.log(holeText(hole));
  const differences = coverageDifferences(coverage, truth);
  for (const difference of differences) console.log(`✗ ${difference}`);
  const [hole] = coverage.holes;
  if (hole === undefined) return false;

  const window = windowAround(hole);
  const { raw, live, lines } = await api.plan({ ...window, live: "skip_delivered" }, limitMs);
  const { not_delivered: none = 0, partly = 0, delivered = 0 } = live?.files ?? {};
  console.log(
    `plan: ${raw.files} files, ${none} not delivered, ${partly} in part, ${delivered} delivered; ` +
      `at most ${lines.high} lines`,
  );
  console.log(`\nreplaying ${window.start} to ${window.end}, only what the live worker did not deliver`);
  const span = { logsDir, startMs: Date.parse(window.start), endMs: Date.parse(window.end) };
  const files = complementOf(await recounted(span), truth);
  const agrees = await replay({ ...span, files }, api, receiver, limitMs, { live: "skip_delivered" });
  const again = sentAgain(truth, receiver.tally.rayIds).length;
  console.log(`${again} records arrived that the live worker had delivered.`);
  return differences.length === 0 && agrees && again === 0;
}

function hoursOf(start: string, states: string): string[] {
  const first = Date.parse(start);
  return Array.from({ length: Math.ceil(states.length / CELLS_PER_HOUR) }, (_, hour) => {
    const at = new Date(first + hour * 3_600_000).toISOString().slice(0, 16);
    return `  ${at}Z  ${states.slice(hour * CELLS_PER_HOUR, (hour + 1) * CELLS_PER_HOUR)}`;
  });
}
