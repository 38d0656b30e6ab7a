// The form of a timestamp is recognised by its magnitude or its text.
import { expect, it } from "vitest";
import { timestampForm } from "../../../src/http/doctor/timestamp-form.ts";

const MS = Date.parse("2026-04-22T14:00:00Z");

it.each([
  [MS / 1_000, "seconds"],
  [MS, "milliseconds"],
  [MS * 1_000, "microseconds"],
  [MS * 1_000_000, "nanoseconds"],
  [String(MS), "milliseconds"],
  [`${MS}000000`, "nanoseconds"],
  ["2026-04-22T14:00:00Z", "rfc3339"],
  ["2026-04-22T22:00:00+08:00", "rfc3339"],
] as const)("names the form of %s: %s", (value, form) => {
  const named = timestampForm(value);
  expect(named.form).toBe(form);
  expect(Math.abs((named.ms ?? 0) - MS)).toBeLessThan(1);
});

it.each([[null], [""], ["yesterday"], [0], [-5], [true], [undefined]])("cannot read %s", (value) => {
  expect(timestampForm(value)).toEqual({ form: "unreadable", ms: null });
});
