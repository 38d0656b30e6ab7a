// Drives a whole run step by step. The clock ticks and messages are delivered when the test asks for it. Nothing
// sleeps. The driver only controls queues and time. The receiver and the logs show whether the result is correct.
import { createMessageBatch } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { vi } from "vitest";
import { handleQueue } from "../../src/queues/queue.ts";
import { FakeReceiver, putRaw } from "./run-logs.ts";
import type { RunUnderTest } from "./run-under-test.ts";

export interface Message {
  queue: "parse-queue-backfill" | "send-queue-backfill";
  body: unknown;
}

/** Decides what the queues do with their messages. By default each message is delivered once, in order. */
export type Delivery = (waiting: Message[]) => Message[];

export class WholeRun {
  readonly run: RunUnderTest;
  readonly receiver = new FakeReceiver();
  kept: string[] = [];
  deliver: Delivery = (waiting) => waiting;
  /** Called after each step of the driver, for example to evict the run's Durable Object. */
  afterStep: () => Promise<void> = async () => undefined;
  steps = 0;

  constructor(run: RunUnderTest) {
    this.run = run;
  }

  /** Puts two files with five and four batches. The last batch of a file may be short. */
  async prepare(): Promise<void> {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const files = [await putRaw(this.run, 0, 450), await putRaw(this.run, 1, 399)];
    this.kept = files.flatMap((file) => file.kept);
    this.receiver.install();
  }

  /** Drives the run until it reaches a stage that it does not leave by itself, or for an hour. */
  async toTheEnd(): Promise<void> {
    const giveUpAt = Date.now() + 3_600_000;
    while (Date.now() < giveUpAt) {
      await this.step();
      const stage = await this.stage();
      if (["sent_waiting_cleanup", "needs_attention", "aborted", "cleaned", "counted"].includes(stage))
        return;
    }
  }

  async step(): Promise<void> {
    this.steps += 1;
    await this.run.wait(1_000);
    await this.afterStep();
    for (const message of this.deliver(this.#taken())) {
      const batch = createMessageBatch(message.queue, [
        { id: `m${this.steps}`, timestamp: new Date(), attempts: 1, body: message.body },
      ]);
      await handleQueue(batch, env);
      await this.afterStep();
    }
  }

  #taken(): Message[] {
    const parse = this.run.enqueued.map((file): Message => ({
      queue: "parse-queue-backfill",
      body: { v: 1, run: this.run.id, file },
    }));
    const send = Array.from({ length: this.run.wakeUps }, (): Message => ({
      queue: "send-queue-backfill",
      body: { v: 1, run: this.run.id },
    }));
    this.run.enqueued = [];
    this.run.wakeUps = 0;
    return [...parse, ...send];
  }

  async stage(): Promise<string> {
    const rows = await this.run.rows<{ stage: string }>("SELECT stage FROM run");
    return rows[0]?.stage ?? "not started";
  }

  /** The first and last RayID of each batch that the ledger lists as possibly repeated. Such a batch has a duplicate
   * or uncertain attempt. */
  async namedBatches(): Promise<{ first: string; last: string }[]> {
    return this.run.rows<{ first: string; last: string }>(
      `SELECT first_ray AS first, last_ray AS last FROM batches WHERE batch IN
       (SELECT batch FROM attempts WHERE state IN ('duplicate', 'uncertain'))`,
    );
  }
}
