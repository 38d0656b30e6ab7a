// The work of a run in its status, compared with what the bucket, the queues and the receiver saw.
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { countRows } from "../support/count-rows.ts";
import { leftBy } from "../support/earlier-schema.ts";
import { WholeRun } from "../support/run-driver.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import { OK, opened, permitOf, reportOf, reportOutcome } from "../support/run-work.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());

/** Counts the calls of the bucket from now on. */
function bucketCalls(): () => { classA: number; classB: number } {
  const spies = (names: readonly ("put" | "list" | "get" | "head" | "createMultipartUpload")[]) =>
    names.map((name) => vi.spyOn(env.LOGS, name));
  const [a, b] = [spies(["put", "list", "createMultipartUpload"]), spies(["get", "head"])];
  const calls = (some: typeof a): number => some.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
  return () => ({ classA: calls(a), classB: calls(b) });
}

it("counts bytes, R2 operations and messages of a delivered run exactly, as nothing died", async () => {
  const whole = new WholeRun(run);
  await whole.prepare();
  const raw = await env.LOGS.list({ prefix: `logs-${run.id}/` });
  const bodies: Uint8Array[] = [];
  const fetched = vi.mocked(globalThis.fetch);
  const receive = fetched.getMockImplementation();
  fetched.mockImplementation((input, init) => {
    bodies.push(init?.body as Uint8Array);
    return receive!(input, init);
  });
  const calls = bucketCalls();
  await run.start();
  let messages = 0;
  whole.deliver = (waiting) => {
    messages += waiting.length;
    return waiting;
  };
  await whole.toTheEnd();
  await run.settle();
  const { bytes, operations, cost_usd, sending_seconds } = await run.status();
  expect(bytes).toEqual({
    read: raw.objects.reduce((sum, { size }) => sum + size, 0),
    inflated: await inflatedOf(raw.objects.map(({ key }) => key)),
    sent: bodies.reduce((sum, body) => sum + body.length, 0),
  });
  const { classA, classB } = calls();
  // The test itself reads each raw object once to inflate it.
  const own = { r2_class_a: classA, r2_class_b: classB - raw.objects.length, queue_messages: messages };
  expect(operations).toMatchObject(own);
  expect(cost_usd?.counted).toBeGreaterThan(0);
  expect(sending_seconds).toBeGreaterThan(0);
});

async function inflatedOf(keys: string[]): Promise<number> {
  let bytes = 0;
  for (const key of keys) {
    const object = await env.LOGS.get(key);
    bytes += gunzipSync(new Uint8Array(await object!.arrayBuffer())).length;
  }
  return bytes;
}

it("counts rows and calls of the run as SQLite does, and no row for a status", async () => {
  await opened(run, [[100, 100, 100]]);
  const before = (await run.status()).operations!;
  const rows = await countRows(run.stub, async () => {
    for (let n = 0; n < 2; n += 1) await reportOutcome(run, await permitOf(run), OK);
    await run.settle();
  });
  for (let n = 0; n < 5; n += 1) await run.status();
  const after = (await run.status()).operations!;
  expect(after.object_rows_written - before.object_rows_written).toBe(rows.written);
  expect(after.object_rows_read - before.object_rows_read).toBe(rows.read);
  expect(after.object_requests - before.object_requests).toBeGreaterThanOrEqual(4);
});

it("keeps its counts over evictions", async () => {
  await opened(run, [[100, 100]]);
  await run.api.done("test.0", [reportOf(await permitOf(run), OK, { bodyBytes: 4_000, reads: 2 })]);
  await run.evict();
  await run.api.done("test.0", [reportOf(await permitOf(run), OK, { bodyBytes: 5_000, reads: 1 })]);
  await run.evict();
  const { bytes, operations } = await run.status();
  expect([bytes?.sent, operations?.r2_class_b]).toEqual([9_000, 3]);
});

it("shows null for a run that an older version started, and goes on delivering it", async () => {
  await opened(run, [[100, 100]]);
  await reportOutcome(run, await permitOf(run), OK);
  await leftBy(run, "0020-file-ranges");
  await run.evict();
  await reportOutcome(run, await permitOf(run), OK);
  const status = await run.status();
  expect(status).toMatchObject({ bytes: null, operations: null, cost_usd: null, sending_seconds: null });
  expect(status.log_lines_sent).toBe(200);
  await run.expectBalanced();
});

it("counts the work of a dry run, which sends nothing", async () => {
  const whole = new WholeRun(run);
  await whole.prepare();
  await run.start({ dryRun: true });
  await whole.toTheEnd();
  const { bytes, sending_seconds, duration_seconds, stage_code } = await run.status();
  expect([stage_code, bytes?.sent, sending_seconds]).toEqual(["counted", 0, 0]);
  expect(bytes?.read).toBeGreaterThan(0);
  run.pass(3_600_000);
  expect((await run.status()).duration_seconds).toBe(duration_seconds);
});

it("stores its counts in a few hundred characters, because each report writes them", async () => {
  await opened(run, [[100]]);
  const { n } = await runInDurableObject(run.stub, (_object, { storage }) =>
    storage.sql.exec<{ n: number }>("SELECT length(work_json) AS n FROM totals").one(),
  );
  expect(n).toBeLessThan(400);
});
