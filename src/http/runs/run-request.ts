// Turns the body of POST /runs into the request to the registry. snake_case outside, camelCase inside. Does no I/O.
// Config and `now` are passed in.
import * as v from "valibot";
import { TAKEN_OVER_UNLESS_GIVEN, type TakenOver, type WantedRun } from "../../contract/registry.ts";
import { FIRST_RECEIVER, isReceiverName, shownReceiver } from "../../contract/receivers.ts";
import { isRunId, isoSecond, receiverOf, windowOf } from "../../contract/run-id.ts";
import { LIVE_MODES, LIVE_WAITING_MODES } from "../../contract/live.ts";
import { LINE_FORMATS } from "../../contract/line-formats.ts";
import { MAX_IN_FLIGHT } from "../../contract/limits.ts";
import { ownPrefixes } from "../../contract/own-prefixes.ts";
import type { Config } from "../../platform/config.ts";
import {
  FORMAT_VERSION,
  MAX_BATCH_BYTES,
  defaultBatchLines,
  frozenFormat,
  frozenReceiver,
} from "../../platform/default-run.ts";
import { configFor, hasReceiver, receiverNames } from "../../platform/receiver-config.ts";
import { BATCH_SIZE_RANGE } from "../../platform/ranges.ts";
import {
  BytesPerSecond,
  Canary,
  DailyLines,
  Flag,
  Folders,
  InFlight,
  Instant,
  Note,
  OnUncertain,
  Rate,
  Ratio,
  RayIds,
  ReceiverName,
  RequestsPerSecond,
  RunId,
  Sha256,
  linesPerSecond,
  oneOf,
  wholeNumber,
} from "../requests/fields.ts";
import { CURRENT_PARSE_VERSION } from "../../contract/parse-spec.ts";
import { snakeCase } from "../../platform/snake-case.ts";
import { pointerTo, type FieldError } from "../problems/field-errors.ts";
import type { Refusal } from "../problems/problems.ts";
import { readFields } from "../requests/read-fields.ts";
import { SendBetween } from "../requests/send-between.ts";
import { refuseWindow } from "../requests/window.ts";

export type RunRequestAnswer = { ok: true; wanted: WantedRun } | { ok: false; refusal: Refusal };

/** The largest batch of the live worker, as for the var LIVE_BATCH_SIZE. */
const MAX_LIVE_BATCH = 100_000;

/** Fields that decide which lines exist and in which batches. A continuation and a run made from a plan take them
 * over. */
const TAKEN_OVER = [
  "start", "end", "end_exclusive", "batch_size", "top_level_parent_ray_ids", "on_corrupt", "dedupe", "folders",
  "max_suspect_ratio", "format", "live", "live_batch_size", "live_waiting", "receiver",
]; // prettier-ignore

/** The fields of POST /runs. `config` is for the receiver of the run. */
export function runFields(config: Config) {
  return {
    receiver: v.optional(ReceiverName, FIRST_RECEIVER),
    start: Instant,
    end: Instant,
    end_exclusive: v.optional(Flag, false),
    batch_size: v.optional(wholeNumber(BATCH_SIZE_RANGE.min, BATCH_SIZE_RANGE.max)),
    rate: v.optional(Rate, config.rate),
    max_lines_per_second: v.optional(linesPerSecond(config.maxLinesPerSecond), config.maxLinesPerSecond),
    max_requests_per_second: v.optional(v.nullable(RequestsPerSecond)),
    max_bytes_per_second: v.optional(v.nullable(BytesPerSecond)),
    max_in_flight: v.optional(InFlight, MAX_IN_FLIGHT),
    polite: v.optional(Flag, false),
    send_between: v.optional(v.nullable(SendBetween)),
    daily_lines: v.optional(v.nullable(DailyLines)),
    note: v.optional(Note),
    top_level_parent_ray_ids: v.optional(RayIds, ["00"]),
    on_corrupt: v.optional(oneOf("fail", "salvage"), "fail"),
    on_uncertain: v.optional(OnUncertain, "resend"),
    on_refused: v.optional(oneOf("keep", "split"), "keep"),
    refusal_is_atomic: v.optional(Flag, false),
    dedupe: v.optional(oneOf("off", "file"), "off"),
    folders: v.optional(Folders, []),
    max_suspect_ratio: v.optional(Ratio, config.maxSuspectRatio),
    format: v.optional(oneOf(...LINE_FORMATS), config.lineFormat),
    live: v.optional(oneOf(...LIVE_MODES), "ignore"),
    live_batch_size: v.optional(wholeNumber(1, MAX_LIVE_BATCH)),
    live_waiting: v.optional(oneOf(...LIVE_WAITING_MODES), "hold"),
    canary: v.optional(Canary),
    replay: v.optional(Flag, false),
    continue_of: v.optional(RunId),
    dry_run: v.optional(Flag, false),
    from_plan: v.optional(RunId),
    plan_hash: v.optional(Sha256),
  };
}

/** Reads the body of POST /runs. `deployment` is the configuration for the first receiver. */
export function readRunRequest(
  json: unknown,
  deployment: Config,
  actor: string,
  now: number,
): RunRequestAnswer {
  const { filled, errors } = withEarlierRun(json);
  const chosen = chosenReceiver(filled, json, deployment);
  if (!chosen.ok) return invalid([chosen.error]);
  const { config } = chosen;
  const read = readFields(runFields(config), filled);
  if (!read.ok || errors.length > 0) return invalid([...errors, ...(read.ok ? [] : read.errors)]);
  const body = read.fields;
  const misfits = misfitsOf(body);
  if (misfits.length > 0) return invalid(misfits);

  const window = { startMs: body.start, endMs: body.end, endExclusive: body.end_exclusive };
  const refusal = refuseWindow(window, now);
  if (refusal) return { ok: false, refusal };

  const maxLinesPerSecond = body.max_lines_per_second;
  const batchLines = body.batch_size ?? defaultBatchLines(config, maxLinesPerSecond);
  if (batchLines > maxLinesPerSecond) {
    const detail = `expected at most max_lines_per_second (${maxLinesPerSecond}): a larger batch could never be sent`;
    return invalid([{ pointer: "#/batch_size", detail }]);
  }
  if (body.live === "skip_delivered" && config.receiverName !== null) {
    const detail = `the live worker delivers only to the receiver ${FIRST_RECEIVER}`;
    return invalid([{ pointer: "#/live", detail }]);
  }
  const idle = ["live_batch_size", "live_waiting"].filter((name) => Object.hasOwn(json as object, name));
  if (body.live === "ignore" && idle.length > 0) {
    const detail = 'applies only with "live": "skip_delivered"';
    return invalid(idle.map((name) => ({ pointer: pointerTo([name]), detail })));
  }
  if (config.receivers.http?.record && Object.hasOwn(json as object, "format")) {
    const detail = "applies only to lines of a format, and the receiver gets records";
    return invalid([{ pointer: "#/format", detail }]);
  }
  const batchSize = body.live_batch_size ?? config.liveBatchSize;
  if (body.live === "skip_delivered" && batchSize === null) {
    const detail = "expected the live worker's batch size here or in the var LIVE_BATCH_SIZE";
    return { ok: false, refusal: { code: "live_batch_size_needed", pointer: "#/live_batch_size", detail } };
  }
  const dailyLines = body.daily_lines ?? null;
  // The batch size of a continuation, or of a run from a plan, is not known here. For such runs, the registry
  // checks `daily_lines`.
  const takesOver = body.continue_of !== undefined || body.from_plan !== undefined;
  if (!takesOver && dailyLines !== null && dailyLines < batchLines) {
    const detail = `expected at least batch_size (${batchLines}): a batch could never be sent`;
    return invalid([{ pointer: "#/daily_lines", detail }]);
  }
  const neverInput = [...ownPrefixes(config.livePrefix)];
  const own = body.folders.findIndex((name) =>
    neverInput.some((prefix) => (config.logPrefix + name).startsWith(prefix)),
  );
  if (own !== -1) {
    const detail = `expected a folder outside ${neverInput.join(", ")}`;
    return invalid([{ pointer: `#/folders/${own}`, detail }]);
  }

  const wanted: WantedRun = {
    actor,
    note: body.note ?? null,
    parse: {
      ...window,
      batchLines,
      maxBatchBytes: MAX_BATCH_BYTES,
      gzipLevel: config.gzipLevel,
      formatVersion: FORMAT_VERSION,
      ...frozenFormat(config, body.format),
      topLevelParentRayIds: body.top_level_parent_ray_ids,
      dedupe: body.dedupe,
      onCorrupt: body.on_corrupt,
      maxLineBytes: config.maxLineBytes,
      parseVersion: CURRENT_PARSE_VERSION,
      maxSuspectRatio: body.max_suspect_ratio,
    },
    rate: body.rate,
    maxLinesPerSecond,
    logPrefix: config.logPrefix,
    livePrefix: config.livePrefix,
    folders: body.folders,
    lateMarginMs: config.lateMarginMs,
    lookbackMs: config.lookbackMs,
    singleStampSpanMs: config.singleStampSpanMs,
    cleanupGraceMs: config.cleanupGraceMs,
    onUncertain: body.on_uncertain,
    onRefused: body.on_refused,
    refusalIsAtomic: body.refusal_is_atomic,
    canary: body.canary ?? null,
    replay: body.replay,
    continueOf: body.continue_of ?? null,
    ...(body.continue_of !== undefined && { takeOver: leftOpen(json as object) }),
    // True only when the request itself says "resend". Otherwise a continuation holds the batches that the earlier
    // run left uncertain.
    resendInherited: Object.hasOwn(json as object, "on_uncertain") && body.on_uncertain === "resend",
    maxRequestsPerSecond: body.max_requests_per_second ?? null,
    maxBytesPerSecond: body.max_bytes_per_second ?? null,
    maxInFlight: body.max_in_flight,
    polite: body.polite,
    sendBetween: body.send_between ?? null,
    dailyLines,
    ...frozenReceiver(config),
    ...(body.dry_run && { dryRun: true as const }),
    ...(body.from_plan !== undefined && { plan: { run: body.from_plan, hash: body.plan_hash ?? "" } }),
    ...(body.live === "skip_delivered" &&
      batchSize !== null && {
        live: {
          batchSize,
          prefix: config.livePrefix,
          settleMs: config.coverageSettleMs,
          waiting: body.live_waiting,
        },
      }),
  };
  return { ok: true, wanted };
}

/** The fields that the continued run decides because the request omits them. */
function leftOpen(json: object): TakenOver[] {
  return TAKEN_OVER_UNLESS_GIVEN.filter((name) => !Object.hasOwn(json, snakeCase(name)));
}

/** The errors of fields that exclude each other. */
function misfitsOf(body: {
  dry_run: boolean;
  canary?: number | undefined;
  continue_of?: string | undefined;
  from_plan?: string | undefined;
  plan_hash?: string | undefined;
}): FieldError[] {
  const errors: FieldError[] = [];
  const refuse = (field: keyof typeof body, detail: string): void => {
    if (body[field] !== undefined) errors.push({ pointer: pointerTo([field]), detail });
  };
  if (body.dry_run) {
    refuse("canary", "a dry run sends nothing; leave it out");
    refuse("continue_of", "a dry run counts a whole window; leave it out");
    refuse("from_plan", "a plan is replayed, not counted again; leave it out");
  }
  if (body.from_plan === undefined) refuse("plan_hash", "applies only with from_plan");
  else {
    refuse("continue_of", "a run is made from a plan or continues a run, not both");
    if (body.plan_hash === undefined)
      errors.push({ pointer: "#/plan_hash", detail: "required with from_plan" });
  }
  return errors;
}

/** With `continue_of` or `from_plan` no field of TAKEN_OVER may be given. The window and the receiver come from the earlier
 * run's id. For an invalid id only this error is returned. The registry replaces the placeholders set here with
 * the values of the earlier specification. */
function withEarlierRun(json: unknown): { filled: unknown; errors: FieldError[] } {
  if (json === null || typeof json !== "object") return { filled: json, errors: [] };
  const given = "continue_of" in json ? json.continue_of : "from_plan" in json ? json.from_plan : undefined;
  if (given === undefined) return { filled: json, errors: [] };
  const from = "continue_of" in json ? "run that is continued" : "plan";
  const errors = TAKEN_OVER.filter((name) => name in json).map((name) => ({
    pointer: pointerTo([name]),
    detail: `is taken over from the ${from}`,
  }));
  const rest = Object.entries(json).filter(([name]) => !TAKEN_OVER.includes(name));
  const id = typeof given === "string" && isRunId(given) ? given : "";
  const { startMs, endMs } = windowOf(id) ?? { startMs: 0, endMs: 0 };
  const taken = { start: isoSecond(startMs), end: isoSecond(endMs), receiver: shownReceiver(receiverOf(id)) };
  return { filled: { ...Object.fromEntries(rest), ...taken }, errors };
}

/** The configuration for the receiver of the request. `asked` is the request, `filled` has the receiver of an earlier run. A
 * value that is no name is refused with the other fields. */
function chosenReceiver(
  filled: unknown,
  asked: unknown,
  deployment: Config,
): { ok: true; config: Config } | { ok: false; error: FieldError } {
  const given =
    filled !== null && typeof filled === "object" && "receiver" in filled ? filled.receiver : null;
  if (typeof given !== "string" || !isReceiverName(given)) return { ok: true, config: deployment };
  if (hasReceiver(deployment, given)) return { ok: true, config: configFor(deployment, given) };
  const names = receiverNames(deployment).join(", ");
  const field = ["continue_of", "from_plan"].find((name) => Object.hasOwn(asked as object, name));
  const detail =
    field === undefined
      ? `expected one of ${names}`
      : `the receiver of this run is ${given}, and the deployment has ${names}`;
  return { ok: false, error: { pointer: pointerTo([field ?? "receiver"]), detail } };
}

function invalid(errors: FieldError[]): RunRequestAnswer {
  return { ok: false, refusal: { code: "invalid_body", errors } };
}
