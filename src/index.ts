// The Worker's entry: HTTP requests go to src/http, queue messages to src/queues, calls of other
// Workers to src/service. Exports the Durable Object classes.
import type { Env } from "./platform/env.ts";
import { handleRequest } from "./http/router.ts";
import { handleQueue } from "./queues/queue.ts";

export { BackfillService } from "./service/backfill-service.ts";
export { BackfillRun } from "../durable-objects/backfill-run/backfill-run.ts";
export { Coverage } from "../durable-objects/coverage/coverage.ts";
export { Notifier } from "../durable-objects/notifier/notifier.ts";
export { RunRegistry } from "../durable-objects/run-registry/run-registry.ts";

export default {
  fetch: handleRequest,
  queue: handleQueue,
} satisfies ExportedHandler<Env>;
