// Values that many answers have in common, and functions that make closed objects. The schemas of answers serve the
// API document, the tests, and the types of clients. The Worker does not load them and does not check its answers
// with them.
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
  v.regex(/^\d{8}T\d{6}Z_\d{8}T\d{6}Z_\d{8}T\d{6}Z$/),
  v.check(isRunId),
  v.description("The id of a run: the start and end of its window, and the time of its creation."),
  v.metadata({
    title: "RunId",
    examples: ["20260422T140000Z_20260422T150000Z_20260423T010203Z"],
  }),
);

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
/** The details of an event. Each kind of event has its own members. */
export const EventDetail = v.record(v.string(), AnyJson);

export const SpanText = v.strictObject({ start: InstantText, end: InstantText });

/** A code that programs can compare, and a text for people. */
export const CodeAndDetail = v.strictObject({ code: Text, detail: Text });

/** Adds a sentence to the schema. The API document shows the sentence. */
export function about<const Schema extends v.GenericSchema>(schema: Schema, description: string) {
  return v.pipe(schema, v.description(description));
}

/** An object with a required member for each of the names. All members have the same schema. */
export function eachOf<const Name extends string, const Schema extends v.GenericSchema>(
  names: readonly Name[],
  schema: Schema,
) {
  const entries = names.map((name) => [name, schema] as const);
  return v.strictObject(Object.fromEntries(entries) as Record<Name, Schema>);
}

/** One page of a list. */
export function pageOf<const Schema extends v.GenericSchema>(item: Schema) {
  return v.strictObject({
    items: v.array(item),
    next_cursor: about(
      TextOrNull,
      "The `cursor` of the next page. Null only after the last page, however short a page is.",
    ),
  });
}
