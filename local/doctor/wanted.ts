// The names and values that wrangler.toml must have, because the code of the Worker uses them.

/** The oldest compatibility date. With an older one, the Worker cannot reach ports other than 80 and 443. */
export const OLDEST_DATE = "2024-09-02";

export const CLASSES = {
  BACKFILL_RUN: "BackfillRun",
  RUN_REGISTRY: "RunRegistry",
  COVERAGE: "Coverage",
  NOTIFIER: "Notifier",
} as const;

export const PRODUCERS = {
  PARSE_QUEUE: "parse-queue-backfill",
  SEND_QUEUE: "send-queue-backfill",
} as const;

/** The dead-letter queue of each queue. */
export const DEAD_LETTERS = {
  "parse-queue-backfill": "parse-dlq-backfill",
  "send-queue-backfill": "send-dlq-backfill",
} as const;

/** The migrations of the Durable Object classes, in the order in which Cloudflare applied them. A tag that was
 * applied must never change. */
export const MIGRATIONS: readonly { tag: string; classes: readonly string[] }[] = [
  { tag: "v1", classes: ["BackfillRun", "RunRegistry"] },
  { tag: "v2", classes: ["Coverage"] },
  { tag: "v3", classes: ["Notifier"] },
];
