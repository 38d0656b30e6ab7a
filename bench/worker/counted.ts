// The deployed Worker, with a counter for every billed operation. The bench uses this file as the entry module in
// place of src/index.ts.
import { BackfillRun as Run } from "../../durable-objects/backfill-run/backfill-run.ts";
import { RunRegistry as Registry } from "../../durable-objects/run-registry/run-registry.ts";
import worker from "../../src/index.ts";
import type { Env } from "../../src/platform/env.ts";
import {
  countCalls,
  countRows,
  countedBucket,
  countedQueue,
  counts,
  resetCounts,
  settleRows,
} from "./counters.ts";

// wrangler.toml lists every class, so this module must export them all.
export { Coverage } from "../../durable-objects/coverage/coverage.ts";
export { Notifier } from "../../durable-objects/notifier/notifier.ts";

countCalls(Run.prototype, "run");
countCalls(Registry.prototype, "registry");

function counted(env: Env): Env {
  return {
    ...env,
    LOGS: countedBucket(env.LOGS),
    PARSE_QUEUE: countedQueue(env.PARSE_QUEUE, "parse"),
    SEND_QUEUE: countedQueue(env.SEND_QUEUE, "send"),
  };
}

export class BackfillRun extends Run {
  constructor(ctx: DurableObjectState, env: Env) {
    countRows(ctx.storage);
    super(ctx, counted(env));
  }
}

export class RunRegistry extends Registry {
  constructor(ctx: DurableObjectState, env: Env) {
    countRows(ctx.storage);
    super(ctx, counted(env));
  }
}

export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname === "/_bench/counts") {
      settleRows();
      return Response.json(counts);
    }
    if (pathname === "/_bench/reset") {
      resetCounts();
      return new Response("reset");
    }
    return worker.fetch(request, counted(env), ctx);
  },
  queue: (batch, env) => worker.queue(batch, counted(env)),
} satisfies ExportedHandler<Env>;
