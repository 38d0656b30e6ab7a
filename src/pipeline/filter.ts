// Decides whether a record is replayed. Owns the order of the checks; counts nothing and knows no file.

import { rawNumber } from "./raw-token.ts";
import { instantOfNumber, instantOfString, type Instant } from "./timestamp.ts";
import type { LogRecord } from "./transform/log-record.ts";
import type { ParseSpec } from "./types.ts";

export interface TopLevelRule {
  values: ReadonlySet<string>;
  /** JSON null and an absent field mean "top level" as well. */
  absent: boolean;
}

export function topLevelRule(accepted: ParseSpec["topLevelParentRayIds"]): TopLevelRule {
  return {
    values: new Set(accepted.filter((value) => value !== null)),
    absent: accepted.includes(null),
  };
}

/** `parent_absent`: not top level because ParentRayID is absent, null or "" and the rule expects a value. */
export type TopLevelVerdict = "top_level" | "not_top_level" | "parent_absent";

/** Top level: no parent request, and not the subrequest of a Worker. */
export function topLevelVerdict(record: LogRecord, rule: TopLevelRule): TopLevelVerdict {
  const parent = record.ParentRayID;
  if (!isAccepted(parent, rule)) {
    return parent === undefined || parent === null || parent === "" ? "parent_absent" : "not_top_level";
  }
  const { WorkerSubrequest: subrequest } = record;
  return subrequest === true || subrequest === "true" ? "not_top_level" : "top_level";
}

/** Compares `String(value)`, as the live pipeline does: the number 0 is "0", and the array ["00"] is "00". */
function isAccepted(parent: unknown, rule: TopLevelRule): boolean {
  if (typeof parent === "string") return rule.values.has(parent);
  if (parent === undefined || parent === null) return rule.absent;
  if (typeof parent === "number" || typeof parent === "boolean") return rule.values.has(String(parent));
  try {
    return Array.isArray(parent) && rule.values.has(parent.join(","));
  } catch {
    // [{"toString": 1}] has no text, and an array nested a hundred thousand deep no stack: no accepted value.
    return false;
  }
}

/** The record's instant, exact to the last digit of its text; null when it is unreadable. */
export function instantOf(record: LogRecord, line: string, escapedLetters: boolean): Instant | null {
  const value = record.EdgeStartTimestamp;
  if (typeof value === "string") return instantOfString(value);
  if (typeof value !== "number") return null;
  return instantOfNumber(rawNumber(line, "EdgeStartTimestamp", escapedLetters));
}

export function isInside(
  instant: Instant,
  window: Pick<ParseSpec, "startMs" | "endMs" | "endExclusive">,
): boolean {
  if (instant.ms < window.startMs) return false;
  if (instant.ms < window.endMs) return true;
  return !window.endExclusive && instant.ms === window.endMs && instant.whole;
}
