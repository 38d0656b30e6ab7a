// R2 objects that change or vanish during a run: the run guesses nothing, and lists everything that it sends twice.
import { env } from "cloudflare:workers";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { InputsUnderTest, linesOf, logName, ndjson, rayIds, record } from "../support/inputs-under-test.ts";
import { aSpec, HOUR } from "../support/run-under-test.ts";

const run = new InputsUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());

/** A window that ended a minute ago. The final listing is still to come, so a change is found. */
const END = Date.parse("2030-04-22T17:59:00Z");
const RECENT = { startMs: END - HOUR, endMs: END };
const NAME = "20300422/20300422T170100Z_20300422T170130Z_a.log.gz";

function log(ids: readonly string[]): Uint8Array {
  const inside = { EdgeStartTimestamp: RECENT.startMs / 1_000 + 60 };
  return gzipSync(ndjson(ids.map((id) => record(id, inside))));
}

/** Lets the margin pass. Then the final listing is done, and every file was parsed and sent. */
async function finalListing() {
  await run.wait(11 * 60_000);
  return run.drive();
}

/** Starts the run and lets it list. No queue message is delivered. */
async function listed(): Promise<void> {
  await run.start({ parse: specOf() });
  await run.settle();
  expect(run.enqueued).toEqual([1]);
}

function specOf() {
  return { ...aSpec(run.id).parse, ...RECENT };
}

describe("an object that is gone when it is to be parsed", () => {
  it("makes its file missing, and the run needs attention", async () => {
    const key = await run.put(NAME, log(["a"]));
    await listed();
    await env.LOGS.delete(key);
    await run.drive();
    const status = await finalListing();
    expect(status).toMatchObject({
      stage_code: "needs_attention",
      files: { missing: 1 },
      problems: [{ key, state: "missing" }],
    });
    expect(run.posts).toEqual([]);
    const again = await run.decide({ do: "retry_file", file: 1, allowDuplicates: false });
    expect(again).toMatchObject({ stage_code: "needs_attention", files: { missing: 1 } });
  });

  it("is sent once it is back and an operator retries it", async () => {
    const key = await run.put(NAME, log(["a"]));
    await listed();
    await env.LOGS.delete(key);
    await finalListing();
    await run.put(NAME, log(["a"]));
    const status = await run.decide({ do: "retry_all" });
    expect(status).toMatchObject({ stage_code: "sent_waiting_cleanup", exceptions: 0 });
    expect(run.delivered).toEqual(["a"]);
  });

  it("is accepted with a note", async () => {
    const key = await run.put(NAME, log(["a"]));
    await run.put("20300422/20300422T170200Z_20300422T170230Z_b.log.gz", log(["b"]));
    await run.start({ parse: specOf() });
    await run.settle();
    await env.LOGS.delete(key);
    await run.drive();
    await finalListing();
    const { file } = await run.fileOf(key);
    const status = await run.decide({ do: "accept_file", file, note: "deleted by lifecycle" });
    expect(status).toMatchObject({ stage_code: "sent_waiting_cleanup", exceptions: 1 });
    expect(run.delivered).toEqual(["b"]);
  });
});

describe("an object that is another one when it is to be parsed", () => {
  it("is parsed as it is now, because nothing of the old one was sent", async () => {
    const key = await run.put(NAME, log(["old"]));
    await listed();
    await run.put(NAME, log(["new", "newer"]));
    await run.drive();
    const status = await finalListing();
    expect(run.delivered).toEqual(["new", "newer"]);
    expect(status).toMatchObject({
      stage_code: "sent_waiting_cleanup",
      lines: { read: 2, kept: 2, sent: 2 },
    });
    expect((await run.fileOf(key)).etag).toBe((await env.LOGS.head(key))?.etag);
  });
});

describe("an object that is another one after lines of it were sent", () => {
  const first = rayIds("a", 100);

  async function changedAfterPost(ids: readonly string[]): Promise<string> {
    const key = await run.put(NAME, log(first));
    expect(await run.deliver(RECENT)).toMatchObject({ stage_code: "scanning_and_queueing" });
    expect(run.delivered).toEqual(first);
    await run.put(NAME, log(ids));
    const status = await finalListing();
    expect(status).toMatchObject({ stage_code: "needs_attention", files: { changed: 1 } });
    expect(status.problems).toMatchObject([{ key, state: "changed" }]);
    expect(run.delivered).toEqual(first);
    return key;
  }

  it("is changed: nothing more of it is sent, and it can be accepted as it stands", async () => {
    await changedAfterPost([...first, ...rayIds("b", 10)]);
    const status = await run.decide({ do: "accept_file", file: 1, note: "the partner has what it needs" });
    expect(status).toMatchObject({ stage_code: "sent_waiting_cleanup", exceptions: 1 });
    expect(run.delivered).toEqual(first);
  });

  it("is parsed again on retry: equal batches are not sent again, new ones are", async () => {
    await changedAfterPost([...first, ...rayIds("b", 10)]);
    const status = await run.decide({ do: "retry_file", file: 1, allowDuplicates: true });
    expect(status).toMatchObject({ stage_code: "sent_waiting_cleanup", lines: { kept: 110, sent: 110 } });
    expect(run.delivered).toEqual([...first, ...rayIds("b", 10)]);
  });

  it("is changed again on retry when batches differ that were sent", async () => {
    const other = [...rayIds("b", 10), ...first];
    await changedAfterPost(other);
    const refused = await run.decide({ do: "retry_file", file: 1, allowDuplicates: false });
    expect(refused).toMatchObject({ stage_code: "needs_attention", files: { changed: 1 } });
    expect(run.delivered).toEqual(first);
    const allowed = await run.decide({ do: "retry_file", file: 1, allowDuplicates: true });
    // Lines that an operator had sent twice count as duplicates.
    expect(allowed).toMatchObject({
      stage_code: "sent_waiting_cleanup",
      log_lines_sent: 110,
      duplicate_lines: 100,
      lines: { kept: 110, sent: 110 },
    });
    expect(run.delivered).toEqual([...first, ...other]);
  });
});

/** The first of three batches is delivered, the others wait for a retry. Then the pack is gone. */
async function packLost(): Promise<void> {
  run.receive = () => new Response("ok", { status: run.posts.length === 1 ? 200 : 503 });
  await run.put(logName(0), gzipSync(linesOf(rayIds("a", 250))));
  expect(await run.deliver()).toMatchObject({ log_lines_sent: 100 });
  const packs = await env.LOGS.list({ prefix: `processed-backfill/${run.id}/` });
  expect(packs.objects).toHaveLength(1);
  await env.LOGS.delete(packs.objects.map(({ key }) => key));
  run.receive = () => new Response("ok");
  run.posts.splice(1);
}

async function goOn() {
  for (let minutes = 0; minutes < 10; minutes += 1) {
    await run.wait(60_000);
    await run.drive();
  }
  return run.status();
}

describe("an object whose pack is lost before all of it was sent", () => {
  it("is parsed again, and only what was not sent is sent", async () => {
    await packLost();
    expect(await goOn()).toMatchObject({ stage_code: "sent_waiting_cleanup", log_lines_sent: 250 });
    expect(run.delivered.toSorted()).toEqual(rayIds("a", 250));
  });

  it("is changed when it is another one by now, even where its lines are the same", async () => {
    await packLost();
    const key = await run.put(logName(0), gzipSync(linesOf(rayIds("a", 250)), { level: 1 }));
    expect(await goOn()).toMatchObject({ stage_code: "needs_attention", files: { changed: 1 } });
    expect(await run.reasonOf(key)).toContain("etag");
    expect(run.delivered).toHaveLength(100);
  });
});

describe("a decision about a file", () => {
  it("is refused where it means nothing, and then nothing changed", async () => {
    await run.put(logName(0), gzipSync(ndjson([record("a")])));
    const before = await run.deliver();
    expect(await run.command({ do: "retry_file", file: 1, allowDuplicates: false })).toMatchObject({
      code: "wrong_state",
    });
    expect(await run.command({ do: "accept_file", file: 1, note: "x" })).toMatchObject({
      code: "wrong_state",
    });
    expect(await run.command({ do: "accept_file", file: 2, note: "x" })).toMatchObject({
      code: "unknown_file",
    });
    expect(await run.status()).toMatchObject({ stage_code: before.stage_code, exceptions: 0 });
    expect(run.delivered).toEqual(["a"]);
  });
});
