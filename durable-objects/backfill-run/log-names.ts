// Names of log files, as listing needs them: which keys are logs, when they start, and how a time is spelled in one.
import { parseLogKey, type LogKey } from "../../src/pipeline/log-keys.ts";

/** Only names that end like logs are logs, whatever stamps they hold. */
export function logRange(key: string): LogKey | null {
  return /\.log(\.gz)?$/.test(key) ? parseLogKey(key) : null;
}

/** `20260422T140000Z`: whole seconds, rounded down. */
export function stamp(ms: number): string {
  return new Date(ms)
    .toISOString()
    .replaceAll(/[-:]/g, "")
    .replace(/\.\d{3}Z$/, "Z");
}
