// The options of a run as command-line flags, and the request fields that they set. `plan`, `start`, `queue add` and
// `cap` use them.
import type { Option } from "commander";
import { UsageFault } from "../faults.ts";
import { choiceFlag, flag, listFlag, numberFlag } from "../program/commands.ts";
import type { Session } from "../session.ts";
import { parseSendRange, type SendRangeText } from "../text/send-between.ts";

export interface WindowOptions {
  start?: string;
  end?: string;
  exclusive?: boolean;
}

export const WINDOW_OPTIONS: readonly Option[] = [
  flag("--start <TIME>", "the first instant of the window"),
  flag("--end <TIME>", "the last instant of the window"),
  flag("--exclusive", "the instant of --end is outside the window"),
];

export interface RunOptions {
  receiver?: string;
  cap?: number;
  batchSize?: number;
  rate?: string;
  requestsPerSecond?: number;
  bytesPerSecond?: number;
  inFlight?: number;
  polite?: boolean;
  sendBetween?: string[];
  dailyLines?: number;
  topLevelRay?: string[];
  onCorrupt?: string;
  suspectRatio?: string;
  dedupe?: string;
  format?: string;
  live?: string;
  liveBatchSize?: number;
  liveWaiting?: string;
  folder?: string[];
  onUncertain?: string;
  onRefused?: string;
  refusalIsAtomic?: boolean;
  replay?: boolean;
}

/** The flag of commands about one receiver. */
export const RECEIVER = flag("--receiver <NAME>", "the receiver (default: the first receiver)");

export const RUN_OPTIONS: readonly Option[] = [
  RECEIVER,
  numberFlag("--cap <LINES>", "at most so many lines in any one second", 1),
  numberFlag("--batch-size <LINES>", "lines in one POST", 1),
  flag("--rate <FILES>", "files enqueued per minute, or auto"),
  numberFlag("--requests-per-second <N>", "at most so many POSTs in any one second", 1),
  numberFlag("--bytes-per-second <N>", "at most so many compressed bytes in any one second", 1),
  numberFlag("--in-flight <N>", "at most so many POSTs open at once", 1),
  flag("--polite", "begin slowly, and slow down early"),
  listFlag(
    "--send-between <HOURS>",
    'send only in these hours, like "01:00-07:00 Asia/Shanghai mon,tue"; repeatable',
  ),
  numberFlag("--daily-lines <LINES>", "at most so many lines in one day", 1),
  listFlag("--top-level-ray <VALUE>", "a ParentRayID that means top level; null for none; repeatable"),
  choiceFlag("--on-corrupt <WHAT>", "what follows a file that is cut short", ["fail", "salvage"]),
  flag("--suspect-ratio <SHARE>", "the share of records that may fail a check, 0 to 1"),
  choiceFlag("--dedupe <WHERE>", "send only the first record with a RayID", ["off", "file"]),
  flag("--format <NAME>", "the format of the lines, such as edge-3.0-2026-05"),
  choiceFlag("--live <MODE>", "what to do with lines that the live worker delivered", [
    "ignore",
    "skip_delivered",
  ]),
  numberFlag("--live-batch-size <RECORDS>", "records in a batch of the live worker", 1),
  choiceFlag("--live-waiting <WHAT>", "what to do with batches of the live worker without an answer", [
    "hold",
    "send",
  ]),
  listFlag("--folder <NAME>", "also read this folder below LOG_PREFIX; repeatable"),
  choiceFlag("--on-uncertain <WHAT>", "what follows a POST whose answer is lost", ["resend", "hold"]),
  choiceFlag("--on-refused <WHAT>", "what follows a refused batch", ["keep", "split"]),
  flag("--refusal-is-atomic", "the partner takes a batch whole or not at all"),
  flag("--replay", "send lines that another run sent already"),
];

type Fields = Record<string, unknown>;

/** Removes fields without a value. */
export function given(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** The fields of POST /runs without the window. */
export function runFields(options: RunOptions): Fields {
  return given({
    receiver: options.receiver,
    batch_size: options.batchSize,
    top_level_parent_ray_ids: options.topLevelRay?.map(rayValue),
    on_corrupt: options.onCorrupt,
    max_suspect_ratio: options.suspectRatio === undefined ? undefined : share(options.suspectRatio),
    dedupe: options.dedupe,
    format: options.format,
    live: options.live,
    live_batch_size: options.liveBatchSize,
    live_waiting: options.liveWaiting,
    folders: options.folder,
    on_refused: options.onRefused,
    refusal_is_atomic: options.refusalIsAtomic,
    replay: options.replay,
    ...limitFields(options),
  });
}

type LimitOptions = Pick<
  RunOptions,
  | "cap"
  | "rate"
  | "requestsPerSecond"
  | "bytesPerSecond"
  | "inFlight"
  | "polite"
  | "onUncertain"
  | "sendBetween"
  | "dailyLines"
>;

/** The fields that PATCH accepts too. */
export function limitFields(options: LimitOptions): Fields {
  return given({
    max_lines_per_second: options.cap,
    rate: options.rate === undefined ? undefined : filesPerMinute(options.rate),
    max_requests_per_second: options.requestsPerSecond,
    max_bytes_per_second: options.bytesPerSecond,
    max_in_flight: options.inFlight,
    polite: options.polite,
    on_uncertain: options.onUncertain,
    send_between: options.sendBetween?.map(sendRange),
    daily_lines: options.dailyLines,
  });
}

/** @throws UsageFault when the start or the end is missing. */
export function windowFields(session: Session, options: WindowOptions): Fields {
  const { start, end, exclusive } = options;
  if (start === undefined || end === undefined) {
    throw new UsageFault(
      "--start and --end are needed",
      "logpush-backfill coverage --last 24h finds the window",
    );
  }
  return {
    start: session.instant("--start", start),
    end: session.instant("--end", end),
    ...(exclusive && { end_exclusive: true }),
  };
}

export function rayValue(text: string): string | null {
  return text === "null" ? null : text;
}

function filesPerMinute(text: string): number | "auto" {
  if (text === "auto") return text;
  if (/^\d{1,3}$/.test(text)) return Number(text);
  throw new UsageFault(`--rate: expected a number from 1 to 100, or auto, not "${text}"`);
}

function share(text: string): number {
  if (/^(0|1|0?\.\d{1,9}|1\.0+)$/.test(text)) return Number(text);
  throw new UsageFault(`--suspect-ratio: expected a number from 0 to 1, not "${text}"`);
}

export function sendRange(text: string): SendRangeText {
  const range = parseSendRange(text);
  if (range !== null) return range;
  throw new UsageFault(
    `--send-between: expected "01:00-07:00 Asia/Shanghai", with days like " fri,sat", not "${text}"`,
  );
}
