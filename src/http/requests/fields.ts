// The schemas of single fields, and the error text of each. Names are snake_case. Does no I/O. Each route decides which
// fields it takes and what an absent field means.
import * as v from "valibot";
import { MAX_IN_FLIGHT } from "../../contract/limits.ts";
import { isSha256 } from "../../contract/plan-text.ts";
import { FIRST_RECEIVER, isReceiverName } from "../../contract/receivers.ts";
import { isRunId } from "../../contract/run-id.ts";
import { BATCH_SIZE_RANGE, RATE_RANGE } from "../../platform/ranges.ts";
import { parseInstant } from "./instant.ts";

export const Instant = v.pipe(
  v.unknown(),
  v.rawTransform<unknown, number>(({ dataset, addIssue, NEVER }) => {
    const instant = parseInstant(dataset.value);
    if (instant.ok) return instant.ms;
    addIssue({ message: instant.detail });
    return NEVER;
  }),
);

/** A JSON number, never a text that looks like a number. */
export function wholeNumber(min: number, max: number) {
  const expected = `expected a whole number from ${min} to ${max}`;
  return v.pipe(
    v.number(expected),
    v.safeInteger(expected),
    v.minValue(min, expected),
    v.maxValue(max, expected),
  );
}

/** The field `rate`: how many files a run enqueues per minute. */
export const Rate = v.union(
  [v.literal("auto"), wholeNumber(RATE_RANGE.min, RATE_RANGE.max)],
  `expected a whole number from ${RATE_RANGE.min} to ${RATE_RANGE.max}, or "auto"`,
);

/** A field that is a share of records, from 0 to 1. */
export const Ratio = v.pipe(
  v.number("expected a number from 0 to 1"),
  v.minValue(0, "expected a number from 0 to 1"),
  v.maxValue(1, "expected a number from 0 to 1"),
);

export const RayIds = v.pipe(
  v.array(
    v.nullable(v.pipe(v.string("expected text or null"), v.maxLength(64, "expected at most 64 characters"))),
  ),
  v.minLength(1, "expected 1 to 10 values"),
  v.maxLength(10, "expected 1 to 10 values"),
);

const DATE = "{DATE}";

/** A folder below LOG_PREFIX. `{DATE}` may occur once and stands for the date of each listed day. Day folders
 * themselves are always read, so naming one is an error. */
const Folder = v.pipe(
  v.string("expected the name of a folder"),
  v.transform((name) => (name.endsWith("/") ? name : `${name}/`)),
  v.maxLength(200, "expected at most 200 characters"),
  v.check((name) => /^(?:[^/\p{C}]+\/)+$/u.test(name), "expected a folder name like edge/ or a/b/"),
  v.check(
    (name) => name !== `${DATE}/` && name !== `date=${DATE}/`,
    "day folders are always read; leave them out",
  ),
  v.check(
    (name) => !/^(?:date=)?(?:\d{8}|\d{4}-\d\d-\d\d|\d{4}\/\d\d\/\d\d)\//.test(name),
    'day folders are always read; name a folder inside each of them like "{DATE}/eu/"',
  ),
  v.check(
    (name) => !/[{}]/.test(name.replace(DATE, "")),
    "expected {DATE} at most once, and no other braces",
  ),
);

export const Folders = v.pipe(
  v.array(Folder, "expected a list of folder names"),
  v.maxLength(20, "expected at most 20 folders"),
  v.check(
    (names) => !names.some((a, n) => names.some((b, m) => n !== m && b.startsWith(a))),
    "a folder is listed twice, or lies inside another listed folder",
  ),
);

export const Flag = v.boolean("expected true or false");

export const Note = v.pipe(
  v.string("expected text"),
  v.maxLength(1_000, "expected at most 1000 characters"),
  v.check((text) => text.isWellFormed(), "expected text without a lone surrogate (half a character)"),
);

/** The most lines in any one second. At least the smallest batch size, at most the deployment's cap. */
export function linesPerSecond(cap: number) {
  return wholeNumber(BATCH_SIZE_RANGE.min, cap);
}

/** The most lines of one day. A trillion lines are more than any receiver takes in a day. */
export const DailyLines = wholeNumber(BATCH_SIZE_RANGE.min, 1_000_000_000_000);
export const RequestsPerSecond = wholeNumber(1, 100_000);
/** With a lower cap, one batch would use up the cap of several minutes. No receiver reaches the maximum. */
export const BytesPerSecond = wholeNumber(10_000, 10_000_000_000);
export const InFlight = wholeNumber(1, MAX_IN_FLIGHT);
export const Canary = wholeNumber(1, 10_000);

export const OnUncertain = oneOf("resend", "hold");

/** The name of a receiver, which RECEIVERS may not have. */
export const ReceiverName = v.pipe(
  v.string("expected the name of a receiver"),
  v.check((name) => name === FIRST_RECEIVER || isReceiverName(name), "expected the name of a receiver"),
);

export const RunId = v.pipe(v.string("expected a run's id"), v.check(isRunId, "expected a run's id"));

export const Sha256 = v.pipe(
  v.string("expected a SHA-256 in lower-case hex"),
  v.check(isSha256, "expected a SHA-256 in lower-case hex"),
);

export function oneOf<const Value extends string>(...values: readonly Value[]) {
  return v.picklist(values, `expected ${values.map((value) => JSON.stringify(value)).join(" or ")}`);
}
