// The command that generates sample Logpush logs and the expected result of a run over them (the truth file).
// generate/sample-logs.ts does the work.
// Tests and the demo import the generator from this file.
import {
  endWithParent, flagsOf, instantFlag, readFlags, UsageError, wholeNumberFlag,
} from "./command-line.ts"; // prettier-ignore
import { TIMESTAMP_FORMATS } from "./generate/instant.ts";
import { LIVE_FLAGS, LIVE_USAGE, readLiveOptions } from "./generate/live-flags.ts";
import { LAYOUTS } from "./generate/plan-files.ts";
import type { FileTruth } from "./generate/truth.ts";
import { generateLogs, RECORDS, type SampleLogsOptions } from "./generate/sample-logs.ts";

export { readLiveTruth, type LiveTruth } from "./generate/live-truth.ts";
export { generateLogs, type SampleLogs, type SampleLogsOptions } from "./generate/sample-logs.ts";
export { readTruth, totalOf, type FileTruth } from "./generate/truth.ts";

const USAGE = `usage: npm run generate -- --out DIR --start ISO --end ISO [--files N] [--lines N[,N...]] [--seed N]
  --out DIR         the directory for the raw files, under their R2 keys (logs/...); pass it to the stack as --logs
  --truth FILE      the expected counts, one JSON line per file (default DIR.truth.ndjson)
  --start, --end    the window, both inside, as POST /runs takes them: 2026-04-22T14:00:00Z
  --files N         default 4        --lines N,...   lines of each file; the last repeats (default 10000)
  --seed N          default 1        --format        ${TIMESTAMP_FORMATS.join(" | ")} (default unixnano)
  --layout          ${LAYOUTS.join(" | ")} (default day)
  --top-level P     share of top-level requests (default 0.515)
  --records         ${RECORDS.join(" | ")} (default full): 2.27 KB or a tenth of it
  --invalid P       share of unreadable timestamps (default 0)    --malformed P   share of broken lines (default 0)
  --non-objects P   share of JSON lines that are no JSON objects (default 0)${LIVE_USAGE}`;

function readOptions(args: string[]): SampleLogsOptions {
  const values = readFlags(args, {
    out: { type: "string" },
    truth: { type: "string" },
    start: { type: "string" },
    end: { type: "string" },
    files: { type: "string", default: "4" },
    lines: { type: "string", default: "10000" },
    seed: { type: "string", default: "1" },
    format: { type: "string", default: "unixnano" },
    layout: { type: "string", default: "day" },
    "top-level": { type: "string", default: "0.515" },
    invalid: { type: "string", default: "0" },
    malformed: { type: "string", default: "0" },
    records: { type: "string", default: "full" },
    "non-objects": { type: "string", default: "0" },
    ...LIVE_FLAGS,
  });
  if (!values.out) throw new UsageError("--out is needed");
  const startMs = instantFlag("--start", values.start);
  const endMs = instantFlag("--end", values.end);
  if (startMs >= endMs) throw new UsageError("--end must be later than --start");
  const files = wholeNumberFlag("--files", values.files, 1);
  if (files > (endMs - startMs) / 1_000) throw new UsageError("--files is more than the window has seconds");
  const live = readLiveOptions(values);
  return {
    ...(live === null ? {} : { live, gzipLevel: 1 }),
    outDir: values.out,
    ...(values.truth === undefined ? {} : { truthPath: values.truth }),
    startMs,
    endMs,
    files,
    lines: values.lines.split(",").map((text) => wholeNumberFlag("--lines", text)),
    seed: wholeNumberFlag("--seed", values.seed),
    format: oneOf("--format", TIMESTAMP_FORMATS, values.format),
    layout: oneOf("--layout", LAYOUTS, values.layout),
    topLevelShare: share("--top-level", values["top-level"]),
    invalidTimestampShare: share("--invalid", values.invalid),
    malformedShare: share("--malformed", values.malformed),
    nonObjectShare: share("--non-objects", values["non-objects"]),
    records: oneOf("--records", RECORDS, values.records),
  };
}

function share(flag: string, text: string): number {
  const value = /^\d*\.?\d+$/.test(text) ? Number(text) : NaN;
  if (!(value >= 0 && value <= 1)) throw new UsageError(`${flag} needs a number from 0 to 1, not "${text}"`);
  return value;
}

function oneOf<const T extends string>(flag: string, allowed: readonly T[], text: string): T {
  const value = allowed.find((name) => name === text);
  if (value === undefined) throw new UsageError(`${flag} must be one of ${allowed.join(", ")}`);
  return value;
}

function showFile({ key, lines, kept }: FileTruth): void {
  console.log(`${key}: ${lines} lines, ${kept} kept`);
}

if (import.meta.main) {
  const options = flagsOf({ name: "generate", usage: USAGE }, readOptions);
  endWithParent();
  try {
    const logs = await generateLogs({
      ...options,
      // With a simulated live worker the files are not printed one by one, because there are thousands.
      ...(options.live ? {} : { onFile: showFile }),
    });
    console.log(`${JSON.stringify(logs.total)}\ntruth: ${logs.truthPath}`);
    if (logs.liveTruthPath !== null) console.log(`live truth: ${logs.liveTruthPath}`);
  } catch (error) {
    console.error(`generate: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
