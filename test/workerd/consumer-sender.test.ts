// A sender whose lease is lost, whose pack is gone or short, whose report is lost, or whose settings are missing.
import { createMessageBatch } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Env } from "../../src/platform/env.ts";
import { handleQueue } from "../../src/queues/queue.ts";
import { hookBucket, hookRunCalls } from "../support/run-faults.ts";
import { ALL_ONCE, FakeReceiver, putRaw } from "../support/run-logs.ts";
import { RunUnderTest } from "../support/run-under-test.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
let receiver = new FakeReceiver();
let printed: string[] = [];

beforeEach(() => {
  receiver = new FakeReceiver();
  printed = [];
  for (const level of ["log", "warn", "error", "debug"] as const)
    vi.spyOn(console, level).mockImplementation((...args: unknown[]) => void printed.push(args.join(" ")));
});
afterEach(() => run.expectBalanced());

async function handle(queue: string, body: unknown, over: Partial<Env> = {}): Promise<void> {
  const batch = createMessageBatch(queue, [{ id: "m", timestamp: new Date(), attempts: 1, body }]);
  const acked = vi.spyOn(batch, "ackAll");
  await handleQueue(batch, { ...env, LOG_LEVEL: "debug", ...over });
  expect(acked).toHaveBeenCalled();
}

/** A run with one parsed file of `lines` lines, in batches of 100. */
async function parsed(lines: number): Promise<string[]> {
  const raw = await putRaw(run, 0, lines);
  await run.start();
  await run.settle();
  await handle("parse-queue-backfill", { v: 1, run: run.id, file: 1 });
  await run.settle();
  receiver.install();
  return raw.kept;
}

async function wake(over: Partial<Env> = {}): Promise<void> {
  await handle("send-queue-backfill", { v: 1, run: run.id }, over);
  await run.settle();
}

describe("a sender", () => {
  it("begins no POST when its lease ran out while it fetched the body", async () => {
    await parsed(80);
    hookBucket(async (port, call) => {
      const result = await call();
      if (port === "r2.get") {
        run.pass(31_000);
        await run.settle();
      }
      return result;
    });
    await wake();
    expect(receiver.posts).toEqual([]);
  });

  it("begins no POST after it stood still for longer than a renewal lasts", async () => {
    await parsed(80);
    hookBucket(async (port, call) => {
      const result = await call();
      if (port === "r2.get") run.pass(16_000);
      return result;
    });
    await wake();
    expect(receiver.posts).toEqual([]);
    expect(await run.status()).toMatchObject({ uncertain_attempts: 0, in_flight: 0 });
  });

  it("asks for a new pack when there is none", async () => {
    const kept = await parsed(250);
    for (const { key } of (await env.LOGS.list({ prefix: `processed-backfill/${run.id}/` })).objects)
      await env.LOGS.delete(key);
    await wake();
    expect(receiver.posts).toEqual([]);
    expect((await run.status()).files.listed).toBe(1);
    await handle("parse-queue-backfill", { v: 1, run: run.id, file: 1 });
    await run.wait(6_000);
    await wake();
    expect(receiver.compare(kept)).toEqual(ALL_ONCE);
  });

  it("asks for a new pack when it is too short, and sends no half batch", async () => {
    const kept = await parsed(250);
    for (const { key } of (await env.LOGS.list({ prefix: `processed-backfill/${run.id}/` })).objects) {
      const bytes = new Uint8Array((await (await env.LOGS.get(key))?.arrayBuffer()) ?? new ArrayBuffer(0));
      await env.LOGS.put(key, bytes.subarray(0, bytes.length - 10));
    }
    await wake();
    await handle("parse-queue-backfill", { v: 1, run: run.id, file: 1 });
    await run.settle();
    await run.wait(6_000);
    await wake();
    expect(receiver.compare(kept)).toEqual(ALL_ONCE);
  });

  it("asks for a new pack when it was overwritten by members of equal length, and sends none", async () => {
    const kept = await parsed(250);
    for (const { key } of (await env.LOGS.list({ prefix: `processed-backfill/${run.id}/` })).objects) {
      const bytes = new Uint8Array((await (await env.LOGS.get(key))?.arrayBuffer()) ?? new ArrayBuffer(0));
      // The byte of the gzip header for the operating system. Its value does not matter. The member still
      // decompresses.
      bytes[9] = (bytes[9] ?? 0) ^ 1;
      await env.LOGS.put(key, bytes);
    }
    await wake();
    expect(receiver.posts.flatMap((post) => post.rayIds)).not.toContain(kept[0]);
    expect(printed.join("\n")).toContain('"event":"pack_damaged"');
    for (let tries = 0; tries < 3; tries += 1) {
      await handle("parse-queue-backfill", { v: 1, run: run.id, file: 1 });
      await run.wait(6_000);
      await wake();
    }
    expect(receiver.compare(kept)).toEqual(ALL_ONCE);
    expect(await run.status()).toMatchObject({ uncertain_attempts: 0, log_lines_sent: 250 });
  });

  it("compares no batches whose manifest is older than the comparison", async () => {
    const kept = await parsed(250);
    await run.rows("UPDATE batches SET member_digest = NULL");
    await wake();
    expect(receiver.compare(kept)).toEqual(ALL_ONCE);
  });

  it("repeats a report that is lost on the way, so that a known 2xx is not lost", async () => {
    const kept = await parsed(250);
    let failures = 0;
    hookRunCalls(async (port, call) => {
      if ((port === "run.next" || port === "run.done") && receiver.posts.length > 0 && failures < 5) {
        failures += 1;
        throw new Error("the object is away");
      }
      return call();
    });
    await wake();
    expect(failures).toBe(5);
    expect(receiver.compare(kept)).toEqual(ALL_ONCE);
    expect(await run.status()).toMatchObject({ log_lines_sent: 250, uncertain_attempts: 0 });
  });

  it("renews the lease of a known 2xx while its report is lost for longer than a lease lasts", async () => {
    const kept = await parsed(80);
    const looks: (() => void)[] = [];
    vi.spyOn(globalThis, "setInterval").mockImplementation(((look: () => void) => looks.push(look)) as never);
    let failures = 0;
    let inFlight: number | null = null;
    hookRunCalls(async (port, call) => {
      if (!["run.next", "run.done"].includes(port) || receiver.posts.length === 0 || failures >= 5)
        return call();
      failures += 1;
      run.pass(9_000);
      for (const look of looks) look();
      await run.settle();
      inFlight = (await run.status()).in_flight;
      throw new Error("the object is away");
    });
    await wake();
    expect(failures).toBe(5);
    // The lease is still open after more than 45 s, so no other sender can get the batch.
    expect(inFlight).toBe(1);
    expect(receiver.compare(kept)).toEqual(ALL_ONCE);
    expect(await run.status()).toMatchObject({ log_lines_sent: 80, uncertain_attempts: 0 });
  });

  it("reports and logs the cause when R2 fails, and does not try again at once", async () => {
    const kept = await parsed(250);
    let gets = 0;
    hookBucket(async (port, call) => {
      if (port !== "r2.get" || gets >= 18) return call();
      gets += 1;
      throw new Error("internal error (10001)");
    });
    await wake();
    expect(gets).toBeLessThanOrEqual(18);
    expect((await run.status()).failures).toMatchObject({ storage: expect.any(Number) });
    expect(printed.join("\n")).toContain('"event":"storage_failed"');
    gets = 18;
    await run.wait(60_000);
    await wake();
    expect(receiver.compare(kept)).toEqual(ALL_ONCE);
  });

  it("does nothing without settings, and the run names what is missing", async () => {
    await parsed(80);
    await wake({ CTYUN_PRIVATE_KEY: "" });
    expect(receiver.posts).toEqual([]);
  });
});
