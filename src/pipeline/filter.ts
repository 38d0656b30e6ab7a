// Decides whether a record is replayed. Owns the order of the checks. This file counts nothing and reads no file.

import { rawNumber } from "./raw-token.ts";
import { instantOfNumber, instantOfString, type Instant } from "./timestamp.ts";
import type { LogRecord } from "./transform/log-record.ts";
import type { ParseSpec } from "../contract/parse-spec.ts";

export interface TopLevelRule {
  values: ReadonlySet<string>;
  /** Whether JSON null and an absent member also mean "top level". */
  absent: boolean;
}

export function topLevelRule(accepted: ParseSpec["topLevelParentRayIds"]): TopLevelRule {
  return {
    values: new Set(accepted.filter((value) => value !== null)),
    absent: accepted.includes(null),
  };
}

/** `parent_absent`: ParentRayID is absent, null or "", and the rule expects a value. */
export type TopLevelVerdict = "top_level" | "not_top_level" | "parent_absent";

/** Top level: no parent request, and not a subrequest of a Worker. */
export function topLevelVerdict(record: LogRecord, rule: TopLevelRule): TopLevelVerdict {
  const parent = record.ParentRayID;
  if (!isAccepted(parent, rule)) {
    return parent === undefined || parent === null || parent === "" ? "parent_absent" : "not_top_level";
  }
  return isWorkerSubrequest(record) ? "not_top_level" : "top_level";
}

export function isWorkerSubrequest({ WorkerSubrequest: subrequest }: LogRecord): boolean {
  return subrequest === true || subrequest === "true";
}

/** A ParentRayID that identifies no parent request. Some accounts mark top-level requests with such a value. */
export function unsetParent(record: LogRecord): "absent" | "zeros" | null {
  const parent = record.ParentRayID;
  if (parent === undefined || parent === null || parent === "") return "absent";
  return ONLY_ZEROS.test(textOfParent(parent) ?? "") ? "zeros" : null;
}

const ONLY_ZEROS = /^0+$/;

/** Compares `String(value)`, as the live worker does: the number 0 is "0", the array ["00"] is "00". */
function isAccepted(parent: unknown, rule: TopLevelRule): boolean {
  if (typeof parent === "string") return rule.values.has(parent);
  if (parent === undefined || parent === null) return rule.absent;
  const text = textOfParent(parent);
  return text !== null && rule.values.has(text);
}

/** Null for a value without text: a JSON object, `[{"toString": 1}]`, an array nested too deep. */
function textOfParent(parent: unknown): string | null {
  if (typeof parent === "string") return parent;
  if (typeof parent === "number" || typeof parent === "boolean") return String(parent);
  try {
    return Array.isArray(parent) ? parent.join(",") : null;
  } catch {
    return null;
  }
}

/** The record's instant, exact to the last digit of its text. Null when it is unreadable. */
export function instantOf(record: LogRecord, line: string, escapedLetters: boolean): Instant | null {
  return read(record.EdgeStartTimestamp, "EdgeStartTimestamp", line, escapedLetters);
}

/** The end of the request in epoch milliseconds, rounded down. Null when it is unreadable. */
export function endOf(record: LogRecord, line: string, escapedLetters: boolean): number | null {
  return read(record.EdgeEndTimestamp, "EdgeEndTimestamp", line, escapedLetters)?.ms ?? null;
}

function read(value: unknown, name: string, line: string, escapedLetters: boolean): Instant | null {
  if (typeof value === "string") return instantOfString(value);
  if (typeof value !== "number") return null;
  return instantOfNumber(rawNumber(line, name, escapedLetters));
}

export function isInside(
  instant: Instant,
  window: Pick<ParseSpec, "startMs" | "endMs" | "endExclusive">,
): boolean {
  if (instant.ms < window.startMs) return false;
  if (instant.ms < window.endMs) return true;
  return !window.endExclusive && instant.ms === window.endMs && instant.whole;
}
