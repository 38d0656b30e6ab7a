// Writes one JSON line per event, {at, level, event, …fields}, from LOG_LEVEL upward. Never writes a secret:
// callers log no receiver settings, and signatures in any text are masked here.
import { LOG_LEVELS, type LogLevel } from "./var-kinds.ts";
import { maskForms } from "../receivers/mask-signature.ts";

export type LogFields = Record<string, unknown>;
export type Log = (level: LogLevel, event: string, fields?: LogFields) => void;

/** Tests replace `write` and `now`. */
export function createLog(
  threshold: LogLevel,
  write: (level: LogLevel, line: string) => void = writeToConsole,
  now: () => number = Date.now,
): Log {
  const lowest = LOG_LEVELS.indexOf(threshold);
  return (level, event, fields = {}) => {
    if (LOG_LEVELS.indexOf(level) < lowest) return;
    const at = new Date(now()).toISOString();
    write(level, maskForms(JSON.stringify({ at, level, event, ...fields }, plain)));
  };
}

/** The text of any thrown value. It has no stack, because a stack repeats the message. */
export function errorText(error: unknown): string {
  try {
    return maskForms(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
  } catch {
    return "an error that has no text";
  }
}

function plain(_key: string, value: unknown): unknown {
  if (value instanceof Error) return errorText(value);
  return typeof value === "bigint" ? value.toString() : value;
}

function writeToConsole(level: LogLevel, line: string): void {
  if (level === "error") console.error(line);
  else if (level === "warn") console.warn(line);
  else if (level === "debug") console.debug(line);
  else console.log(line);
}
