// The send consumer and answers whose bodies end early, never end, use another charset, or do not match.
import { createMessageBatch } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Env } from "../../src/platform/env.ts";
import { handleQueue } from "../../src/queues/queue.ts";
import { FakeReceiver, putRaw } from "../support/run-logs.ts";
import { RunUnderTest } from "../support/run-under-test.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
let receiver = new FakeReceiver();

beforeEach(() => {
  receiver = new FakeReceiver();
});
afterEach(() => run.expectBalanced());

async function handle(queue: string, body: unknown, over: Partial<Env> = {}): Promise<void> {
  const batch = createMessageBatch(queue, [{ id: "m", timestamp: new Date(), attempts: 1, body }]);
  const acked = vi.spyOn(batch, "ackAll");
  await handleQueue(batch, { ...env, ...over });
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

describe("a POST without SUCCESS_PATTERN", () => {
  it.each([
    ["is the beginning of the usual one counts", '{"code":0,"mess', 0],
    ["is the beginning of an error is held", '{"code":500,"mess', 100],
    ["never came is held, because nothing could be compared", "", 100],
  ])("is judged when its 2xx breaks off after seven good ones: %s", async (_what, arrived, held) => {
    await parsed(800);
    let n = 0;
    receiver.answer = () => {
      n += 1;
      return n < 8 ? new Response('{"code":0,"message":"ok"}') : brokenOff(arrived);
    };
    await wake();
    await run.wait(1_000);
    expect(await run.status()).toMatchObject({ log_lines_sent: 800 - held, lines: { held } });
  });

  it("reads its 2xx in the charset that it names, where the runtime knows it", async () => {
    await parsed(80);
    // "\u6210\u529f" in GBK.
    const bytes = new Uint8Array([0x7b, 0x22, 0x6d, 0x22, 0x3a, 0x22, 0xb3, 0xc9, 0xb9, 0xa6, 0x22, 0x7d]);
    receiver.answer = () =>
      new Response(bytes, { headers: { "Content-Type": "application/json; charset=GBK" } });
    await wake({ SUCCESS_PATTERN: "\\u6210\\u529f" });
    expect(await run.status()).toMatchObject({ log_lines_sent: 80 });
  });
});

/** A 2xx whose connection ends after the part `arrived` of its body. */
function brokenOff(arrived: string): Response {
  let pulls = 0;
  return new Response(
    new ReadableStream({
      pull(controller) {
        pulls += 1;
        if (pulls === 1 && arrived !== "") controller.enqueue(new TextEncoder().encode(arrived));
        else controller.error(new Error("reset"));
      },
    }),
  );
}

describe("a POST with SUCCESS_PATTERN", () => {
  const over = { SUCCESS_PATTERN: '"code":0' };

  it("is uncertain when its answer does not match, and shows the body", async () => {
    await parsed(80);
    receiver.answer = () => new Response('{"code":500}');
    await wake(over);
    expect(receiver.posts).toHaveLength(1);
    expect(await run.rows("SELECT state, cause FROM attempts")).toEqual([
      { state: "uncertain", cause: "answer_does_not_match" },
    ]);
    expect((await run.status()).answers).toMatchObject({ bodies: [{ body: '{"code":500}' }] });
    const [row] = await run.rows<{ answers_json: string }>("SELECT answers_json FROM totals");
    expect(JSON.parse(row?.answers_json ?? "")).toMatchObject({
      pattern: { isWaiting: true, hasMatched: false },
    });
  });

  it("is settled by a body that breaks off, when what arrived matches", async () => {
    await parsed(80);
    receiver.answer = () => brokenOff('{"code":0,');
    await wake(over);
    expect(await run.status()).toMatchObject({ log_lines_sent: 80, uncertain_attempts: 0 });
  });

  it("is settled by a body that never ends, as soon as it matches", async () => {
    await parsed(80);
    receiver.answer = () => new Response(crumbs("ok"));
    const begun = performance.now();
    await wake({ SUCCESS_PATTERN: "ok" });
    expect(performance.now() - begun).toBeLessThan(5_000);
    expect(await run.status()).toMatchObject({ log_lines_sent: 80, uncertain_attempts: 0 });
  });

  it("waits ten seconds for a body that never ends, when it may still decide", async () => {
    await parsed(80);
    receiver.answer = () => new Response(crumbs("ok"));
    run.timersFaster = 20;
    const begun = performance.now();
    await wake({ SUCCESS_PATTERN: "ok$" });
    expect(setTimeout).toHaveBeenCalledWith(expect.any(Function), 10_000);
    expect(performance.now() - begun).toBeGreaterThan(450);
    expect(await run.status()).toMatchObject({ log_lines_sent: 0, uncertain_attempts: 1 });
  });

  it.each([
    ["204", () => new Response(null, { status: 204 })],
    ["text in another charset", () => new Response(new TextEncoder().encode("\u0000o\u0000k"))],
  ] as [string, () => Response][])("is uncertain when its answer is a %s", async (_what, answer) => {
    await parsed(80);
    receiver.answer = answer;
    await wake({ SUCCESS_PATTERN: "^ok" });
    expect(await run.status()).toMatchObject({ log_lines_sent: 0, uncertain_attempts: 1 });
  });

  it("is uncertain when the body of its 2xx broke off", async () => {
    await parsed(80);
    receiver.answer = () =>
      new Response(
        new ReadableStream({
          start(controller) {
            controller.error(new Error("reset"));
          },
        }),
      );
    await wake(over);
    expect(await run.status()).toMatchObject({ log_lines_sent: 0, uncertain_attempts: 1 });
  });
});

/** The beginning of a body, then single bytes without end. */
function crumbs(beginning: string): ReadableStream<Uint8Array> {
  let timer: ReturnType<typeof setInterval> | undefined;
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(beginning));
      timer = setInterval(() => controller.enqueue(new TextEncoder().encode(".")), 300);
    },
    cancel() {
      clearInterval(timer);
    },
  });
}
