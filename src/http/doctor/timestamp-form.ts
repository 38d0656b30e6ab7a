// Names the form of a value of EdgeStartTimestamp. Does no I/O. The size of a number decides its unit, by the same rule
// as in timestamp.ts.
import { instantOfNumber, instantOfString, type Instant } from "../../pipeline/timestamp.ts";

const TIMESTAMP_FORMS = [
  "seconds",
  "milliseconds",
  "microseconds",
  "nanoseconds",
  "rfc3339",
  "unreadable",
] as const;
export type TimestampForm = (typeof TIMESTAMP_FORMS)[number];

export function timestampForm(value: unknown): { form: TimestampForm; ms: number | null } {
  const instant = instantIn(value);
  if (instant === null) return { form: "unreadable", ms: null };
  return { form: formOf(value), ms: instant.ms };
}

/** JSON.parse may have rounded the last digits. They do not matter, because the size of the number decides the form. */
function instantIn(value: unknown): Instant | null {
  if (typeof value === "string") return instantOfString(value);
  return typeof value === "number" ? instantOfNumber(String(value)) : null;
}

function formOf(value: unknown): TimestampForm {
  if (typeof value === "string" && !/^\d+$/.test(value)) return "rfc3339";
  const magnitude = Number(value);
  if (magnitude >= 1e17) return "nanoseconds";
  if (magnitude >= 1e14) return "microseconds";
  return magnitude > 1e12 ? "milliseconds" : "seconds";
}
