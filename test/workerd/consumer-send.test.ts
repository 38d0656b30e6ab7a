// The send consumer with a real bucket and a stand-in for the receiver: the effect of each answer, and that the
// signed URL stays secret.
import { createHash } from "node:crypto";
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

/** Everything that the run and the logs keep, as one text. */
async function everythingKept(): Promise<string> {
  const tables = ["run", "totals", "files", "batches", "attempts", "events"];
  const rows = await Promise.all(tables.map((table) => run.rows(`SELECT * FROM ${table}`)));
  return JSON.stringify([rows, printed, await run.api.raw(), await run.status()]);
}

describe("a POST", () => {
  it("is signed, gzip, of known length, and carries every line once", async () => {
    const kept = await parsed(250);
    await wake();
    expect(receiver.posts.flatMap((post) => post.rayIds).toSorted()).toEqual(kept.toSorted());
    for (const { url, headers, redirect } of receiver.posts) {
      const [, ts = "", rand = "", md5] =
        /^http:\/\/receiver\.test\/log\/edge\?auth_key=(\d+)-(\d+)-([0-9a-f]{32})$/.exec(url) ?? [];
      expect(md5).toBe(createHash("md5").update(`/log/edge-${ts}-${rand}-test-private-key`).digest("hex"));
      expect(Number(ts)).toBeGreaterThan(Date.now() / 1_000 + 200);
      expect(headers.get("Content-Type")).toBe("text/plain; charset=utf-8");
      expect(headers.get("Content-Encoding")).toBe("gzip");
      expect(redirect).toBe("manual");
    }
    await run.wait(1_000);
    expect(await run.status()).toMatchObject({ stage_code: "sent_waiting_cleanup", log_lines_sent: 250 });
  });

  it("leaves no trace of its signature or the key in rows, logs or errors, whatever the network says", async () => {
    await parsed(300);
    let n = 0;
    receiver.answer = ({ url }) => {
      n += 1;
      if (n === 1) throw new TypeError(`fetch failed: ${url}`);
      const [, signature = "", md5 = ""] = /auth_key=(\d+-\d+-([0-9a-f]{32}))/.exec(url) ?? [];
      const echoes = [
        url,
        md5,
        md5.toUpperCase(),
        signature.replaceAll("-", "%2D"),
        btoa(signature),
        btoa(`x${url}`),
      ];
      if (n === 2) return new Response(`you sent ${url}`, { status: 500 });
      return new Response(`thanks for ${echoes[n % echoes.length]}`);
    };
    for (let wakeUps = 0; wakeUps < 6; wakeUps += 1) {
      await wake();
      await run.wait(5_000);
    }
    const kept = await everythingKept();
    expect(receiver.posts.length).toBeGreaterThan(3);
    for (const { url } of receiver.posts) {
      expect(kept).not.toContain(url);
      const md5 = url.split("-").at(-1) ?? "";
      expect(kept.toLowerCase()).not.toContain(md5);
      expect(kept).not.toContain(btoa(`x${url}`).slice(0, 60));
      expect(kept).not.toContain(btoa(url.slice(url.indexOf("auth_key=") + 9)));
    }
    expect(kept).not.toContain("test-private-key");
  });

  it.each([
    ["500", () => new Response("no", { status: 500 }), { uncertain_attempts: 1 }],
    ["408", () => new Response("", { status: 408 }), { uncertain_attempts: 1 }],
    ["503", () => new Response("", { status: 503 }), { uncertain_attempts: 0 }],
    ["404", () => new Response("", { status: 404 }), { uncertain_attempts: 0, stage_code: "suspended" }],
    [
      "302",
      () => new Response("", { status: 302, headers: { Location: "http://receiver.test/else" } }),
      { uncertain_attempts: 0, stage_code: "suspended" },
    ],
    [
      "400 before any 2xx",
      () => new Response("", { status: 400 }),
      { uncertain_attempts: 0, stage_code: "suspended" },
    ],
    [
      "a thrown fetch",
      () => Promise.reject(new TypeError("Network connection lost.")),
      { uncertain_attempts: 1 },
    ],
    [
      "a refused connection",
      () => Promise.reject(new TypeError("connect ECONNREFUSED")),
      { uncertain_attempts: 0 },
    ],
  ] as [string, () => Response | Promise<Response>, object][])(
    "delivers nothing when it gets %s, and its lines come again",
    async (_what, answer, expected) => {
      const kept = await parsed(80);
      receiver.answer = answer;
      await wake();
      expect(receiver.posts).toHaveLength(1);
      expect(await run.status()).toMatchObject({ log_lines_sent: 0, ...expected });
      receiver.answer = () => new Response("ok");
      for (let wakeUps = 0; wakeUps < 5; wakeUps += 1) {
        await run.wait(10_000);
        await wake();
      }
      expect(receiver.posts.at(-1)?.rayIds).toEqual(kept);
      await run.wait(1_000);
      expect(await run.status()).toMatchObject({ log_lines_sent: 80, duplicate_lines: 0 });
    },
  );

  it.each([
    [{ CTYUN_ENDPOINT: "http://receiver.test\n" }, "/log/edge?auth_key="],
    [{ CTYUN_ENDPOINT: "http://receiver.test/" }, "/log/edge?auth_key="],
    [{ CTYUN_URI_EDGE: "/log/edge?type=1" }, "/log/edge?type=1&auth_key="],
  ])("uses the path that was signed with %j", async (over, target) => {
    await parsed(80);
    await wake(over);
    expect(receiver.posts.map(({ url }) => url.replace(/[\d-]+-[0-9a-f]{32}$/, ""))).toEqual([
      `http://receiver.test${target}`,
    ]);
  });

  it("reads a Retry-After date against the receiver's own clock, also on a 502", async () => {
    await parsed(80);
    const receiverNow = Date.now() - 3_600_000;
    receiver.answer = () =>
      new Response("", {
        status: 502,
        headers: {
          Date: new Date(receiverNow).toUTCString(),
          "Retry-After": new Date(receiverNow + 30_000).toUTCString(),
        },
      });
    await wake();
    expect((await run.status()).state_reason?.code).toBe("receiver_asked_to_wait");
    await run.wait(28_000);
    await wake();
    expect(receiver.posts).toHaveLength(1);
    await run.wait(3_000);
    await wake();
    expect(receiver.posts).toHaveLength(2);
  });

  it("sets its batch aside when it gets 400 after a 2xx, and the others go on", async () => {
    await parsed(300);
    receiver.answer = ({ rayIds }) => new Response("", { status: rayIds.includes("f0-00150") ? 400 : 200 });
    // One batch at a time, so that a 2xx comes first.
    await wake();
    await run.wait(20_000);
    await wake();
    await run.wait(20_000);
    const status = await run.status();
    expect(status.log_lines_sent).toBe(200);
    expect(status.batches).toMatchObject({ refused: 1 });
    expect(status).toMatchObject({ stage_code: "needs_attention", uncertain_attempts: 0 });
  });

  it("is cut at its timeout and named uncertain when it is never answered", async () => {
    await parsed(80);
    receiver.answer = (_post, signal) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
      });
    await wake({ SEND_TIMEOUT_MS: "100" });
    expect(await run.rows("SELECT state, cause FROM attempts")).toEqual([
      { state: "uncertain", cause: "timeout" },
    ]);
  });

  it("reads its answer to the end, up to a megabyte", async () => {
    await parsed(80);
    const bodies: { sent: number; cancelled: boolean }[] = [];
    receiver.answer = () => {
      const body = { sent: 0, cancelled: false };
      bodies.push(body);
      const chunks = bodies.length === 1 ? 100 : 1_000;
      return new Response(
        new ReadableStream({
          pull(controller) {
            if (body.sent++ === chunks) controller.close();
            else controller.enqueue(new Uint8Array(10_000));
          },
          cancel() {
            body.cancelled = true;
          },
        }),
      );
    };
    await wake();
    expect(bodies[0]).toMatchObject({ cancelled: false });
    expect(bodies[0]?.sent).toBeGreaterThan(100);
    expect(await run.status()).toMatchObject({ log_lines_sent: 80 });
  });
});
