// Reads the flags of `npm run generate` about the simulated live worker.
import { instantFlag, UsageError, wholeNumberFlag } from "../command-line.ts";
import type { LiveOptions, Span } from "./live-plan.ts";

export const LIVE_USAGE = `
  --live            also leaves what a live worker leaves in the bucket: a marker for each accepted batch. Slices
                    of the window are then exact. All flags below need it
  --live-truth FILE what was delivered of each record, and what coverage should say (default DIR.live.ndjson)
  --live-batch-size N  records in a batch of the live worker (default 1000)     --live-prefix P  default processed/
  --hole START/END  delivers nothing of the files that overlap this span; repeatable
  --partial         delivers the first batches of a hole's first file, and the last batches of its last file
  --hole-lines N[,N...]  lines of these files, those next to a hole, and those with a gap, in turn
                    (default: two and a half batches of the live worker; three; three and one line)
  --waiting N       N files whose last batch still waits          --gaps N        N files without a middle batch
  --expired-before ISO  no markers of files that ended until then
  --lost START/END  no raw files there; repeatable                --thin START/END  one raw file in five minutes
  --hyphen-pairs N  N files with a twin that differs after a "-" and is not delivered
  --same-safe-key   adds a raw file with another one's safe key   --foreign  adds keys that are no markers`;

export const LIVE_FLAGS = {
  live: { type: "boolean" },
  "live-truth": { type: "string" },
  "live-batch-size": { type: "string" },
  "live-prefix": { type: "string" },
  hole: { type: "string", multiple: true },
  partial: { type: "boolean" },
  "hole-lines": { type: "string" },
  waiting: { type: "string" },
  gaps: { type: "string" },
  "expired-before": { type: "string" },
  lost: { type: "string", multiple: true },
  thin: { type: "string", multiple: true },
  "hyphen-pairs": { type: "string" },
  "same-safe-key": { type: "boolean" },
  foreign: { type: "boolean" },
} as const;

type Values = {
  [F in keyof typeof LIVE_FLAGS]?: (typeof LIVE_FLAGS)[F] extends { multiple: true }
    ? string[] | undefined
    : (typeof LIVE_FLAGS)[F] extends { type: "boolean" }
      ? boolean | undefined
      : string | undefined;
};

/** The options of the live worker. Null without --live. */
export function readLiveOptions(values: Values): LiveOptions | null {
  if (!values.live) {
    const flags = Object.keys(LIVE_FLAGS) as (keyof typeof LIVE_FLAGS)[];
    const given = flags.find((flag) => values[flag] !== undefined);
    if (given !== undefined) throw new UsageError(`--${given} needs --live`);
    return null;
  }
  const prefix = values["live-prefix"] ?? "processed/";
  if (!/^(?!\.{0,2}\/)(?!.*\/\.{0,2}\/).+\/$/.test(prefix)) {
    throw new UsageError(`--live-prefix must be folders that end in "/", not "${prefix}"`);
  }
  const number = (flag: keyof Values, min: number) => {
    const text = values[flag];
    return typeof text === "string" ? wholeNumberFlag(`--${flag}`, text, min) : undefined;
  };
  const given = {
    truthPath: values["live-truth"],
    batchSize: number("live-batch-size", 1),
    prefix,
    holes: spans("--hole", values.hole),
    partial: values.partial,
    holeLines: values["hole-lines"]?.split(",").map((text) => wholeNumberFlag("--hole-lines", text, 1)),
    waiting: number("waiting", 0),
    gaps: number("gaps", 0),
    expiredBefore:
      values["expired-before"] === undefined
        ? undefined
        : instantFlag("--expired-before", values["expired-before"]) / 1_000,
    lost: spans("--lost", values.lost),
    thin: spans("--thin", values.thin),
    hyphenPairs: number("hyphen-pairs", 0),
    sameSafeKey: values["same-safe-key"],
    foreign: values.foreign,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function spans(flag: string, texts: string[] | undefined): Span[] | undefined {
  return texts?.map((text) => {
    const [start, end, more] = text.split("/");
    if (end === undefined || more !== undefined) {
      throw new UsageError(`${flag} needs START/END, two instants, not "${text}"`);
    }
    const span = { from: instantFlag(flag, start) / 1_000, to: instantFlag(flag, end) / 1_000 };
    if (span.from >= span.to) throw new UsageError(`${flag} "${text}" ends before it begins`);
    return span;
  });
}
