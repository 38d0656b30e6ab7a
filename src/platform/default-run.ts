// The run that POST /runs makes of a body without options. Callers inside this Worker begin with it, so that they share
// its defaults. Does no I/O.
import { MAX_IN_FLIGHT } from "../contract/limits.ts";
import type { LineFormat } from "../contract/line-formats.ts";
import { CURRENT_PARSE_VERSION, type ParseSpec } from "../contract/parse-spec.ts";
import type { WantedRun } from "../contract/registry.ts";
import { FORMATS } from "../pipeline/transform/formats/formats.ts";
import type { Config } from "./config.ts";
import { BATCH_SIZE_RANGE } from "./ranges.ts";

/** A batch ends before its uncompressed size would exceed this number of bytes. A batch of 1,000 lines of 4 KB fits. */
export const MAX_BATCH_BYTES = 4_194_304;
export const FORMAT_VERSION = "cf_vod_v3.0";
const BATCHES_PER_SECOND = 5;

/** The size at which the cap allows five batches per second. A batch is sent whole, so larger batches would use a
 * small cap badly and leave no room to slow down. A low cap reduces the batch size of the var, but never a size
 * in the request. */
export function defaultBatchLines(config: Config, maxLinesPerSecond: number): number {
  const fifth = Math.floor(maxLinesPerSecond / BATCHES_PER_SECOND);
  return Math.min(config.batchSize, Math.max(BATCH_SIZE_RANGE.min, fifth));
}

/** The format of a run, with the constants that its lines contain, or the record that its receiver gets instead. It
 * never changes after the start of the run, so no deployment changes the lines of the run. */
export function frozenFormat(
  { formatFields, receivers: { http } }: Config,
  format: LineFormat,
): Pick<ParseSpec, "format" | "formatFields" | "record"> {
  if (http !== null && http.record !== null) return { record: http.record };
  const { constants } = FORMATS[format];
  const own = Object.entries(formatFields).filter(([field]) => constants.includes(Number(field)));
  return { format, ...(own.length > 0 && { formatFields: Object.fromEntries(own) }) };
}

/** The receiver of a run, and how the run sends to a receiver of the kind `http`. Frozen with the run. */
export function frozenReceiver({
  receiverName,
  receivers: { http },
}: Config): Pick<WantedRun, "receiver" | "http"> {
  return {
    ...(receiverName !== null && { receiver: receiverName }),
    ...(http !== null && { http: http.sending }),
  };
}

export interface Asked {
  startMs: number;
  endMs: number;
  actor: string;
  note: string | null;
  maxLinesPerSecond: number;
}

/** A run over [startMs, endMs). */
export function defaultRun(
  config: Config,
  { startMs, endMs, actor, note, maxLinesPerSecond }: Asked,
): WantedRun {
  return {
    actor,
    note,
    parse: {
      startMs,
      endMs,
      endExclusive: true,
      batchLines: defaultBatchLines(config, maxLinesPerSecond),
      maxBatchBytes: MAX_BATCH_BYTES,
      gzipLevel: config.gzipLevel,
      formatVersion: FORMAT_VERSION,
      ...frozenFormat(config, config.lineFormat),
      topLevelParentRayIds: ["00"],
      dedupe: "off",
      onCorrupt: "fail",
      maxLineBytes: config.maxLineBytes,
      parseVersion: CURRENT_PARSE_VERSION,
      maxSuspectRatio: config.maxSuspectRatio,
    },
    rate: config.rate,
    maxLinesPerSecond,
    logPrefix: config.logPrefix,
    livePrefix: config.livePrefix,
    folders: [],
    lateMarginMs: config.lateMarginMs,
    lookbackMs: config.lookbackMs,
    singleStampSpanMs: config.singleStampSpanMs,
    cleanupGraceMs: config.cleanupGraceMs,
    onUncertain: "resend",
    onRefused: "keep",
    refusalIsAtomic: false,
    canary: null,
    replay: false,
    continueOf: null,
    resendInherited: false,
    maxRequestsPerSecond: null,
    maxBytesPerSecond: null,
    maxInFlight: MAX_IN_FLIGHT,
    polite: false,
    sendBetween: null,
    dailyLines: null,
    ...frozenReceiver(config),
  };
}
