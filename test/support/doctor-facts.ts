// Facts about a deployment and a clone in which the doctor finds nothing to do. Tests change one thing at a time.
import type { ProjectFacts } from "../../local/doctor/judge-project.ts";
import type { DeploymentFacts, SampledFile } from "../../src/http/doctor/facts.ts";

export const NOW = Date.parse("2026-04-23T00:00:00Z");

export function sampledFile(over: Partial<SampledFile> = {}): SampledFile {
  return {
    key: "logs/20260422/20260422T140000Z_20260422T140500Z_a.log.gz",
    startMs: Date.parse("2026-04-22T14:00:00Z"),
    endMs: Date.parse("2026-04-22T14:05:00Z"),
    unread: null,
    isWhole: true,
    records: 200,
    malformed: 0,
    forms: { nanoseconds: 200 },
    farRecords: 0,
    parents: { usual: 150, absent: 0, zeros: {}, parents: 50 },
    liveRecords: 2_500,
    borders: "known",
    maxMarker: 2,
    ...over,
  };
}

export function deploymentFacts(): DeploymentFacts {
  const backlog = { messages: 2, oldestAt: NOW - 1_000 };
  return {
    now: NOW,
    settings: {
      faults: [],
      misspelt: [],
      enabled: true,
      missingSecrets: [],
      autoReplay: "queue",
      receiverKind: "ctyun",
      namedTokens: 2,
      hasAccessRoles: false,
      accessKeys: "fetched",
    },
    objects: {
      registry: true,
      coverage: true,
      notifier: true,
      channels: { names: ["oncall"], faults: [] },
      queues: [
        { binding: "PARSE_QUEUE", backlog },
        { binding: "SEND_QUEUE", backlog: { messages: 0, oldestAt: null } },
      ],
    },
    bucket: {
      listFailed: null,
      logPrefix: "logs/",
      keys: 10,
      unnamed: [],
      unnamedCount: 0,
      newestUploadedAt: NOW - 1_000,
      samples: [sampledFile()],
      livePrefix: "processed/",
      liveBatchSize: 1_000,
      hasMarkers: true,
    },
    receiver: {
      head: { kind: "answer", status: 405, dateMs: NOW },
      signed: { kind: "answer", status: 200, dateMs: NOW },
      isSignedAsked: true,
    },
    namedReceivers: [],
    sameAddress: [],
  };
}

export function projectFacts(): ProjectFacts {
  const consumer = { max_batch_size: 10, max_retries: 3 };
  return {
    config: {
      main: "/clone/src/index.ts",
      compatibility_date: "2026-10-01",
      compatibility_flags: ["nodejs_compat"],
      preview_urls: false,
      workers_dev: false,
      r2_buckets: [{ binding: "LOGS", bucket_name: "cdn-logs-raw" }],
      durable_objects: {
        bindings: [
          { name: "BACKFILL_RUN", class_name: "BackfillRun" },
          { name: "RUN_REGISTRY", class_name: "RunRegistry" },
          { name: "COVERAGE", class_name: "Coverage" },
          { name: "NOTIFIER", class_name: "Notifier" },
        ],
      },
      queues: {
        producers: [
          { binding: "PARSE_QUEUE", queue: "parse-queue-backfill" },
          { binding: "SEND_QUEUE", queue: "send-queue-backfill" },
        ],
        consumers: [
          {
            ...consumer,
            queue: "parse-queue-backfill",
            max_batch_size: 1,
            dead_letter_queue: "parse-dlq-backfill",
          },
          { ...consumer, queue: "send-queue-backfill", dead_letter_queue: "send-dlq-backfill" },
          { ...consumer, queue: "parse-dlq-backfill" },
          { ...consumer, queue: "send-dlq-backfill" },
        ],
      },
      migrations: [
        { tag: "v1", new_sqlite_classes: ["BackfillRun", "RunRegistry"] },
        { tag: "v2", new_sqlite_classes: ["Coverage"] },
        { tag: "v3", new_sqlite_classes: ["Notifier"] },
      ],
      assets: {
        directory: "./dist",
        binding: "ASSETS",
        not_found_handling: "none",
        run_worker_first: ["/*", "!/ui/assets/*"],
      },
      limits: { cpu_ms: 300_000 },
      vars: { LOG_PREFIX: "logs/" },
    },
    unreadable: "",
    secrets: ["CTYUN_ENDPOINT", "CTYUN_URI_EDGE", "CTYUN_PRIVATE_KEY", "API_TOKEN"],
    secretsNotChecked: "",
  };
}
