// A run to a receiver of the kind http, with a real bucket and a stand-in for the receiver: what is sent, which token
// it carries, what an answer means, and that no secret is kept.
import { createMessageBatch } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { HttpSending } from "../../src/contract/receivers.ts";
import type { RunSpec } from "../../src/contract/run.ts";
import { handleQueue } from "../../src/queues/queue.ts";
import { putRaw } from "../support/run-logs.ts";
import { aSpec, RunUnderTest } from "../support/run-under-test.ts";

const run = new RunUnderTest();
const SECRET = "bearer-secret-of-the-receiver";
const ACTION = '{"index":{"_id":"{id}"}}';
const SENDING: HttpSending = {
  form: "lines",
  beforeEach: null,
  token: { in: "query", name: "insert_deduplication_token" },
};

interface Got {
  url: URL;
  method: string | undefined;
  headers: Headers;
  text: string;
  token: string | null;
}

let got: Got[] = [];
let printed: string[] = [];
let answer: (one: Got) => Response = () => Response.json({ errors: false });

beforeEach(() => {
  run.setUp();
  got = [];
  printed = [];
  answer = () => Response.json({ errors: false });
  for (const level of ["log", "warn", "error", "debug"] as const)
    vi.spyOn(console, level).mockImplementation((...args: unknown[]) => void printed.push(args.join(" ")));
});
afterEach(() => run.tearDown());
afterEach(() => run.expectBalanced());

function setReceiver(more: object = {}): void {
  const settings = {
    url: "https://logs.example/in?table=edge",
    headers: { Authorization: `Bearer ${SECRET}` },
    success: { pointer: "/errors", equals: false },
    ...more,
  };
  Object.assign(env, { RECEIVER: JSON.stringify(settings) });
}

async function handle(queue: string, body: unknown): Promise<void> {
  const batch = createMessageBatch(queue, [{ id: "m", timestamp: new Date(), attempts: 1, body }]);
  await handleQueue(batch, env);
}

/** A run with one parsed file, in batches of 100 lines. Returns the RayIDs that must arrive. */
async function parsed(lines: number, over: Partial<RunSpec> = {}): Promise<string[]> {
  const raw = await putRaw(run, 0, lines);
  const { parse } = aSpec(run.id);
  await run.start({ parse: { ...parse, record: "whole" }, http: SENDING, ...over });
  await run.settle();
  await handle("parse-queue-backfill", { v: 1, run: run.id, file: 1 });
  await run.settle();
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const url = new URL(input as string);
    const bytes = init?.body as Uint8Array;
    const headers = new Headers(init?.headers as HeadersInit);
    const text = new TextDecoder().decode(headers.has("Content-Encoding") ? gunzipSync(bytes) : bytes);
    const token = url.searchParams.get("insert_deduplication_token") ?? headers.get("Idempotency-Key");
    const one = { url, method: init?.method, headers, text, token };
    got.push(one);
    return answer(one);
  });
  return raw.kept;
}

async function wake(): Promise<void> {
  await handle("send-queue-backfill", { v: 1, run: run.id });
  await run.settle();
}

function rayIds(text: string): string[] {
  const lines = text.trimEnd().split("\n");
  return lines.map((line) => (JSON.parse(line) as { RayID: string }).RayID);
}

describe("a run to a receiver of the kind http", () => {
  it("sends each original record once, with a token for each batch and no signature", async () => {
    setReceiver();
    const kept = await parsed(250);
    await wake();
    expect(got.flatMap(({ text }) => rayIds(text)).toSorted()).toEqual(kept.toSorted());
    expect(new Set(got.map(({ token }) => token)).size).toBe(3);
    for (const { url, method, headers } of got) {
      expect([url.pathname, url.searchParams.get("table"), method]).toEqual(["/in", "edge", "POST"]);
      expect(url.searchParams.has("auth_key")).toBe(false);
      expect(headers.get("Authorization")).toBe(`Bearer ${SECRET}`);
      expect(headers.get("Content-Type")).toBe("application/x-ndjson");
    }
    await run.wait(1_000);
    const status = await run.status();
    expect(status).toMatchObject({ stage_code: "sent_waiting_cleanup", log_lines_sent: 250 });
    expect(status.spec).toMatchObject({
      record: "whole",
      receiver: { kind: "http", form: "lines", before_each: null, token: SENDING.token },
    });
  });

  it("keeps the token of a batch over its attempts", async () => {
    setReceiver();
    await parsed(100);
    answer = () => (got.length === 1 ? new Response("", { status: 500 }) : Response.json({ errors: false }));
    await wake();
    await run.wait(2_000);
    await wake();
    expect(got).toHaveLength(2);
    expect(got[0]?.token).toBe(got[1]?.token);
  });

  it("splits a refused batch into parts with other tokens, whose lines keep their ids", async () => {
    setReceiver();
    const kept = await parsed(200, {
      onRefused: "split",
      http: { ...SENDING, beforeEach: ACTION, token: { in: "header", name: "Idempotency-Key" } },
    });
    const bad = kept[150];
    answer = ({ text }) => {
      const isBad = got.length > 1 && text.includes(`"${bad}"`) && text.split("\n").length > 3;
      return isBad ? new Response("", { status: 400 }) : Response.json({ errors: false });
    };
    for (let n = 0; n < 12; n += 1) {
      await wake();
      await run.wait(1_000);
    }
    const idsOf = (text: string) => {
      const lines = text.trimEnd().split("\n");
      return lines.flatMap((line, n) =>
        n % 2 === 0 ? [[rayIds(lines[n + 1] ?? "")[0], line] as const] : [],
      );
    };
    const ids = new Map<string | undefined, Set<string>>();
    for (const { text } of got)
      for (const [ray, id] of idsOf(text)) ids.set(ray, (ids.get(ray) ?? new Set()).add(id));
    expect(ids.size).toBe(200);
    expect([...ids.values()].every(({ size }) => size === 1)).toBe(true);
    expect(new Set([...ids.values()].map((one) => [...one][0])).size).toBe(200);
    // A batch that was refused before the first 2xx is sent again whole, with the same token.
    const bodies = new Set(got.map(({ text }) => text));
    expect(new Set(got.map(({ token }) => token)).size).toBe(bodies.size);
    expect(await run.status()).toMatchObject({ log_lines_sent: 200 });
  });

  it("counts a 2xx only with the expected member, and keeps no secret", async () => {
    setReceiver();
    await parsed(100);
    answer = () => Response.json({ errors: true, hint: `wrong key ${SECRET}` });
    await wake();
    expect(await run.status()).toMatchObject({
      log_lines_sent: 0,
      uncertain_attempts: 1,
      state_reason: { code: "receiver_answer_does_not_match" },
    });
    const tables = ["run", "totals", "files", "batches", "attempts", "events"];
    const rows = await Promise.all(tables.map((table) => run.rows(`SELECT * FROM ${table}`)));
    const kept = JSON.stringify([rows, printed, await run.api.raw(), await run.status()]);
    expect(kept).not.toContain(SECRET);
    expect(kept).not.toContain("logs.example");
  });

  it("waits without its secret, keeps its kind, and goes on when the secret is there again", async () => {
    setReceiver();
    await parsed(300);
    const { RECEIVER } = env;
    Object.assign(env, { RECEIVER: "" });
    await run.evict();
    await wake();
    expect(got).toHaveLength(0);
    expect((await run.status()).state_reason).toEqual({
      code: "receiver_not_configured",
      detail: "secrets are missing: RECEIVER",
    });
    Object.assign(env, { RECEIVER });
    await run.evict();
    await wake();
    expect(got).toHaveLength(3);
  });

  it("is suspended when the address changes after the first delivery", async () => {
    setReceiver();
    await parsed(200);
    answer = () => (got.length === 1 ? Response.json({ errors: false }) : new Response("", { status: 503 }));
    await wake();
    setReceiver({ url: "https://other.example/in" });
    await run.evict();
    await run.wait(1_000);
    const { state_reason } = await run.status();
    expect(state_reason?.code).toBe("receiver_changed");
    expect(state_reason?.detail).toMatch(/^the url of RECEIVER differs/);
  });
});
