// Passes a batch of queue messages to the consumer of that queue. Never throws, because after a throw the queue
// would deliver acked messages again. Every message is acked: a message is only a wake-up, and the run enqueues
// lost work again.
import type { Env } from "../platform/env.ts";
import { logLevelOf } from "../platform/config.ts";
import { createLog, errorText } from "../platform/log.ts";
import { recordDeadLetter } from "./dead-letters.ts";
import { parseOne } from "./parse-consumer.ts";
import { serveWakeUps } from "./send-consumer.ts";

export async function handleQueue(batch: MessageBatch, env: Env): Promise<void> {
  const log = createLog(logLevelOf(env));
  const bodies = batch.messages.map((message) => message.body);
  try {
    switch (batch.queue) {
      case "parse-queue-backfill":
        for (const body of bodies) await parseOne(body, env, log);
        break;
      case "send-queue-backfill":
        await serveWakeUps(bodies, env, log);
        break;
      case "parse-dlq-backfill":
        for (const body of bodies) await recordDeadLetter("parse", body, env, log);
        break;
      case "send-dlq-backfill":
        for (const body of bodies) await recordDeadLetter("send", body, env, log);
        break;
      default:
        log("error", "unknown_queue", { queue: batch.queue });
    }
  } catch (error) {
    log("error", "consumer_failed", { queue: batch.queue, error: errorText(error) });
  }
  batch.ackAll();
}
