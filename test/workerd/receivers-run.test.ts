// A run to a receiver of RECEIVERS, with a real bucket and a stand-in for the receivers: where the lines go, and what
// happens when the name goes away or older code runs.
import { createMessageBatch } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { StartedRun } from "../../durable-objects/backfill-run/context/context.ts";
import { suspension } from "../../durable-objects/backfill-run/context/suspension.ts";
import type { RunSpec } from "../../src/contract/run.ts";
import { readConfig } from "../../src/platform/config.ts";
import { handleQueue } from "../../src/queues/queue.ts";
import { putRaw } from "../support/run-logs.ts";
import { aSpec, RunUnderTest } from "../support/run-under-test.ts";

const run = new RunUnderTest();
/** The hosts that got a POST, one entry for each POST. */
let hosts: string[] = [];
let answer: (host: string) => Response = () => new Response("ok");

const NO_PRINT = "none yet: a receiver of RECEIVERS";
const ACCOUNT = { kind: "ctyun", endpoint: "https://b.example", uri: "/in", private_key: "other-key" };
const SIEM = { url: "https://siem.example/in" };

function setReceivers(receivers: object): void {
  Object.assign(env, { RECEIVERS: JSON.stringify(receivers) });
}

beforeEach(() => {
  hosts = [];
  answer = () => new Response("ok");
  // With this secret, a run that lost its name would have a receiver of its kind to send to.
  Object.assign(env, { RECEIVER: JSON.stringify({ url: "https://first.example/in" }) });
});
afterEach(() => run.tearDown());
afterEach(() => run.expectBalanced());

async function handle(queue: string, bodies: unknown[]): Promise<void> {
  const messages = bodies.map((body, n) => ({ id: `m${n}`, timestamp: new Date(), attempts: 1, body }));
  await handleQueue(createMessageBatch(queue, messages), env);
}

/** A run to this receiver with one parsed file of 300 lines, in three batches. */
async function parsed(receiver: string, over: Partial<RunSpec> = {}): Promise<void> {
  run.setUp(receiver);
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input) => {
    const { host } = new URL(input as string);
    hosts.push(host);
    return answer(host);
  });
  await putRaw(run, 0, 300);
  const { parse } = aSpec(run.id);
  const http = { http: { form: "lines" as const, beforeEach: null, token: null } };
  const isHttp = receiver === "siem";
  const spec = { receiver, ...(isHttp && { parse: { ...parse, record: "whole" as const }, ...http }) };
  await run.start({ ...spec, ...over });
  await run.settle();
  await handle("parse-queue-backfill", [{ v: 1, run: run.id, file: 1 }]);
  await run.settle();
}

async function wake(): Promise<void> {
  await handle("send-queue-backfill", [{ v: 1, run: run.id }]);
  await run.settle();
}

describe("a run to a receiver of RECEIVERS", () => {
  it.each(["siem", "account"])("sends every batch to %s, and none to the first receiver", async (name) => {
    setReceivers({ siem: SIEM, account: ACCOUNT });
    await parsed(name);
    await wake();
    expect(hosts).toEqual(Array.from({ length: 3 }, () => (name === "siem" ? "siem.example" : "b.example")));
    await run.wait(1_000);
    const status = await run.status();
    expect(status).toMatchObject({ receiver: name, log_lines_sent: 300, spec: { receiver_name: name } });
    const packs = await env.LOGS.list({ prefix: `processed-backfill/${run.id}/` });
    expect(packs.objects).toHaveLength(1);
  });

  it("gives no permit to a sender of code from before RECEIVERS, which numbers no calls", async () => {
    setReceivers({ siem: SIEM, account: ACCOUNT });
    await parsed("account");
    expect(await run.api.next("older.1", [], 6)).toEqual({ kind: "nothing", reason: "older_sender" });
    expect(await run.status()).toMatchObject({ in_flight: 0 });
    await wake();
    expect(new Set(hosts)).toEqual(new Set(["b.example"]));
  });

  it("sends nothing when older code gave the run an id without the name", async () => {
    setReceivers({ siem: SIEM, account: ACCOUNT });
    run.setUp();
    await putRaw(run, 0, 300);
    await run.start({ receiver: "account" });
    await run.settle();
    await handle("parse-queue-backfill", [{ v: 1, run: run.id, file: 1 }]);
    await run.settle();
    await wake();
    expect(hosts).toEqual([]);
    expect(await run.status()).toMatchObject({
      stage_code: "suspended",
      state_reason: { code: "receiver_not_configured" },
    });
  });

  it.each([
    ["siem", {}, "http"],
    ["siem", { siem: ACCOUNT }, "http"],
    ["account", {}, "ctyun"],
    ["account", { account: SIEM }, "ctyun"],
  ])("sends nothing while RECEIVERS has no %s of its kind, and goes on later: %j", async (name, without, kind) => {
    setReceivers({ siem: SIEM, account: ACCOUNT });
    await parsed(name);
    setReceivers(without);
    await run.evict();
    await wake();
    await run.wait(60_000);
    await wake();
    expect(hosts).toEqual([]);
    expect(await run.status()).toMatchObject({
      stage_code: "suspended",
      state_reason: {
        code: "receiver_not_configured",
        detail: `RECEIVERS has no receiver ${name} of the kind ${kind}`,
      },
    });
    setReceivers({ siem: SIEM, account: ACCOUNT });
    await run.evict();
    await wake();
    expect(hosts).toHaveLength(3);
  }); // prettier-ignore

  it("is suspended when its address changes after the first delivery", async () => {
    setReceivers({ account: ACCOUNT });
    await parsed("account");
    answer = () => (hosts.length === 1 ? new Response("ok") : new Response("", { status: 503 }));
    await wake();
    setReceivers({ account: { ...ACCOUNT, endpoint: "https://c.example" } });
    await run.evict();
    await run.wait(1_000);
    expect((await run.status()).state_reason).toEqual({
      code: "receiver_changed",
      detail:
        "endpoint or uri of account in RECEIVERS differs from the first delivery of this run; restore the earlier value",
    });
    const by = { actor: "li", note: "moved" };
    const resumed = await run.api.operate({ do: "resume", acceptReceiver: true, answers: null, ...by });
    expect(resumed.ok).toBe(true);
    expect(await run.row("SELECT receiver_print FROM run")).toEqual({ receiver_print: NO_PRINT });
  });

  it("has a fingerprint that no receiver has before its first delivery, so that older code suspends it", async () => {
    setReceivers({ account: ACCOUNT });
    await parsed("account");
    const stored = () => run.row<{ receiver_print: string | null }>("SELECT receiver_print FROM run");
    const { receiver_print: before } = await stored();
    expect(before).toBe(NO_PRINT);
    // Older code reads the row as it is stored, and knows only the first receiver.
    const row = await run.row("SELECT receiver_key, receiver_print FROM run");
    const seen = { row, spec: aSpec(run.id) } as unknown as StartedRun;
    const older = { ok: true as const, config: readConfig(env), misspelt: [] };
    expect(suspension(seen, older)?.code).toBe("receiver_changed");
    await wake();
    const { receiver_print: after } = await stored();
    expect(after).toMatch(/^[0-9a-f]{64}$/);
    run.tearDown();
    run.setUp();
    await run.start();
    expect(await stored()).toEqual({ receiver_print: null });
  });
});

it("serves two runs of one invocation at the same time, so that a slow receiver delays no other", async () => {
  setReceivers({ siem: SIEM, account: ACCOUNT });
  await parsed("siem");
  const slow = run.id;
  await parsed("account");
  let release = (): void => undefined;
  const blocked = new Promise<void>((resolve) => (release = resolve));
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input) => {
    const { host } = new URL(input as string);
    hosts.push(host);
    if (host === "siem.example") await blocked;
    return new Response("ok");
  });
  const served = handle("send-queue-backfill", [
    { v: 1, run: slow },
    { v: 1, run: run.id },
  ]);
  await expect.poll(() => hosts.filter((host) => host === "b.example").length).toBe(3);
  expect(hosts.filter((host) => host === "siem.example").length).toBeGreaterThan(0);
  release();
  await served;
  expect(hosts.filter((host) => host === "siem.example")).toHaveLength(3);
});
