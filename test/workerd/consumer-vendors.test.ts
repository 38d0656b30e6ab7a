// Runs to the receivers of docs/reference/receivers.md with the documented configurations. A tenth of the requests fails,
// and senders vanish in the middle of a request. Every record must be stored, and once where the receiver dedupes.
import { createMessageBatch } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
// @ts-expect-error: Vite reads the file as text.
import document from "../../docs/reference/receivers.md?raw";
import { readHttpReceiver } from "../../src/receivers/http-settings.ts";
import { handleQueue } from "../../src/queues/queue.ts";
import { putRaw } from "../support/run-logs.ts";
import { aSpec, RunUnderTest } from "../support/run-under-test.ts";
import { VENDORS, documentedReceiver, type Failure, type VendorName } from "../support/vendor-receivers.ts";

const run = new RunUnderTest();
beforeEach(() => {
  run.setUp();
  for (const level of ["log", "warn", "error", "debug"] as const)
    vi.spyOn(console, level).mockImplementation(() => undefined);
});
afterEach(() => run.tearDown());
afterEach(() => run.expectBalanced());

const ORIGIN = "https://vendor.test";
const FILES = 2;
const LINES = 650;

async function handle(queue: string, body: unknown): Promise<void> {
  const batch = createMessageBatch(queue, [{ id: "m", timestamp: new Date(), attempts: 1, body }]);
  await handleQueue(batch, env);
}

/** A run with parsed files. Returns the RayIDs that must be stored. */
async function parsed(): Promise<string[]> {
  const { receiver } = readSettings();
  const raws = [];
  for (let n = 0; n < FILES; n += 1) raws.push(await putRaw(run, n, LINES));
  const { parse } = aSpec(run.id);
  const record = receiver.record === null ? {} : { record: receiver.record };
  await run.start({ parse: { ...parse, ...record }, http: receiver.sending });
  await run.settle();
  for (let n = 1; n <= FILES; n += 1) await handle("parse-queue-backfill", { v: 1, run: run.id, file: n });
  await run.settle();
  return raws.flatMap(({ kept }) => kept);
}

function readSettings() {
  const read = readHttpReceiver(env.RECEIVER ?? "");
  if (!read.ok) throw new Error(read.faults.join("; "));
  return read;
}

describe("a run to", () => {
  it.each(Object.keys(VENDORS) as VendorName[])("%s stores every record, through failures", async (name) => {
    Object.assign(env, { RECEIVER: documentedReceiver(document as string, name, ORIGIN) });
    const vendor = VENDORS[name]();
    const kept = await parsed();
    let requests = 0;
    vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
      requests += 1;
      const headers = new Map(new Headers(init?.headers as HeadersInit));
      const url = new URL(input as string);
      const request = { method: init?.method ?? "", url, headers, body: init?.body as Uint8Array };
      const failure: Failure = requests % 10 !== 5 ? null : requests % 20 === 5 ? "before" : "after";
      const { status, body } = vendor.answer(request, failure);
      // The runtime says the same for a sender that lost its connection after the receiver got everything.
      if (requests % 10 === 8) throw new Error("Network connection lost.");
      return new Response(body, { status });
    });
    for (let n = 0; n < 60 && (await run.stage()) !== "sent_waiting_cleanup"; n += 1) {
      await handle("send-queue-backfill", { v: 1, run: run.id });
      // The run's Durable Object forgets everything that is not stored.
      if (n % 3 === 0) await run.evict();
      await run.wait(5_000);
    }
    const status = await run.status();
    expect(status).toMatchObject({ stage_code: "sent_waiting_cleanup", log_lines_sent: kept.length });
    expect([...vendor.stored.keys()].toSorted()).toEqual(kept.toSorted());
    if (vendor.answersInPart) expect(status.batches.split).toBeGreaterThan(0);
    const twice = [...vendor.stored.values()].reduce((sum, count) => sum + count - 1, 0);
    if (vendor.dedupes) {
      expect(twice).toBe(0);
      if (!vendor.answersInPart) expect(status.possible_duplicate_lines).toBe(0);
      expect(status.deduped_lines).toBeGreaterThan(0);
    } else {
      expect(twice).toBeGreaterThan(0);
      expect(twice).toBeLessThanOrEqual(status.possible_duplicate_lines + status.duplicate_lines);
    }
  });
});
