// One JSON line per event: {at, level, event, …fields}, from LOG_LEVEL upward. The operator's evidence.
// Never a secret: callers log no receiver settings, and a signature that slips into a text is cut out here.
import { LOG_LEVELS, type LogLevel } from "./config.ts";
import { maskForms } from "../pipeline/send/mask-signature.ts";

export type LogFields = Record<string, unknown>;
export type Log = (level: LogLevel, event: string, fields?: LogFields) => void;

/** `write` and `now` are replaced in tests. */
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

/** A text for a log about anything thrown; without a stack, which would repeat the message. */
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
