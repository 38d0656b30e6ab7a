// Cuts a refusal to a bounded size. A refusal repeats the caller's input, so a large request must not make a large
// answer. Does no I/O.
import type { FieldError } from "./field-errors.ts";

/** The most errors of one answer. A person corrects only a few at a time. The answer has the number of errors that
 * it leaves out. */
const MAX_ERRORS = 20;
/** The most characters of a name or value from the caller. */
const MAX_NAME = 200;
/** The most characters of the text about one of several errors. */
const MAX_ERROR_DETAIL = 300;
/** The most characters of the text about the whole refusal. A text of this length has room for the 53 windows of
 * one year. */
const MAX_DETAIL = 4_000;

/** The extension members of a problem, each cut to its bound. */
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

/** Cuts without leaving half a character at the end. */
export function clipped(text: string, most: number = MAX_DETAIL): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).toWellFormed()}…`;
}
