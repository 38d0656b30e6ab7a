// Reads which range GET /coverage, GET /coverage/files and POST /coverage/refresh ask for. Does no I/O. `now` is passed
// in.
import * as v from "valibot";
import {
  CELL_MS,
  COVERAGE_DETAILS,
  type CoverageDetail,
  type CoverageRange,
} from "../../contract/coverage.ts";
import { isoSecond } from "../../contract/run-id.ts";
import type { FieldError } from "../problems/field-errors.ts";
import { FIRST_RECEIVER } from "../../contract/receivers.ts";
import { Flag, Instant, ReceiverName, oneOf } from "../requests/fields.ts";
import { parseInstant } from "../requests/instant.ts";
import { MAX_WINDOW_MS } from "../../contract/windows.ts";
import { badParameters, type QueryAnswer, wrongChoices } from "../requests/list-query.ts";
import type { Refusal } from "../problems/problems.ts";
import { readFields } from "../requests/read-fields.ts";
import { RECEIVER } from "../requests/receiver-query.ts";

/** The longest range of GET /coverage/files. A range of this length contains some hundred files. */
const MAX_FILES_MS = 3_600_000;

export interface CoverageQuery {
  /** The range begins and ends on cell edges. */
  range: CoverageRange;
  detail: CoverageDetail;
  columns: boolean;
}

/** Reads ?start=&end=&detail=&columns= . The caller reads ?receiver= . */
export function readCoverageQuery(search: URLSearchParams, now: number): QueryAnswer<CoverageQuery> {
  const errors = badParameters(search, ["start", "end", "detail", "columns", RECEIVER]);
  const range = readRange(search, now, MAX_WINDOW_MS, errors);
  const detail = search.get("detail") ?? "presence";
  errors.push(...wrongChoices("detail", [detail], COVERAGE_DETAILS));
  const columns = search.get("columns") ?? "false";
  errors.push(...wrongChoices("columns", [columns], ["true", "false"]));
  if (range === null || errors.length > 0) return invalid(errors);
  const chosen = COVERAGE_DETAILS.find((one) => one === detail) ?? "presence";
  return { ok: true, query: { range: onCells(range), detail: chosen, columns: columns === "true" } };
}

/** Reads ?start=&end= . The range is not widened to cell edges. */
export function readFilesQuery(search: URLSearchParams, now: number): QueryAnswer<CoverageRange> {
  const errors = badParameters(search, ["start", "end"]);
  const range = readRange(search, now, MAX_FILES_MS, errors);
  return range === null || errors.length > 0 ? invalid(errors) : { ok: true, query: range };
}

export const REFRESH_FIELDS = {
  start: Instant,
  end: Instant,
  detail: v.optional(oneOf(...COVERAGE_DETAILS), "presence"),
};

export type RefreshAnswer = QueryAnswer<Omit<CoverageQuery, "columns">>;

export function readRefresh(json: unknown, now: number): RefreshAnswer {
  const read = readFields(REFRESH_FIELDS, json);
  if (!read.ok) return { ok: false, refusal: { code: "invalid_body", errors: read.errors } };
  const { start: startMs, end: endMs, detail } = read.fields;
  const range = rangeOf({ startMs, endMs }, now);
  return range.ok ? { ok: true, query: { range: range.query, detail } } : range;
}

const BODY_FIELDS = {
  ...REFRESH_FIELDS,
  columns: v.optional(Flag, false),
  receiver: v.optional(ReceiverName, FIRST_RECEIVER),
};

/** The query of GET /coverage as a JSON object, for callers without HTTP. The caller checks that it knows the receiver. */
export function readCoverageBody(
  json: unknown,
  now: number,
): QueryAnswer<CoverageQuery & { receiver: string | null }> {
  const read = readFields(BODY_FIELDS, json);
  if (!read.ok) return { ok: false, refusal: { code: "invalid_body", errors: read.errors } };
  const { start: startMs, end: endMs, detail, columns, receiver: name } = read.fields;
  const range = rangeOf({ startMs, endMs }, now);
  const receiver = name === FIRST_RECEIVER ? null : name;
  return range.ok ? { ok: true, query: { range: range.query, detail, columns, receiver } } : range;
}

function rangeOf(range: CoverageRange, now: number): QueryAnswer<CoverageRange> {
  const detail = faultOf(range, now, MAX_WINDOW_MS);
  if (detail === null) return { ok: true, query: onCells(range) };
  return { ok: false, refusal: { code: "invalid_body", errors: [{ pointer: "#/end", detail }] } };
}

/** Reads the range of a request. Null: the range cannot be used, and `errors` lists the reasons. */
function readRange(
  search: URLSearchParams,
  now: number,
  mostMs: number,
  errors: FieldError[],
): CoverageRange | null {
  const [startMs, endMs] = ["start", "end"].map((parameter) => {
    const instant = parseInstant(search.get(parameter) ?? undefined);
    if (instant.ok) return instant.ms;
    // A plus sign in a query stands for a space.
    const hint = / \d\d:\d\d$/.test(search.get(parameter) ?? "") ? "; write the + of an offset as %2B" : "";
    errors.push({ parameter, detail: instant.detail + hint });
    return null;
  });
  if (typeof startMs !== "number" || typeof endMs !== "number") return null;
  const range = { startMs, endMs };
  const detail = faultOf(range, now, mostMs);
  if (detail === null) return range;
  errors.push({ parameter: "end", detail });
  return null;
}

/** The range may end with the present cell, so that a client need not know the exact time. */
function faultOf({ startMs, endMs }: CoverageRange, now: number, mostMs: number): string | null {
  if (endMs <= startMs) return `is not after the start (${isoSecond(startMs)})`;
  if (endMs > ceilCell(now)) return `lies in the future; now is ${isoSecond(now)}`;
  if (endMs - startMs > mostMs) return `the range has more than ${mostMs / 3_600_000} hours`;
  return null;
}

function onCells({ startMs, endMs }: CoverageRange): CoverageRange {
  return { startMs: Math.floor(startMs / CELL_MS) * CELL_MS, endMs: ceilCell(endMs) };
}

function ceilCell(ms: number): number {
  return Math.ceil(ms / CELL_MS) * CELL_MS;
}

function invalid(errors: FieldError[]): { ok: false; refusal: Refusal } {
  return { ok: false, refusal: { code: "invalid_query", errors } };
}
