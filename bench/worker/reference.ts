// The Worker with its real run and its real send consumer, for the reference run. The bucket, the queues and the
// receiver are simulated (bench/reference/outside.ts). The driver takes the queue messages and makes one request for
// each invocation of a consumer.
import { BackfillRun as Run } from "../../durable-objects/backfill-run/backfill-run.ts";
import { RunRegistry as Registry } from "../../durable-objects/run-registry/run-registry.ts";
import type { ParseMessage } from "../../src/contract/messages.ts";
import { createLog } from "../../src/platform/log.ts";
import { runObject } from "../../src/platform/objects.ts";
import type { Env } from "../../src/platform/env.ts";
import { serveWakeUps } from "../../src/queues/send-consumer.ts";
import {
  answerPost,
  become,
  bucketOf,
  distant,
  parseMs,
  parseQueue,
  queued,
  sendQueue,
  tally,
} from "../reference/outside.ts";
import { slowAlarms, slowDown } from "../reference/slow-motion.ts";
import { batchesOf, type CountedSoFar, type Start } from "../reference/scenario.ts";
import { blocked, measureBlocking } from "../scale/blocking.ts";
import { entries, pageOf } from "../scale/fill.ts";
import { countCalls, countRows, counts, settleRows } from "./counters.ts";

// wrangler.toml lists every class, so this module must export them all.
export { Coverage } from "../../durable-objects/coverage/coverage.ts";
export { Notifier } from "../../durable-objects/notifier/notifier.ts";

/** The registry accepts everything from this run, because it did not admit the run. The real registry would refuse
 * the reports. */
export class RunRegistry extends Registry {
  override async report(): Promise<void> {}
  override async release(): Promise<void> {}
}

// The time of the counters does not count as time of the Durable Object.
measureBlocking(Run.prototype);
countCalls(Run.prototype, "run");

globalThis.fetch = answerPost;

let size = { files: 1, batches: 1 };
let bucket: R2Bucket;

export class BackfillRun extends Run {
  constructor(ctx: DurableObjectState, env: Env) {
    slowAlarms(ctx.storage);
    countRows(ctx.storage);
    super(ctx, { ...env, LOGS: bucket, PARSE_QUEUE: parseQueue, SEND_QUEUE: sendQueue });
  }
}

/** The longest time for which the driver waits for messages, and the time between two checks, in ms. */
const MESSAGES_MS = 1_000;
const CHECK_EVERY_MS = 5;

async function takeMessages(): Promise<typeof queued> {
  const until = Date.now() + MESSAGES_MS;
  while (queued.parse.length + queued.send.length === 0 && Date.now() < until)
    await scheduler.wait(CHECK_EVERY_MS);
  return { parse: queued.parse.splice(0), send: queued.send.splice(0) };
}

/** Does what a parser does to the run. This simulated parser reads and writes no file. */
async function parse({ run: runId, file }: ParseMessage, env: Env): Promise<void> {
  const run = runObject(env, runId);
  const claim = await run.claimFile(file);
  if (!claim.ok) return;
  await scheduler.wait(parseMs());
  await run.queued(pageOf(claim, file, entries(file, batchesOf(file, size.files, size.batches))));
}

type Asked =
  | Start
  | { action: "messages" | "look" }
  | { action: "status"; run: string }
  | { action: "parse"; bodies: ParseMessage[] }
  | { action: "send"; bodies: unknown[] };

export default {
  async fetch(request, env) {
    if (request.method !== "POST") return new Response("ready");
    const asked = await request.json<Asked>();
    const far: Env = { ...env, LOGS: bucket, BACKFILL_RUN: distant(env.BACKFILL_RUN) };
    switch (asked.action) {
      case "start": {
        const { spec } = asked;
        slowDown(asked.slow);
        tally.startedAt = Date.now();
        size = asked;
        bucket = bucketOf(asked.files, spec.parse);
        become(asked.outside);
        return Response.json(await runObject(env, spec.runId).start(spec, { fence: 1, notBefore: 0 }));
      }
      case "messages":
        return Response.json(await takeMessages());
      case "parse":
        await Promise.all(asked.bodies.map((body) => parse(body, far)));
        return Response.json(null);
      case "send":
        await serveWakeUps(asked.bodies, far, createLog("error"));
        return Response.json(null);
      case "status":
        return Response.json(await runObject(env, asked.run).status());
      case "look":
        settleRows();
        return Response.json({ tally, counts, blocked } satisfies CountedSoFar);
    }
  },
  // The simulated queues get all messages, so this consumer gets none.
  async queue() {},
} satisfies ExportedHandler<Env>;
