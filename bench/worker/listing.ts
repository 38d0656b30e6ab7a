// The Worker with its real Durable Objects, but with slower list operations. A route of this file writes keys into
// the bucket, and another measures a listing. Queue messages are dropped, so listed files are not parsed.
import { BackfillRun as Run } from "../../durable-objects/backfill-run/backfill-run.ts";
import { RunRegistry as Registry } from "../../durable-objects/run-registry/run-registry.ts";
import type { BackfillRunApi, RunSpec } from "../../src/contract/run.ts";
import type { Env } from "../../src/platform/env.ts";

// wrangler.toml lists every class, so this module must export them all.
export { Coverage } from "../../durable-objects/coverage/coverage.ts";
export { Notifier } from "../../durable-objects/notifier/notifier.ts";

/** The registry accepts every report, because it did not admit this run. The real registry would refuse the reports. */
export class RunRegistry extends Registry {
  override async report(): Promise<void> {}
}

/** The options of the current listing: the ms that each list operation takes longer, and whether operations run one
 * by one. */
let asked = { addedMs: 0, oneByOne: false };
let lists = 0;
let last: Promise<unknown> = Promise.resolve();

function slowed(bucket: R2Bucket): R2Bucket {
  const slow = async (options?: R2ListOptions): Promise<R2Objects> => {
    lists += 1;
    await scheduler.wait(asked.addedMs);
    return bucket.list(options);
  };
  const list = (options?: R2ListOptions): Promise<R2Objects> => {
    if (!asked.oneByOne) return slow(options);
    const turn = last.then(() => slow(options));
    last = turn.catch(() => undefined);
    return turn;
  };
  return new Proxy(bucket, {
    get(target, name) {
      if (name === "list") return list;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

export class BackfillRun extends Run {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, { ...env, LOGS: slowed(env.LOGS) });
  }
}

/** How many `put` operations of one request are open at once. */
const PUTS = 20;
const CHECK_EVERY_MS = 50;

export default {
  async fetch(request, env) {
    if (request.method !== "POST") return new Response("ready");
    const given = await request.json<{ keys: string[] } | { spec: RunSpec; asked: typeof asked }>();
    if ("keys" in given) {
      const keys = given.keys.values();
      const put = async (): Promise<void> => {
        for (const key of keys) await env.LOGS.put(key, "-");
      };
      await Promise.all(Array.from({ length: PUTS }, put));
      return Response.json(null);
    }
    ({ asked } = given);
    lists = 0;
    const run = env.BACKFILL_RUN.getByName(given.spec.runId) as unknown as BackfillRunApi;
    const began = Date.now();
    await run.start(given.spec, { fence: 1, notBefore: 0 });
    for (;;) {
      const answer = await run.status();
      if (!answer.ok) return new Response(answer.detail, { status: 500 });
      const { complete_as_of, matched_raw_files: files } = answer.status;
      if (complete_as_of !== null) return Response.json({ ms: Date.now() - began, lists, files });
      await scheduler.wait(CHECK_EVERY_MS);
    }
  },
  // Drops the messages, because no file is to be parsed.
  async queue() {},
} satisfies ExportedHandler<Env>;
