// Reads the body of POST /windows. Does no I/O. Config and `now` are passed in. queue-windows.ts does the checks that
// need the bucket or Coverage.
import * as v from "valibot";
import type { WantedRun } from "../../contract/registry.ts";
import type { Window } from "../../contract/parse-spec.ts";
import { FIRST_RECEIVER } from "../../contract/receivers.ts";
import {
  CHUNK_ORDERS,
  MAX_WINDOWS,
  MAX_WINDOW_MS,
  type AskedWindow,
  type ChunkOrder,
} from "../../contract/windows.ts";
import type { Config } from "../../platform/config.ts";
import { isPrintable } from "../access/access.ts";
import { duration, endOfDuration, type Duration } from "../requests/durations.ts";
import { pointerTo, type FieldError } from "../problems/field-errors.ts";
import { Flag, Instant, Note, oneOf, wholeNumber } from "../requests/fields.ts";
import type { Refusal } from "../problems/problems.ts";
import { readFields } from "../requests/read-fields.ts";
import { readRunRequest } from "../runs/run-request.ts";
import { refuseWindow } from "../requests/window.ts";
import { DAY_MS } from "../../contract/time-units.ts";

/** How the request names its windows. Exactly one of these four forms is set. */
export type Asked =
  | { kind: "windows"; windows: AskedWindow[] }
  /** `startMs` null: from the oldest raw file on. */
  | { kind: "series"; startMs: number | null; endMs: number; chunkMs: number; order: ChunkOrder }
  | { kind: "holes"; startMs: number; endMs: number };

export interface WindowsRequest {
  asked: Asked;
  reason: string;
  source: string | null;
  wanted: WantedRun;
  /** True: the option `live` is "skip_delivered". */
  skipsLive: boolean;
  priority: number;
  notBefore: number | null;
  maxAgeMs: number;
  maxAttempts: number;
  oldestEnd: number | null;
  skipSent: boolean;
}
export type WindowsRequestAnswer = { ok: true; request: WindowsRequest } | { ok: false; refusal: Refusal };

const YEARS_MS = 36_500 * DAY_MS;
const FIVE_MINUTES = 300_000;

/** Fields of POST /runs that the queue sets, or that make no sense for a run without an operator. */
export const NOT_OPTIONS: Record<string, string> = {
  start: "the window is in windows",
  end: "the window is in windows",
  end_exclusive: "the window is in windows",
  continue_of: "the queue continues an aborted run by itself",
  canary: "a run of the queue waits for no operator; start a canary with POST /runs",
  dry_run: "a dry run needs no queue; start it with POST /runs",
  from_plan: "a plan has one window; start it with POST /runs",
  plan_hash: "a plan has one window; start it with POST /runs",
};

/** The fields of POST /windows. */
export const WINDOWS_FIELDS = {
  windows: v.optional(
    v.pipe(
      v.array(v.unknown(), "expected a list of windows"),
      v.minLength(1, `expected 1 to ${MAX_WINDOWS} windows`),
      v.maxLength(MAX_WINDOWS, `expected 1 to ${MAX_WINDOWS} windows`),
    ),
  ),
  last: v.optional(duration(FIVE_MINUTES, YEARS_MS)),
  days: v.optional(
    v.pipe(
      v.number("expected a whole number of days from 1 to 36500, or -1 for all"),
      v.check(
        (days) => days === -1 || (Number.isSafeInteger(days) && days >= 1 && days <= 36_500),
        "expected a whole number of days from 1 to 36500, or -1 for all",
      ),
    ),
  ),
  from_coverage: v.optional(v.unknown()),
  chunk: v.optional(duration(FIVE_MINUTES, MAX_WINDOW_MS)),
  order: v.optional(oneOf(...CHUNK_ORDERS)),
  reason: v.pipe(Note, v.trim(), v.minLength(1, "expected the reason for the replay")),
  source: v.optional(
    v.pipe(
      v.string("expected text"),
      v.check((text) => isPrintable(text, 100), "expected 1 to 100 printable characters"),
    ),
  ),
  options: v.optional(v.unknown(), {}),
  priority: v.optional(wholeNumber(-1_000, 1_000), 0),
  not_before: v.optional(Instant),
  max_age: v.optional(duration(60_000, 365 * DAY_MS)),
  max_attempts: v.optional(wholeNumber(1, 10), 3),
  drop_older_than: v.optional(duration(60_000, YEARS_MS)),
  skip_sent: v.optional(Flag, false),
};

/** The fields of one window in the body. */
export const WINDOW_FIELDS = { start: Instant, end: Instant, end_exclusive: v.optional(Flag, false) };
export const RANGE_FIELDS = { start: Instant, end: Instant };
const WHAT = ["windows", "last", "days", "from_coverage"] as const;

export function readWindowsRequest(
  json: unknown,
  config: Config,
  actor: string,
  now: number,
): WindowsRequestAnswer {
  const read = readFields(WINDOWS_FIELDS, json);
  if (!read.ok) return invalid(read.errors);
  const body = read.fields;
  const given = WHAT.filter((name) => body[name] !== undefined);
  const errors: FieldError[] = [];
  if (given.length !== 1) {
    const detail = `expected exactly one of ${WHAT.join(", ")}`;
    errors.push({ pointer: given.length === 0 ? "#" : pointerTo([given[1] ?? ""]), detail });
  }
  const isSeries = body.last !== undefined || body.days !== undefined;
  for (const name of ["chunk", "order"] as const) {
    if (body[name] !== undefined && !isSeries)
      errors.push({ pointer: pointerTo([name]), detail: "applies only with last or days" });
  }
  const options = readOptions(body.options, config, actor);
  if ("errors" in options) errors.push(...options.errors);
  const isNamed = "wanted" in options && options.wanted.receiver !== undefined;
  if (isNamed && body.from_coverage !== undefined) {
    const detail = `holes are parts that the live worker did not deliver to the receiver ${FIRST_RECEIVER}`;
    errors.push({ pointer: "#/from_coverage", detail });
  }
  const asked = errors.length === 0 ? askedOf(body, config, now) : null;
  if (asked && "errors" in asked) errors.push(...asked.errors);
  if (errors.length > 0) return invalid(errors);
  if ("refusal" in options) return { ok: false, refusal: options.refusal };
  if (!asked || "errors" in asked || "errors" in options) return invalid(errors);
  // The live worker delivers only to the first receiver.
  if (!options.namesLive && !isNamed && asked.kind !== "windows") {
    const detail =
      'options.live must say what to do with lines that the live worker delivered: "skip_delivered", or "ignore" to send them again';
    return { ok: false, refusal: { code: "live_mode_needed", pointer: "#/options/live", detail } };
  }
  const { drop_older_than: dropOlder, max_age: maxAge } = body;
  return {
    ok: true,
    request: {
      asked,
      reason: body.reason,
      source: body.source ?? null,
      wanted: options.wanted,
      skipsLive: options.skipsLive,
      priority: body.priority,
      notBefore: body.not_before ?? null,
      maxAgeMs: maxAge?.ms ?? 7 * DAY_MS,
      maxAttempts: body.max_attempts,
      oldestEnd: dropOlder ? now - dropOlder.ms : null,
      skipSent: body.skip_sent,
    },
  };
}

interface What {
  windows?: unknown[] | undefined;
  last?: Duration | undefined;
  days?: number | undefined;
  from_coverage?: unknown;
  chunk?: Duration | undefined;
  order?: ChunkOrder | undefined;
  not_before?: number | undefined;
}

function askedOf(body: What, config: Config, now: number): Asked | { errors: FieldError[] } {
  if (body.windows !== undefined) {
    // A window may end in the future if `not_before` lets it wait until its end.
    const known = Math.max(now, body.not_before ?? 0);
    return { kind: "windows", windows: body.windows.map((one, n) => windowOf(one, n, known)) };
  }
  if (body.from_coverage !== undefined) return rangeOf(body.from_coverage, now);
  const endMs = endOfDuration(now, config.lateMarginMs, body.last?.unit ?? "d");
  const length = body.last?.ms ?? (body.days ?? 0) * DAY_MS;
  const startMs = body.days === -1 ? null : Math.max(0, endMs - length);
  return {
    kind: "series",
    startMs,
    endMs,
    chunkMs: body.chunk?.ms ?? DAY_MS,
    order: body.order ?? "oldest_first",
  };
}

/** Reads one window. A window that cannot be replayed is dropped. All other windows of the request are queued. */
function windowOf(json: unknown, index: number, now: number): AskedWindow {
  const read = readFields(WINDOW_FIELDS, json);
  const errors = read.ok ? [] : read.errors;
  if (read.ok) {
    const window: Window = {
      startMs: read.fields.start,
      endMs: read.fields.end,
      endExclusive: read.fields.end_exclusive,
    };
    const refusal = refuseWindow(window, now);
    if (!refusal) return { kind: "window", ...window };
    errors.push(...errorsOf(refusal));
  }
  return { kind: "invalid", errors: below(["windows", String(index)], errors) };
}

function rangeOf(json: unknown, now: number): Asked | { errors: FieldError[] } {
  const read = readFields(RANGE_FIELDS, json);
  if (!read.ok) return { errors: below(["from_coverage"], read.errors) };
  const { start: startMs, end: endMs } = read.fields;
  const refusal = refuseWindow({ startMs, endMs, endExclusive: true }, now);
  return refusal
    ? { errors: below(["from_coverage"], errorsOf(refusal)) }
    : { kind: "holes", startMs, endMs };
}

type Options =
  | { wanted: WantedRun; namesLive: boolean; skipsLive: boolean }
  | { errors: FieldError[] }
  | { refusal: Refusal };

/** Checks the options as POST /runs does. For this check, adds a window that is always valid. */
function readOptions(json: unknown, config: Config, actor: string): Options {
  if (json === null || typeof json !== "object" || Array.isArray(json))
    return { errors: [{ pointer: "#/options", detail: "expected a JSON object" }] };
  const wrong = Object.entries(NOT_OPTIONS).filter(([name]) => Object.hasOwn(json, name));
  if (wrong.length > 0)
    return { errors: wrong.map(([name, detail]) => ({ pointer: pointerTo(["options", name]), detail })) };
  const window = { start: "1970-01-01T00:00:00Z", end: "1970-01-01T00:00:01Z", end_exclusive: true };
  const read = readRunRequest({ ...json, ...window }, config, actor, DAY_MS);
  if (read.ok) {
    const live = "live" in json ? json.live : undefined;
    return { wanted: read.wanted, namesLive: live !== undefined, skipsLive: live === "skip_delivered" };
  }
  const { refusal } = read;
  if ("errors" in refusal) return { errors: below(["options"], refusal.errors) };
  if (!("pointer" in refusal)) return { refusal };
  const [error] = below(["options"], [refusal]);
  return { refusal: { ...refusal, pointer: error?.pointer ?? refusal.pointer } };
}

function errorsOf(refusal: Refusal): FieldError[] {
  if ("errors" in refusal) return refusal.errors;
  return "pointer" in refusal ? [{ pointer: refusal.pointer, detail: refusal.detail }] : [];
}

/** Puts the name of a member before the pointers of errors, because the errors are about this member of the body. */
function below(
  path: readonly string[],
  errors: readonly FieldError[],
): { pointer: string; detail: string }[] {
  return errors.flatMap((error) =>
    "pointer" in error ? [{ pointer: pointerTo(path) + error.pointer.slice(1), detail: error.detail }] : [],
  );
}

function invalid(errors: FieldError[]): WindowsRequestAnswer {
  return { ok: false, refusal: { code: "invalid_body", errors } };
}
