// Hostile text from outside (answers of the receiver, names in the bucket, messages in the queues) stops nothing. No
// method of the run throws, the clock never stops, and the run reports every fault.
import { createMessageBatch } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { handleQueue } from "../../src/queues/queue.ts";
import { parseMessage, sendMessage } from "../../src/contract/messages.ts";
import { InputsUnderTest, linesOf, logName, rayIds } from "../support/inputs-under-test.ts";
import { openedAs, statesOf } from "../support/operator-play.ts";
import { answered, permitOf, reportOutcome } from "../support/run-work.ts";
import { RunUnderTest } from "../support/run-under-test.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
const inputs = new InputsUnderTest();
beforeEach(() => inputs.setUp());
afterEach(() => inputs.tearDown());

const NAMES = ["constructor", "__proto__", "toString", "hasOwnProperty", "valueOf"];

describe("an answer of the receiver", () => {
  it.each([
    [
      "with members named like parts of a JavaScript object",
      `{${NAMES.map((name) => `"${name}":{"a":1}`).join(",")}}`,
    ],
    ["that is such a name", '"__proto__"'],
    [
      "with lists and texts of such names",
      JSON.stringify({ a: NAMES, b: NAMES.map((name) => ({ [name]: name })) }),
    ],
    ["of surrogates without their other half and of NULs", JSON.stringify({ a: "\ud800\u0000\udc00" })],
    ["of text with NULs and half a surrogate", "ok \u0000 \ud83d"],
  ])("settles its batch like any other: %s", async (_what, bodyStart) => {
    await openedAs(run, [[100, 100, 100, 100, 100, 100, 100, 100]], {});
    for (const isWhole of [true, true, true, true, true, true, false])
      await reportOutcome(run, await permitOf(run), answered(200, { bodyStart, isWhole }));
    const states = Object.values(await statesOf(run));
    expect(states.filter((state) => state === "done").length).toBeGreaterThanOrEqual(6);
    expect(JSON.stringify(await run.status())).toContain("sending");
    await run.evict();
    await reportOutcome(run, await permitOf(run), answered(200, { bodyStart, isWhole: true }));
    await run.expectBalanced();
  });

  it("is compared by a hostile member as by any other", async () => {
    await openedAs(run, [Array.from({ length: 9 }, () => 100)], {});
    const usual = answered(200, { bodyStart: '{"__proto__":{"code":0},"constructor":1}' });
    for (let n = 0; n < 6; n += 1) await reportOutcome(run, await permitOf(run), usual);
    await reportOutcome(
      run,
      await permitOf(run),
      answered(200, { bodyStart: '{"__proto__":{"code":7},"constructor":1}' }),
    );
    await reportOutcome(run, await permitOf(run), answered(200, { bodyStart: '{"__proto__":{"code":0}}' }));
    const states = Object.values(await statesOf(run));
    expect(states.filter((state) => state === "done")).toHaveLength(6);
    expect(states.filter((state) => state === "held")).toHaveLength(2);
  });

  it.each([199, 299, 304, 418, 599, 600, 799, 999])("ends its attempt with status %d", async (status) => {
    await openedAs(run, [[100, 100]], {});
    await reportOutcome(run, await permitOf(run), answered(200));
    await reportOutcome(run, await permitOf(run), answered(status, { bodyStart: "?" }));
    expect((await run.status()).in_flight).toBe(0);
    await run.expectBalanced();
  });
});

describe("names in the bucket", () => {
  const body = gzipSync(linesOf(rayIds("a", 3)));
  const ODD = [
    "constructor/x.log.gz",
    "__proto__/20300422T140000Z_20300422T140030Z_p.log.gz",
    "20300422/__proto__/20300422T140000Z_20300422T140030Z_p.log.gz",
    "20300422/toString",
    "20300422/\u{10ffff}.log.gz",
    "20300422/\u{10ffff}/x.log.gz",
    "\u{10ffff}/\u{10ffff}.log.gz",
    "20300422/ / /x.log.gz",
    "20300422//20300422T140000Z_20300422T140030Z_two-slashes.log.gz",
    "//x.log.gz",
    "20300422/a\u0001b\u007f\n.log.gz",
    "20300422/20300422T140000Z_20300422T140030Z_\u0001\n'\"\\\u2028.log.gz",
    "20300422/'; DROP TABLE files; --.log.gz",
    "99999999/x.log.gz",
    "00000000/x.log.gz",
    "20300231/20300231T140000Z_20300231T140030Z_x.log.gz",
    "20300422/00000000T000000Z_99999999T999999Z_all.log.gz",
    "20300422/99999999T999999Z.log.gz",
    "20300422/20301399T996199Z_x.log.gz",
    "date=2030-99-99/x.log.gz",
    "2030/13/45/x.log.gz",
    "20300422/25/x.log.gz",
    `20300422/${"x".repeat(900)}.log.gz`,
    ".log.gz",
    "/",
    "20300422/",
    "20300422/🙂/🙂.log.gz",
    "20300422/%2e%2e/x.log.gz",
    "20300422/../20300422T140000Z_20300422T140030Z_up.log.gz",
  ];

  it("are read or named, whatever they are made of, and the run comes to rest", async () => {
    for (const name of ODD) await inputs.put(name, body);
    await inputs.put(logName(0), gzipSync(linesOf(rayIds("b", 5))));
    await inputs.put(logName(1), new Uint8Array());
    const status = await inputs.deliver();
    expect(status.stage_code).toBe("needs_attention");
    expect(await inputs.rows("SELECT kind FROM events WHERE kind = 'step_failed'")).toEqual([]);
    const files = await inputs.files();
    expect(files.filter(({ state }) => !["closed", "failed", "listed"].includes(state))).toEqual([]);
    expect(inputs.delivered.filter((id) => id.startsWith("b"))).toHaveLength(5);
    for (const { file, state } of files)
      if (state === "failed") await inputs.command({ do: "accept_file", file, note: "seen" });
    await inputs.drive();
    const { raw } = (await inputs.api.raw()) as { raw: unknown };
    expect(JSON.stringify(raw).length).toBeGreaterThan(100);
    const verified = await inputs.decide({ do: "verify" });
    expect(verified.verification).toMatchObject({ last: { differences: [] } });
  });
});

describe("a message that cannot be read", () => {
  it("does not stop the other messages of its batch", async () => {
    await inputs.put(logName(0), gzipSync(linesOf(rayIds("b", 5))));
    await inputs.start();
    await inputs.settle();
    const odd = [null, 7, "x", [], { v: 1 }, { v: 1, run: "\ud800", file: 1 }, { v: 1, run: "x".repeat(100_000), file: 1 }, { v: 1, run: "__proto__", file: 1 }, { v: 1, run: inputs.id, file: Number.MAX_SAFE_INTEGER }]; // prettier-ignore
    const batchOf = (queue: string, last: unknown) =>
      createMessageBatch(
        queue,
        [...odd, last].map((body, n) => ({ id: String(n), timestamp: new Date(), attempts: 1, body })),
      );
    await handleQueue(batchOf("parse-queue-backfill", parseMessage(inputs.id, 1)), env);
    await handleQueue(batchOf("parse-dlq-backfill", parseMessage(inputs.id, 1)), env);
    await handleQueue(batchOf("send-dlq-backfill", sendMessage(inputs.id)), env);
    await handleQueue(batchOf("send-queue-backfill", sendMessage(inputs.id)), env);
    expect((await inputs.drive()).lines.sent).toBe(5);
    expect(inputs.posts).toHaveLength(1);
  });
});
