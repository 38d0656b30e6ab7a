// Measures how soon the first batch is sent: from POST /runs to the first request at the receiver, for windows with
// one, two and six files. The result is a multiple of the time that a parser takes for one file while nothing else
// runs.
import type { BenchData } from "./data.ts";
import { median } from "./parse-step.ts";
import { figure, type Section } from "./report.ts";
import { measureRun, type Measured } from "./stack.ts";

const WINDOWS = [1, 2, 6] as const;

/** `dataOf` returns logs with this number of files. */
export async function firstRequestSection(
  dataOf: (files: number) => Promise<BenchData>,
  rounds: number,
): Promise<Section> {
  const seconds = new Map<number, number[]>(WINDOWS.map((files) => [files, []]));
  const parsing: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const files of WINDOWS) {
      const measured = await measureRun(await dataOf(files), { name: `${files} files`, latencyMs: [0, 50] });
      seconds.get(files)?.push(measured.wholeSeconds - measured.sendingSeconds);
      if (files === 1) parsing.push(parseSeconds(measured));
    }
  }
  const alone = median(parsing);
  return {
    title: `time from POST /runs to the first request, medians of ${rounds} interleaved rounds`,
    figures: [
      ...WINDOWS.map((files) => {
        const ratio = median(seconds.get(files) ?? []) / alone;
        return figure(`${files} files of equal size`, ratio, "of parsing one file", "≤ 1.2");
      }),
      ...WINDOWS.map((files) =>
        figure(`${files} files of equal size`, median(seconds.get(files) ?? []), "s"),
      ),
      figure("parsing one file alone, with its upload", alone, "s"),
    ],
  };
}

/** The time that the parser of the only file took, from its own log line. */
function parseSeconds({ log }: Measured): number {
  for (const line of log) {
    const [, ms] = /"event":"file_parsed".*"took_ms":(\d+)/.exec(line) ?? [];
    if (ms !== undefined) return Number(ms) / 1_000;
  }
  throw new Error("no parser logged file_parsed");
}
