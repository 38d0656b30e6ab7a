// The fake receiver must find every violation that the partner would find. The receiver must count correctly while
// it misbehaves.
import { createHash } from "node:crypto";
import { Agent, request } from "node:http";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { Receiver } from "../../local/receiver/server.ts";
import { busiestSecond, type RequestLog } from "../../local/receiver/tally.ts";
import { startReceiver } from "../support/stack.ts";

const URI = "/log/edge";
const KEY = "stack-test-key";
const HEADERS = { "Content-Type": "text/plain; charset=utf-8", "Content-Encoding": "gzip" };

const line = (rayId: string) => ["cf_vod_v3.0", "-", rayId, ...Array<string>(142).fill("-")].join("\u0001");
const batch = (...rayIds: string[]) => gzipSync(rayIds.map((rayId) => `${line(rayId)}\n`).join(""));

let lastRandom = 0;

function signed(change: { key?: string; aheadS?: number } = {}): string {
  const ts = Math.floor(Date.now() / 1_000) + (change.aheadS ?? 300);
  lastRandom += 1;
  const md5 = createHash("md5")
    .update(`${URI}-${ts}-${lastRandom}-${change.key ?? KEY}`)
    .digest("hex");
  return `${URI}?auth_key=${ts}-${lastRandom}-${md5}`;
}

async function post(
  receiver: Receiver,
  body: Uint8Array<ArrayBuffer>,
  path = signed(),
  headers: HeadersInit = HEADERS,
) {
  return fetch(`${receiver.url}${path}`, { method: "POST", body, headers, redirect: "manual" });
}

describe("a request that breaks the partner's rules", () => {
  test("gets the partner's answer, is named, and has no line accepted", async () => {
    const receiver = await startReceiver();
    const statuses = [
      (await post(receiver, batch("a"), "/elsewhere?auth_key=1-2-3")).status,
      (await post(receiver, batch("a"), signed({ key: "another key" }))).status,
      (await post(receiver, batch("a"), signed({ aheadS: -60 }))).status,
      (await post(receiver, batch("a"), signed({ aheadS: 400 }))).status,
      (await post(receiver, batch("a"), signed(), { ...HEADERS, "Content-Type": "text/plain" })).status,
      (await fetch(`${receiver.url}${signed()}`, { headers: HEADERS })).status,
      (await post(receiver, gzipSync(line("a")))).status,
      (await post(receiver, gzipSync(`${line("a")}\u0001-\n`))).status,
      (await post(receiver, gzipSync(`${line("a\tb")}\n`))).status,
      (await post(receiver, Buffer.from("not gzip"))).status,
    ];

    expect(statuses).toEqual([404, 403, 403, 403, 400, 405, 400, 400, 400, 400]);
    const { violations, lines_accepted: accepted } = receiver.stats();
    expect(accepted).toBe(0);
    expect(violations).toMatchObject({
      path: 1,
      signature: 4,
      content_type: 1,
      method: 1,
      line_end: 1,
      fields: 1,
      control_character: 1,
    });
  });

  test("is noticed when chunked, and counted but allowed when its signature repeats", async () => {
    const receiver = await startReceiver();
    const agent = new Agent();
    const path = signed();
    const chunked = await new Promise<number | undefined>((resolve) => {
      const sending = request(
        `${receiver.url}${path}`,
        { method: "POST", headers: HEADERS, agent },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      );
      sending.write(batch("a"));
      sending.end();
    });
    const reused = await post(receiver, batch("a"), path);

    expect([chunked, reused.status]).toEqual([400, 200]);
    expect(receiver.stats()).toMatchObject({
      violations: { chunked: 1, content_length: 1 },
      reused_signatures: 1,
    });
  });
});

test("counts accepted lines as a multiset of RayIDs", async () => {
  const receiver = await startReceiver();

  await post(receiver, batch("a", "b"));
  await post(receiver, batch("b", "c"));

  expect(receiver.stats()).toMatchObject({
    requests: 2,
    accepted_requests: 2,
    lines_accepted: 4,
    distinct_ray_ids: 3,
    duplicate_lines: 1,
    violations: {},
    statuses: { 200: 2 },
  });
  expect(Object.fromEntries(receiver.tally.rayIds)).toEqual({ a: 1, b: 2, c: 1 });
});

describe("a receiver with a given behaviour", () => {
  test("answers the next n requests with a status, refuses their lines, and recovers", async () => {
    const receiver = await startReceiver();
    receiver.behave({ rules: [{ do: "status", status: 429, retry_after: "2", times: 2 }] });

    const answers = [
      await post(receiver, batch("a")),
      await post(receiver, batch("a")),
      await post(receiver, batch("a")),
    ];

    expect(answers.map((answer) => [answer.status, answer.headers.get("retry-after")])).toEqual([
      [429, "2"],
      [429, "2"],
      [200, null],
    ]);
    expect(receiver.stats().lines_accepted).toBe(1);
  });

  test("accepts lines before a 504 or a reset that hides it from the sender", async () => {
    const receiver = await startReceiver();
    receiver.behave({
      rules: [
        { do: "status", status: 504, accept: true, times: 1 },
        { do: "reset", when: "after_body", accept: true, times: 1 },
        { do: "reset", when: "after_body", times: 1 },
      ],
    });

    expect((await post(receiver, batch("a"))).status).toBe(504);
    await expect(post(receiver, batch("b"))).rejects.toThrow();
    await expect(post(receiver, batch("c"))).rejects.toThrow();

    expect([...receiver.tally.rayIds.keys()]).toEqual(["a", "b"]);
  });

  test("refuses one RayID for ever while its neighbours pass", async () => {
    const receiver = await startReceiver();
    receiver.behave({ rules: [{ do: "status", status: 500, ray_id: "poison" }] });

    const statuses = [];
    for (const rayId of ["poison", "a", "poison"]) statuses.push((await post(receiver, batch(rayId))).status);

    expect(statuses).toEqual([500, 200, 500]);
  });

  test("sends a 302, another body, latency and slow reading as they are", async () => {
    const receiver = await startReceiver();
    receiver.behave({
      rules: [
        { do: "status", status: 302, location: "/login", times: 1 },
        { do: "status", status: 200, body: "maintenance", accept: false, times: 1 },
        { do: "slow_read", bytes_per_second: 400, times: 1 },
      ],
    });
    const began = performance.now();
    const slow = post(receiver, batch("slow"));
    const redirected = await post(receiver, batch("a"));
    const other = await post(receiver, batch("b"));

    expect([redirected.status, redirected.headers.get("location")]).toEqual([302, "/login"]);
    expect([other.status, await other.text()]).toEqual([200, "maintenance"]);
    expect((await slow).status).toBe(200);
    expect(performance.now() - began).toBeGreaterThan(90);
    expect([...receiver.tally.rayIds.keys()]).toEqual(["slow"]);
  });

  test("keeps a hanging request open until its sender gives up", async () => {
    const receiver = await startReceiver();
    receiver.behave({ rules: [{ do: "hang" }] });
    const giveUp = new AbortController();
    const hanging = fetch(`${receiver.url}${signed()}`, {
      method: "POST",
      body: batch("a"),
      headers: HEADERS,
      signal: giveUp.signal,
    });
    await expect.poll(() => receiver.stats().lines_received).toBe(1);
    expect(receiver.stats().open_requests).toBe(1);

    giveUp.abort();

    await expect(hanging).rejects.toThrow();
    await expect.poll(() => receiver.stats().open_requests).toBe(0);
  });

  test("refuses connections for a time while the control API answers", async () => {
    const receiver = await startReceiver();
    await post(receiver, batch("a"));
    const answer = await fetch(receiver.controlUrl, {
      method: "POST",
      body: JSON.stringify({ refuse_ms: 300 }),
    });
    expect(answer.status).toBe(200);

    await expect(post(receiver, batch("b"))).rejects.toThrow();
    expect((await fetch(receiver.controlUrl)).status).toBe(200);

    await expect
      .poll(async () =>
        post(receiver, batch("c")).then(
          ({ status }) => status,
          () => null,
        ),
      )
      .toBe(200);
    expect([...receiver.tally.rayIds.keys()]).toEqual(["a", "c"]);
  });
});

test("shows statistics, streams RayIDs and requests, takes behaviour, and forgets", async () => {
  const receiver = await startReceiver();
  const control = async (path = "", init: RequestInit = {}) =>
    (await fetch(`${receiver.controlUrl}${path}`, init)).text();
  await post(receiver, batch("a", "b"));
  await post(receiver, batch("b"));

  expect(JSON.parse(await control())).toMatchObject({ lines_accepted: 3, rules: [] });
  expect(await control("/rays")).toBe("a\t1\nb\t2\n");
  expect((await control("/requests")).trimEnd().split("\n")).toHaveLength(2);
  const rules = [{ do: "status", status: 503, probability: 1 }];
  expect(JSON.parse(await control("", { method: "POST", body: JSON.stringify({ rules }) }))).toEqual({
    rules,
  });
  expect((await post(receiver, batch("c"))).status).toBe(503);
  expect(JSON.parse(await control("", { method: "DELETE" }))).toMatchObject({ requests: 0 });
});

function arrival(ms: number, lines: number): RequestLog {
  return {
    id: 0,
    headers_at: ms,
    body_at: ms,
    answered_at: null,
    status: null,
    lines,
    accepted: true,
    why: null,
  };
}

test("finds the busiest second wherever it begins, as a half-open interval", () => {
  const log = [
    arrival(0, 10),
    arrival(1_000, 10),
    arrival(1_700, 30),
    arrival(2_650, 25),
    arrival(2_700, 20),
  ];

  expect(busiestSecond(log, ({ headers_at: headersAt }) => headersAt)).toBe(55);
});
