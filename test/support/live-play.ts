// Makes a bucket with raw files and the markers of a live worker, and a run that skips what the live worker
// delivered.
import { createMessageBatch } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { gzipSync } from "node:zlib";
import { expect } from "vitest";
import { markerPrefix, type LiveSpec } from "../../src/contract/live.ts";
import type { FileView } from "../../src/contract/views.ts";
import { handleQueue } from "../../src/queues/queue.ts";
import { record } from "./run-logs.ts";
import type { RunUnderTest } from "./run-under-test.ts";
import { logKey } from "./run-work.ts";

const SIZE = 100;

export class LivePlay {
  readonly #run: RunUnderTest;
  #prefix = "";
  /** The run whose id the raw keys contain: the first run that used the bucket. */
  #keys: { id: string } | null = null;

  constructor(run: RunUnderTest) {
    this.#run = run;
  }

  /** A continuation uses the raw files and the markers of the run that it continues. */
  spec(over: Partial<LiveSpec> = {}): { live: LiveSpec } {
    if (this.#prefix === "") this.#prefix = `live-${this.#run.id}/`;
    return { live: { batchSize: SIZE, prefix: this.#prefix, settleMs: 0, waiting: "hold", ...over } };
  }

  forget(): void {
    this.#prefix = "";
    this.#keys = null;
  }

  #key(n: number): string {
    this.#keys ??= { id: this.#run.id };
    return logKey(this.#keys, n);
  }

  async mark(n: number, index: number, kind: "done" | "waiting" = "done"): Promise<void> {
    const suffix = kind === "done" ? ".txt.done" : ".txt";
    const { prefix } = this.spec().live;
    await env.LOGS.put(`${markerPrefix(prefix, this.#key(n))}${index}${suffix}`, "1");
  }

  /** Puts a raw file and its markers. `tail` is appended to the file unchanged. */
  async put(n: number, records: number, done: number[], tail = ""): Promise<void> {
    const lines = Array.from({ length: records }, (_, at) => `${record(`f${n}-${at}`)}\n`).join("");
    await env.LOGS.put(this.#key(n), gzipSync(lines + tail));
    for (const index of done) await this.mark(n, index);
  }

  /** Puts three files that are wholly delivered. They prove the size of the live worker's batches. */
  async putWhole(): Promise<void> {
    await this.put(0, 250, upTo(3));
    await this.put(1, 350, upTo(4));
    await this.put(2, 450, upTo(5));
  }

  async start(over: Partial<LiveSpec> = {}): Promise<void> {
    await this.#run.start(this.spec(over));
    await this.#run.settle();
  }

  async parse(...files: number[]): Promise<void> {
    const messages = files.map((file) => ({
      id: `m${file}`,
      timestamp: new Date(),
      attempts: 1,
      body: { v: 1, run: this.#run.id, file },
    }));
    await handleQueue(createMessageBatch("parse-queue-backfill", messages), env);
    await this.#run.settle();
  }

  async files(): Promise<FileView[]> {
    const answer = await this.#run.api.listFiles({ states: [], cursor: null, limit: 100 });
    if (!answer.ok) throw new Error(answer.detail);
    return answer.page.items;
  }

  /** Checks that the ledger equals a recount. */
  async verify(): Promise<void> {
    await this.#run.expectBalanced();
    await this.#run.api.operate({ do: "verify", actor: "token", note: null });
    await this.#run.settle();
    expect((await this.#run.status()).verification).toMatchObject({ last: { differences: [] } });
  }
}

/** The numbers below `count`. */
export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n);
}
