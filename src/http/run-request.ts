// The body of POST /runs → what the registry is asked for. snake_case outside, camelCase inside.
// Pure: config and `now` are passed in. Unknown fields are refused: a misspelt option must not mean its default.
import * as v from "valibot";
import type { WantedRun } from "../../durable-objects/run-registry/api.ts";
import { BATCH_SIZE_RANGE, OWN_PREFIXES, RATE_RANGE, type Config } from "../config.ts";
import { parseInstant } from "./instant.ts";
import { fieldErrors, unknownField } from "./field-errors.ts";
import type { FieldError, Refusal } from "./problems.ts";
import { refuseWindow } from "./window.ts";

export type RunRequestAnswer = { ok: true; wanted: WantedRun } | { ok: false; refusal: Refusal };

/** A batch closes before it would exceed this, uncompressed: lines of 4 KB still make whole batches of 1,000. */
const MAX_BATCH_BYTES = 4_194_304;
const FORMAT_VERSION = "cf_vod_v3.0";

const Instant = v.pipe(
  v.unknown(),
  v.rawTransform<unknown, number>(({ dataset, addIssue, NEVER }) => {
    const instant = parseInstant(dataset.value);
    if (instant.ok) return instant.ms;
    addIssue({ message: instant.detail });
    return NEVER;
  }),
);

function wholeNumber(min: number, max: number) {
  const expected = `expected a whole number from ${min} to ${max}`;
  return v.pipe(
    v.number(expected),
    v.safeInteger(expected),
    v.minValue(min, expected),
    v.maxValue(max, expected),
  );
}

const Rate = v.union(
  [v.literal("auto"), wholeNumber(RATE_RANGE.min, RATE_RANGE.max)],
  `expected a whole number from ${RATE_RANGE.min} to ${RATE_RANGE.max}, or "auto"`,
);

const RayIds = v.pipe(
  v.array(
    v.nullable(v.pipe(v.string("expected text or null"), v.maxLength(64, "expected at most 64 characters"))),
  ),
  v.minLength(1, "expected 1 to 10 values"),
  v.maxLength(10, "expected 1 to 10 values"),
);

/** A folder below LOG_PREFIX; day folders are read anyway, and reading one twice would send its lines twice. */
const Folder = v.pipe(
  v.string("expected the name of a folder"),
  v.transform((name) => (name.endsWith("/") ? name : `${name}/`)),
  v.maxLength(200, "expected at most 200 characters"),
  v.check((name) => /^(?:[^/\p{C}]+\/)+$/u.test(name), "expected a folder name like edge/ or a/b/"),
  v.check((name) => !/^\d{8}\//.test(name), "day folders (YYYYMMDD) are read without being named"),
);

const Folders = v.pipe(
  v.array(Folder, "expected a list of folder names"),
  v.maxLength(20, "expected at most 20 folders"),
  v.check(
    (names) => !names.some((a, n) => names.some((b, m) => n !== m && b.startsWith(a))),
    "a folder is named twice, or lies inside another one of the list",
  ),
);

function bodySchema(config: Config) {
  const cap = wholeNumber(BATCH_SIZE_RANGE.min, config.maxLinesPerSecond);
  return v.object({
    start: Instant,
    end: Instant,
    end_exclusive: v.optional(v.boolean("expected true or false"), false),
    batch_size: v.optional(wholeNumber(BATCH_SIZE_RANGE.min, BATCH_SIZE_RANGE.max)),
    rate: v.optional(Rate, config.rate),
    max_lines_per_second: v.optional(cap, config.maxLinesPerSecond),
    note: v.optional(
      v.pipe(v.string("expected text"), v.maxLength(1_000, "expected at most 1000 characters")),
    ),
    top_level_parent_ray_ids: v.optional(RayIds, ["00"]),
    on_corrupt: v.optional(v.picklist(["fail", "salvage"], 'expected "fail" or "salvage"'), "fail"),
    dedupe: v.optional(v.picklist(["off", "file"], 'expected "off" or "file"'), "off"),
    folders: v.optional(Folders, []),
  });
}

export function readRunRequest(json: unknown, config: Config, actor: string, now: number): RunRequestAnswer {
  if (json === null || typeof json !== "object" || Array.isArray(json)) {
    return invalid([{ pointer: "#", detail: "expected a JSON object" }]);
  }
  const schema = bodySchema(config);
  const parsed = v.safeParse(schema, json);
  const unknown = Object.keys(json).filter((name) => !Object.hasOwn(schema.entries, name));
  if (!parsed.success || unknown.length > 0) {
    return invalid([...fieldErrors(parsed.issues ?? []), ...unknown.map(unknownField)]);
  }
  const body = parsed.output;

  const window = { startMs: body.start, endMs: body.end, endExclusive: body.end_exclusive };
  const refusal = refuseWindow(window, now);
  if (refusal) return { ok: false, refusal };

  const maxLinesPerSecond = body.max_lines_per_second;
  // The var's size gives way to a lower cap of this run; a size that was asked for does not.
  const batchLines = body.batch_size ?? Math.min(config.batchSize, maxLinesPerSecond);
  if (batchLines > maxLinesPerSecond) {
    const detail = `expected at most max_lines_per_second (${maxLinesPerSecond}): a larger batch could never leave`;
    return invalid([{ pointer: "#/batch_size", detail }]);
  }
  const own = body.folders.findIndex((name) =>
    OWN_PREFIXES.some((prefix) => (config.logPrefix + name).startsWith(prefix)),
  );
  if (own !== -1) {
    return invalid([
      { pointer: `#/folders/${own}`, detail: `expected a folder outside ${OWN_PREFIXES.join(" and ")}` },
    ]);
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
      topLevelParentRayIds: body.top_level_parent_ray_ids,
      dedupe: body.dedupe,
      onCorrupt: body.on_corrupt,
      maxLineBytes: config.maxLineBytes,
    },
    rate: body.rate,
    maxLinesPerSecond,
    logPrefix: config.logPrefix,
    folders: body.folders,
    lateMarginMs: config.lateMarginMs,
    lookbackMs: config.lookbackMs,
    singleStampSpanMs: config.singleStampSpanMs,
    cleanupGraceMs: config.cleanupGraceMs,
  };
  return { ok: true, wanted };
}

function invalid(errors: FieldError[]): RunRequestAnswer {
  return { ok: false, refusal: { code: "invalid_body", errors } };
}
