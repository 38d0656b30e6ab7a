// The parse consumer with a real bucket: a raw object becomes a pack and a manifest, or a failure with its reason.
import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { createMessageBatch } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { handleQueue } from "../../src/queues/queue.ts";
import { hookRunCalls } from "../support/run-faults.ts";
import { putRaw, record, someLines } from "../support/run-logs.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import { permitOf, logKey, OK, PACK_MISSING, reportOutcome } from "../support/run-work.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());

async function parse(...files: number[]): Promise<void> {
  const batch = createMessageBatch(
    "parse-queue-backfill",
    files.map((file) => ({
      id: `m${file}`,
      timestamp: new Date(),
      attempts: 1,
      body: { v: 1, run: run.id, file },
    })),
  );
  const acked = vi.spyOn(batch, "ackAll");
  await handleQueue(batch, env);
  expect(acked).toHaveBeenCalled();
  await run.settle();
}

async function startedWith(body: Uint8Array | string): Promise<void> {
  await env.LOGS.put(logKey(run, 0), body);
  await run.start();
  await run.settle();
}

/** The batches in the pack, compared with the ledger's digests. */
async function linesInPack(): Promise<string[]> {
  const rows = await run.rows<{
    offset: number;
    length: number;
    digest: string;
    lines: number;
    pack: number;
  }>(
    "SELECT b.offset, b.length, b.digest, b.lines, f.pack_attempt AS pack FROM batches b JOIN files f USING (file) ORDER BY batch",
  );
  const lines: string[] = [];
  for (const row of rows) {
    const key = `processed-backfill/${run.id}/f000001-a${row.pack}.log.gz`;
    const object = await env.LOGS.get(key, { range: { offset: row.offset, length: row.length } });
    const bytes = gunzipSync(new Uint8Array((await object?.arrayBuffer()) ?? new ArrayBuffer(0)));
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(row.digest);
    const text = new TextDecoder().decode(bytes);
    expect(text.split("\n")).toHaveLength(row.lines + 1);
    lines.push(...text.split("\n").slice(0, -1));
  }
  return lines.map((line) => line.split("\u0001")[2] ?? "");
}

beforeEach(() => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
});
afterEach(() => run.expectBalanced());

function noiseOf(seed: string): string {
  return createHash("sha512").update(seed).digest("base64");
}

describe("a good object", () => {
  it("becomes a pack of complete gzip members and a manifest that balances", async () => {
    const raw = await putRaw(run, 0, 250);
    await run.start();
    await run.settle();
    await parse(1);
    expect(await run.status()).toMatchObject({
      files: { open: 1 },
      batches: { pending: 3 },
      lines: { kept: 250, malformed: 2, pending: 250, dropped: { not_top_level: 36, outside_window: 23 } },
    });
    expect(await linesInPack()).toEqual(raw.kept);
  });

  it("is parsed once, however often its message comes and however many parsers there are", async () => {
    await putRaw(run, 0, 150);
    await run.start();
    await run.settle();
    await Promise.all([parse(1), parse(1)]);
    await parse(1, 1, 99);
    expect(await run.row("SELECT attempt, state FROM files")).toEqual({ attempt: 1, state: "open" });
    const packs = await env.LOGS.list({ prefix: `processed-backfill/${run.id}/` });
    expect(packs.objects).toHaveLength(1);
  });

  it("is closed and leaves no pack when it holds no record of the window", async () => {
    await startedWith(gzipSync(`${record("a", { EdgeStartTimestamp: "2029-01-01T00:00:00Z" })}\n`));
    await parse(1);
    expect((await run.status()).files.closed).toBe(1);
    expect((await env.LOGS.list({ prefix: `processed-backfill/${run.id}/` })).objects).toEqual([]);
  });

  it("becomes a multipart upload, known to the run, when its pack exceeds one part", async () => {
    // Text that does not compress, so that the pack exceeds one part of 8 MiB.
    const uri = (n: number) =>
      Array.from({ length: 8 }, (_, part) => noiseOf(`${run.id} ${n} ${part}`)).join("");
    const lines = Array.from({ length: 20_000 }, (_, n) =>
      record(`m-${n}`, { ClientRequestURI: `/${uri(n)}` }),
    );
    await startedWith(gzipSync(`${lines.join("\n")}\n`, { level: 1 }));
    await parse(1);
    expect((await run.status()).lines.kept).toBe(20_000);
    const [pack] = (await env.LOGS.list({ prefix: `processed-backfill/${run.id}/` })).objects;
    expect(pack?.size).toBeGreaterThan(8 * 1024 * 1024);
    expect(await run.rows("SELECT key FROM uploads")).toEqual([{ key: pack?.key }]);
    expect(await linesInPack()).toEqual(lines.map((_, n) => `m-${n}`));
  });

  it("gives the same batches again when its pack was lost", async () => {
    await putRaw(run, 0, 250);
    await run.start();
    await run.settle();
    await parse(1);
    const before = await run.rows("SELECT batch, digest, lines FROM batches");
    const permit = await permitOf(run);
    await env.LOGS.delete(permit.packKey);
    await reportOutcome(run, permit, PACK_MISSING);
    await run.settle();
    await parse(1);
    expect(await run.rows("SELECT batch, digest, lines FROM batches")).toEqual(before);
    const again = await permitOf(run);
    expect(again.packKey).not.toBe(permit.packKey);
    expect(await env.LOGS.head(again.packKey)).not.toBeNull();
    await reportOutcome(run, again, OK);
  });
});

describe("a bad object", () => {
  it.each([
    ["empty", new Uint8Array(0), "empty_object"],
    ["no gzip", "hello", "not_gzip"],
    ["cut off", gzipSync(someLines("c", 500).text).subarray(0, 2_000), "truncated"],
  ])(
    "is a failed file with its reason when it is %s, never an empty success",
    async (_what, body, reason) => {
      await startedWith(body);
      await parse(1);
      await run.wait(1_000);
      expect(await run.status()).toMatchObject({
        stage_code: "needs_attention",
        files: { failed: 1 },
        batches: { pending: 0 },
      });
      expect((await run.status()).problems[0]?.reason).toContain(reason);
      expect((await env.LOGS.list({ prefix: `processed-backfill/${run.id}/` })).objects).toEqual([]);
    },
  );

  it("is a missing file when it is gone", async () => {
    await startedWith(gzipSync("x"));
    await env.LOGS.delete(logKey(run, 0));
    await parse(1);
    expect((await run.status()).files.missing).toBe(1);
  });

  it("is parsed as it is now when it changed since it was listed", async () => {
    await startedWith(gzipSync(`${record("old")}\n`));
    await env.LOGS.put(logKey(run, 0), gzipSync(`${record("new")}\n`));
    await parse(1);
    expect((await run.status()).files.listed).toBe(1);
    await parse(1);
    expect(await linesInPack()).toEqual(["new"]);
  });
});

describe("a fault on the way of a parser", () => {
  it.each(["get", "put"] as const)(
    "gives the file back when R2 fails %s, and the next message parses it",
    async (call) => {
      const raw = await putRaw(run, 0, 150);
      await run.start();
      await run.settle();
      vi.spyOn(env.LOGS, call).mockRejectedValueOnce(new Error("R2 is down"));
      await parse(1);
      expect((await run.status()).files.listed).toBe(1);
      await run.wait(120_000);
      await parse(1);
      expect(await linesInPack()).toEqual(raw.kept);
    },
  );

  it.each(["claimFile", "queued", "fileFailed"] as const)(
    "loses nothing and repeats nothing when the call %s fails, before or after its effect",
    async (method) => {
      for (const isDone of [false, true]) {
        run.fresh();
        vi.spyOn(console, "error").mockImplementation(() => undefined);
        const raw = await putRaw(run, 0, 150);
        await run.start();
        await run.settle();
        let calls = 0;
        hookRunCalls(async (port, call) => {
          if (port !== `run.${method}` || calls++ > 0) return call();
          if (isDone) await call();
          throw new Error("the object was evicted");
        });
        if (method === "fileFailed") vi.spyOn(env.LOGS, "put").mockRejectedValueOnce(new Error("R2 is down"));
        for (let tries = 0; tries < 4 && (await run.status()).files.open === 0; tries += 1) {
          await parse(1);
          await run.wait(60_000);
        }
        expect([isDone, await linesInPack()]).toEqual([isDone, raw.kept]);
      }
    },
  );

  it("keeps the pack when the answer about the manifest is lost", async () => {
    const raw = await putRaw(run, 0, 150);
    await run.start();
    await run.settle();
    hookRunCalls(async (port, call) => {
      const answer = await call();
      if (port === "run.queued" || port === "run.fileFailed") throw new Error("no answer came back");
      return answer;
    });
    await parse(1);
    expect((await run.status()).files.open).toBe(1);
    expect(await linesInPack()).toEqual(raw.kept);
  });

  it("changes nothing when a message is unreadable, which is acked", async () => {
    await run.start();
    for (const body of [null, "x", { v: 2 }, { v: 1, run: run.id }, { v: 1, run: run.id, file: -1 }]) {
      const batch = createMessageBatch("parse-queue-backfill", [
        { id: "m", timestamp: new Date(), attempts: 1, body },
      ]);
      await handleQueue(batch, env);
    }
  });
});
