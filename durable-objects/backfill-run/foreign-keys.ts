// Keys below the log prefix that are no log files: what they are, so that the status can name them. Pure.

const KINDS: readonly [kind: string, pattern: RegExp][] = [
  ["folder_marker", /\/$/],
  ["ownership_challenge", /(^|\/)ownership-challenge[^/]*$/],
  ["logpush_test", /(^|\/)test\.(txt\.gz|gz)$/],
  ["recover_marker", /(^|\/)\.recover-done-/],
  ["backfill_state", /(^|\/)(processed|processed-backfill|backfill-state|backfill-reports)\//],
  // may hold records: the operator should look
  ["log_without_time", /\.log(\.gz)?$/],
];

/** The first kind that fits, or "other". */
export function foreignKind(key: string): string {
  return KINDS.find(([, pattern]) => pattern.test(key))?.[0] ?? "other";
}
