// Values that many answers have in common, and functions that make schemas of closed JSON objects. The schemas of
// answers serve the API document, the tests, and the types of clients. The Worker does not load them and does not
// check its answers with them.
import * as v from "valibot";
import { isRunId } from "../run-id.ts";
import type { Json } from "../states.ts";

/** An instant in an answer. */
export const InstantText = v.pipe(
  v.string(),
  v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/),
  v.description("An instant in UTC, as RFC 3339 with `Z`."),
  v.metadata({
    title: "InstantText",
    format: "date-time",
    examples: ["2026-04-22T14:00:00Z", "2026-04-22T14:00:00.250Z"],
  }),
);
export const InstantOrNull = v.nullable(InstantText);

/** The id of a run in an answer. */
export const RunIdText = v.pipe(
  v.string(),
  v.regex(/^\d{8}T\d{6}Z_\d{8}T\d{6}Z_\d{8}T\d{6}Z(?:_[a-z][a-z0-9-]{0,23})?$/),
  v.check(isRunId),
  v.description(
    "The id of a run: start and end of its window, time of its creation, and receiver. The receiver `default` is left out.",
  ),
  v.metadata({
    title: "RunId",
    examples: ["20260422T140000Z_20260422T150000Z_20260423T010203Z"],
  }),
);

/** The name of a receiver in an answer. `default`: the first receiver. */
export const ReceiverText = v.string();

/** A number of things, 0 or more. */
export const Count = v.pipe(v.number(), v.integer(), v.minValue(0));
export const CountOrNull = v.nullable(Count);
export const Text = v.string();
export const TextOrNull = v.nullable(v.string());
export const Flag = v.boolean();
/** A SHA-256 digest as lower-case hex. */
export const Digest = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

/** Any JSON value. valibot also allows `undefined`, but JSON text cannot contain it. */
const AnyJson = v.any() as v.GenericSchema<Json>;
/** A JSON object whose members are not described. */
export const AnyMembers = v.record(v.string(), AnyJson);

export const SpanText = named(
  "SpanText",
  "A range of time.",
  v.strictObject({
    start: about(InstantText, "The first instant of the range."),
    end: about(InstantText, "The end of the range. The range does not include this instant."),
  }),
);

export const CodeAndDetail = named(
  "CodeAndDetail",
  "A code that programs can compare, and a text for people.",
  v.strictObject({
    code: about(Text, "A code for programs."),
    detail: about(Text, "A text for people. Its wording may change."),
  }),
);

/** Adds a sentence to the schema. The API document shows the sentence. */
export function about<const Schema extends v.GenericSchema>(schema: Schema, description: string) {
  return v.pipe(schema, v.description(description));
}

/** Gives the schema a name and a sentence. The API document has the schema once, under this name. */
export function named<const Schema extends v.GenericSchema>(
  name: string,
  description: string,
  schema: Schema,
) {
  return v.pipe(schema, v.description(description), v.metadata({ title: name }));
}

/** A named schema of codes. `meanings` says what each code means. */
export function codes<const Code extends string>(
  name: string,
  description: string,
  meanings: Readonly<Record<Code, string>>,
) {
  const values = Object.keys(meanings) as Code[];
  return v.pipe(
    v.picklist(values),
    v.description(description),
    v.metadata({ title: name, "x-enumDescriptions": meanings }),
  );
}

/** A JSON object with a count for each of the names. `text` says what a count counts. */
export function countsOf<const Name extends string>(names: readonly Name[], text: (name: Name) => string) {
  const entries = names.map((name) => [name, countOf(text(name))] as const);
  return v.strictObject(Object.fromEntries(entries) as Record<Name, ReturnType<typeof countOf>>);
}

/** A JSON object like that of `countsOf`, without the counts that are 0. */
export function someCountsOf<const Name extends string>(
  names: readonly Name[],
  text: (name: Name) => string,
) {
  const entries = names.map((name) => [name, optionalCountOf(text(name))] as const);
  return v.strictObject(Object.fromEntries(entries) as Record<Name, ReturnType<typeof optionalCountOf>>);
}

function countOf(description: string) {
  return about(Count, description);
}

function optionalCountOf(description: string) {
  return v.exactOptional(about(Count, description));
}

/** One page of a list. `what` says what the items are, and `order` how they are sorted. */
export function pageOf<const Schema extends v.GenericSchema>(
  name: string,
  [what, order]: readonly [what: string, order: string],
  item: Schema,
) {
  return named(
    name,
    `One page of ${what}.`,
    v.strictObject({
      items: about(v.array(item), `The ${what} of this page, ${order}.`),
      next_cursor: about(
        TextOrNull,
        "The `cursor` of the next page. Null only after the last page, however short a page is.",
      ),
    }),
  );
}
