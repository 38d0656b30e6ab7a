// Five projects, one after the other. Inside a project files run side by side.
//   unit         pure modules, plain Node
//   workerd      the Worker and its objects inside the real runtime, also with things going wrong on purpose (test/faults)
//   stack        the whole stack over HTTP, from outside; mostly waits
//   browser      the page in a real browser, before the whole stack
//   stack-speed  the same, for what measures lines per second; alone on the machine
import { resolve } from "node:path";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { buildDist } from "./local/build/build-dist.ts";
import { memoryDir } from "./test/support/memory-dir.ts";

// Nothing may leave this machine, and the third makes local RPC five times faster.
process.env["WRANGLER_SEND_METRICS"] ??= "false";
process.env["CLOUDFLARE_CF_FETCH_ENABLED"] ??= "false";
process.env["X_LOCAL_OBSERVABILITY"] ??= "false";
process.env["WRANGLER_HIDE_BANNER"] ??= "true";
// The tests start about two hundred Node processes. With this cache a process compiles only changed modules.
process.env["NODE_COMPILE_CACHE"] ??= resolve(import.meta.dirname, "node_modules/.cache/node-compile");

// Before the Worker's plugin starts, because it looks for the folder of the page once.
await buildDist();

// Objects, buckets and stacks keep their state below it.
process.env["TMPDIR"] = memoryDir() ?? process.env["TMPDIR"] ?? "/tmp";

/** Delivered at once and retried at once: a test waits for an outcome, never for a timer. Seconds. */
const consumer = { maxBatchTimeout: 0.02, maxRetries: 3, retryDelay: 0 };

function inWorkerd() {
  return cloudflareTest({
    wrangler: { configPath: "./wrangler.toml" },
    miniflare: {
      bindings: {
        CTYUN_ENDPOINT: "http://receiver.test",
        CTYUN_URI_EDGE: "/log/edge",
        CTYUN_PRIVATE_KEY: "test-private-key",
        API_TOKEN: "test-token",
        SEND_TIMEOUT_MS: "2000",
        LOG_LEVEL: "error",
      },
      queueConsumers: {
        "parse-queue-backfill": { ...consumer, maxBatchSize: 1, deadLetterQueue: "parse-dlq-backfill" },
        "send-queue-backfill": { ...consumer, maxBatchSize: 2, deadLetterQueue: "send-dlq-backfill" },
        "parse-dlq-backfill": { ...consumer, maxBatchSize: 10 },
        "send-dlq-backfill": { ...consumer, maxBatchSize: 10 },
      },
      // A test that lets the Worker fetch spies on globalThis.fetch; whatever slips through is answered here.
      outboundService: () => new Response("no test may reach the network", { status: 501 }),
    },
  });
}

// `isolate: false` below: the files of one worker share their modules, because loading them again for each file takes
// more CPU than the tests of most files.

/** A hung test must end, a slow machine must not: no test here is about time. */
const PATIENCE_MS = 60_000;

/** Files side by side: the suite is measured on two cores. Stack tests mostly wait. */
const FILES_AT_ONCE = 2;
const STACK_FILES_AT_ONCE = 4;
/** These measure the sending speed. Other files would lower it. */
const SPEED = ["test/stack/cap.test.ts"];
const RESTORE_ENV = ["test/support/restore-env.ts"];
const EMPTY_BUCKET = "test/support/empty-bucket.ts";
const inStack = {
  isolate: false,
  testTimeout: 180_000,
  hookTimeout: 120_000,
  globalSetup: [EMPTY_BUCKET],
};

/** The JSON report is for .ci/run, which counts from it. */
const jsonReport = process.env["TEST_REPORT"];

export default defineConfig({
  test: {
    reporters: jsonReport ? ["default", ["json", { outputFile: jsonReport }]] : ["default"],
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          setupFiles: "test/support/property-seed.ts",
          isolate: false,
          maxWorkers: FILES_AT_ONCE,
          testTimeout: PATIENCE_MS,
          sequence: { groupOrder: 0 },
        },
      },
      {
        plugins: [inWorkerd()],
        test: {
          name: "workerd",
          include: ["test/workerd/**/*.test.ts", "test/faults/**/*.test.ts"],
          setupFiles: RESTORE_ENV,
          isolate: false,
          maxWorkers: FILES_AT_ONCE,
          testTimeout: PATIENCE_MS,
          hookTimeout: PATIENCE_MS,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...inStack,
          name: "stack",
          include: ["test/stack/**/*.test.ts"],
          exclude: SPEED,
          maxWorkers: STACK_FILES_AT_ONCE,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          ...inStack,
          name: "browser",
          include: ["test/browser/**/*.test.ts"],
          globalSetup: [EMPTY_BUCKET, "test/browser/support/chromium-setup.ts"],
          maxWorkers: FILES_AT_ONCE,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          ...inStack,
          name: "stack-speed",
          include: SPEED,
          maxWorkers: 1,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
