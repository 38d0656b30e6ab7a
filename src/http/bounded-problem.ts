// A refusal repeats what the caller sent. Here it is cut to a size, so that no request makes a large answer. Pure.
import type { FieldError } from "./field-errors.ts";

/** Nobody mends more at a time; the number of the others is told. */
const MAX_ERRORS = 20;
/** A name or a value that a caller chose. */
const MAX_NAME = 200;
/** What is said about one of several errors. */
const MAX_ERROR_DETAIL = 300;
/** What is said about all: room for the 53 windows into which a year is split. */
const MAX_DETAIL = 4_000;

/** The extension members of a problem, bounded. */
export function bounded(members: Record<string, unknown>): Record<string, unknown> {
  const shown = Object.entries(members).map(([name, value]) => [
    name,
    typeof value === "string" ? clipped(value, MAX_NAME) : value,
  ]);
  const { errors } = members as { errors?: FieldError[] };
  if (!errors) return Object.fromEntries(shown);
  const leftOff = errors.length - MAX_ERRORS;
  return {
    ...Object.fromEntries(shown),
    errors: errors
      .slice(0, MAX_ERRORS)
      .map((error) => boundedError(error, errors.length === 1 ? MAX_DETAIL : MAX_ERROR_DETAIL)),
    ...(leftOff > 0 && { errors_left_off: leftOff }),
  };
}

function boundedError(error: FieldError, mostDetail: number): FieldError {
  const cut = Object.entries(error).map(([name, value]: [string, string]) => [
    name,
    clipped(value, name === "detail" ? mostDetail : MAX_NAME),
  ]);
  return Object.fromEntries(cut) as FieldError;
}

/** Never half a character at the end. */
export function clipped(text: string, most: number = MAX_DETAIL): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).toWellFormed()}…`;
}
