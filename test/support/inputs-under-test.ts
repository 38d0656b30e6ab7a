// Drives a run from the raw logs in R2 to the receiver. Durable Object, queue consumers and R2 are the real ones.
// Replaces the registry, delivers the queue messages itself, and collects the POSTs in `posts`.
import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { gunzipSync, gzipSync } from "node:zlib";
import { expect, vi } from "vitest";
import type { FileView, RunStatus } from "../../src/contract/views.ts";
import type { OperatorAnswer, OperatorCommand } from "../../src/contract/operator.ts";
import type { RunSpec } from "../../src/contract/run.ts";
import { parseMessage, sendMessage } from "../../src/contract/messages.ts";
import type { ParseSpec } from "../../src/contract/parse-spec.ts";
import { handleQueue } from "../../src/queues/queue.ts";
import { RunUnderTest, WINDOW_START, aSpec } from "./run-under-test.ts";

/** Makes the receiver's answer to the next POST. The body is recorded before this call. */
export type Receive = (lines: string[]) => Response | Promise<Response>;

/** A command without its actor. The note may be absent. */
type CommandOf<Command = OperatorCommand> = Command extends unknown
  ? Omit<Command, "actor" | "note"> & { note?: string }
  : never;

/** The number of the RayID field in a partner line. */
const RAY_ID_FIELD = 3;

export class InputsUnderTest extends RunUnderTest {
  /** The lines of each POST, without LF. */
  posts: string[][] = [];
  receive: Receive = () => new Response("ok");

  /** Does what RunUnderTest does, and replaces `globalThis.fetch` with the receiver of this test. */
  override setUp(): void {
    super.setUp();
    this.posts = [];
    this.receive = () => new Response("ok");
    vi.spyOn(globalThis, "fetch").mockImplementation(async (_url, init) => {
      const body = gunzipSync(init?.body as Uint8Array).toString();
      expect(body.endsWith("\n")).toBe(true);
      const lines = body.slice(0, -1).split("\n");
      this.posts.push(lines);
      return this.receive(lines);
    });
  }

  get prefix(): string {
    return `logs-${this.id}/`;
  }

  /** Puts an R2 object below the run's log prefix. Returns its key. */
  async put(name: string, body: Uint8Array | string): Promise<string> {
    const key = this.prefix + name;
    await env.LOGS.put(key, body);
    return key;
  }

  /** Starts the run and drives it until it can do no more by itself now. */
  async deliver(parse: Partial<ParseSpec> = {}, over: Partial<RunSpec> = {}): Promise<RunStatus> {
    const spec = aSpec(this.id, over);
    await this.start({ ...over, parse: { ...spec.parse, ...parse } });
    return this.drive();
  }

  /** Delivers the run's queue messages until none is left. The ledger must balance then. */
  async drive(): Promise<RunStatus> {
    for (let turns = 0; ; turns += 1) {
      await this.settle();
      const files = this.enqueued.splice(0);
      const wakeUps = this.wakeUps;
      this.wakeUps = 0;
      if (files.length === 0 && wakeUps === 0) break;
      if (turns > 100) throw new Error("the run does not come to rest");
      for (const file of files) await this.parse(file);
      if (wakeUps > 0) await consume("send-queue-backfill", sendMessage(this.id));
    }
    await this.expectBalanced();
    return this.status();
  }

  parse(file: number): Promise<void> {
    return consume("parse-queue-backfill", parseMessage(this.id, file));
  }

  command(command: CommandOf): Promise<OperatorAnswer> {
    const { note = null, ...rest } = command;
    return this.api.operate({ ...rest, actor: "token", note });
  }

  /** Gives the run a command, then drives the run on. */
  async decide(command: CommandOf): Promise<RunStatus> {
    const answer = await this.command(command);
    if (!answer.ok) throw new Error(`${answer.code}: ${answer.detail}`);
    return this.drive();
  }

  async files(): Promise<FileView[]> {
    const listed = await this.api.listFiles({ states: [], cursor: null, limit: 1_000 });
    if (!listed.ok) throw new Error(listed.detail);
    return listed.page.items;
  }

  async fileOf(key: string): Promise<FileView> {
    const file = (await this.files()).find((one) => one.key === key);
    if (!file) throw new Error(`no file ${key}`);
    return file;
  }

  /** The delivered RayIDs, in the order of arrival. */
  get delivered(): string[] {
    return this.posts.flat().map((line) => line.split("\u0001")[RAY_ID_FIELD - 1] ?? "");
  }

  async reasonOf(key: string): Promise<string> {
    const { state, reason } = await this.fileOf(key);
    return `${state}: ${reason}`;
  }
}

async function consume(queue: string, body: unknown): Promise<void> {
  const id = crypto.randomUUID();
  const batch = createMessageBatch(queue, [{ id, timestamp: new Date(), attempts: 1, body }]);
  const ctx = createExecutionContext();
  await handleQueue(batch, env);
  expect((await getQueueResult(batch, ctx)).ackAll).toBe(true);
}

/** A file name in the day's folder, for minute `n` of the window. */
export function logName(n: number, end = ".log.gz"): string {
  const minute = String(n).padStart(2, "0");
  return `20300422/20300422T14${minute}00Z_20300422T14${minute}30Z_${n}${end}`;
}

/** A top-level record inside the window. */
export function record(rayId: string, changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    ClientIP: "203.0.113.7",
    ClientRequestHost: "img.example.cn",
    ClientRequestURI: "/p?v=1",
    EdgeStartTimestamp: WINDOW_START / 1_000 + 60,
    ParentRayID: "00",
    RayID: rayId,
    WorkerSubrequest: false,
    ...changes,
  };
}

/** Makes `count` RayIDs. Different letters give different RayIDs. */
export function rayIds(letter: string, count: number): string[] {
  return Array.from({ length: count }, (_id, n) => `${letter}${String(n).padStart(15, "0")}`);
}

export function ndjson(records: readonly unknown[]): string {
  return records.map((one) => `${JSON.stringify(one)}\n`).join("");
}

/** NDJSON of plain records with these RayIDs. */
export function linesOf(ids: readonly string[]): string {
  return ndjson(ids.map((id) => record(id)));
}

/** A log with one line of the window. Each `size` below 50 gives another size of the R2 object. */
export function sizedLog(id: string, size: number, startMs = WINDOW_START + 60_000): Uint8Array {
  const line = record(id, { EdgeStartTimestamp: startMs / 1_000 });
  return Buffer.concat([gzipSync(ndjson([line])), gzipSync("\n".repeat(size % 50), { level: 0 })]);
}
