// Logs in a changed or damaged format, from R2 to the receiver: which files and runs wait for an operator, and the
// effect of each decision.
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
// @ts-expect-error -- the bundler reads the fixture as text; inside the runtime there is no file system
import fixture from "../fixtures/faults/feeds.json?raw";
import { InputsUnderTest, linesOf, logName, ndjson, rayIds, record } from "../support/inputs-under-test.ts";

const run = new InputsUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());

interface Feed {
  window: [string, string];
  files: Record<string, string>;
  lines: number;
  sha256: string;
}
const FEEDS: Record<string, Feed> = JSON.parse(fixture as string);

async function deliverFeed(name: string) {
  const feed = FEEDS[name];
  if (!feed) throw new Error(`no feed ${name}`);
  for (const [file, text] of Object.entries(feed.files)) await run.put(file, gzipSync(text));
  const [startMs = 0, endMs = 0] = feed.window.map((time) => Date.parse(time));
  return { feed, status: await run.deliver({ startMs, endMs }) };
}

/** All lines that arrived, in order. */
function digestOfPosts(): string {
  const hash = createHash("sha256");
  for (const line of run.posts.flat()) hash.update(`${line}\n`);
  return hash.digest("hex");
}

describe("feeds that were found in the field", () => {
  it.each([["f01", 39], ["f03", 0], ["f21", 0]])("deliver every line of %s", async (name, repaired) => {
    const { feed, status } = await deliverFeed(name);
    expect(status).toMatchObject({
      stage_code: "sent_waiting_cleanup",
      exceptions: 0,
      lines: { read: feed.lines, kept: feed.lines, sent: feed.lines, malformed: 0, repaired },
    });
    expect(digestOfPosts()).toBe(feed.sha256);
  }); // prettier-ignore

  it.each([
    ["f13b", "unreadable_times: 8 of 9 top-level records have no readable EdgeStartTimestamp (88.9 %); line 1 has \"2026-03-31 14:01:00\"", 1],
    ["f22", "unset_parent_ray_ids: 30 of 33 records have a ParentRayID that is absent, empty or only zeros (90.9 %); line 4 has none", 3],
    ["f23", "unset_parent_ray_ids: 30 of 30 records have a ParentRayID that is absent, empty or only zeros (100 %); line 1 has \"0000000000000000\"", 0],
  ])("stop for a decision at %s", async (name, reason, held) => {
    const { status } = await deliverFeed(name);
    expect(status).toMatchObject({
      stage_code: "needs_attention",
      state_reason: { code: "suspicious_files" },
      delivery_completed: false,
      files: { suspicious: 1 },
      batches: { held: held > 0 ? 1 : 0 },
      lines: { held },
    });
    const file = (await run.files()).find(({ state }) => state === "suspicious");
    expect(file?.reason?.startsWith(reason), file?.reason ?? "").toBe(true);
    // The other files are sent.
    expect(run.posts.flat()).toHaveLength(name === "f23" ? 3 : 0);
  }); // prettier-ignore

  it("send the file of zeros on retry with its value, which applies to that file only", async () => {
    const { feed } = await deliverFeed("f23");
    const file = (await run.files()).find(({ state }) => state === "suspicious");
    const ids = ["00", "0000000000000000"];
    const status = await run.decide({ do: "retry_file", file: file!.file, allowDuplicates: false, topLevelParentRayIds: ids });
    expect(status).toMatchObject({ stage_code: "sent_waiting_cleanup", exceptions: 0, lines: { sent: feed.lines } });
    expect(digestOfPosts()).toBe(feed.sha256);
    expect((await run.files()).map(({ choices }) => choices)).toEqual([
      null,
      { top_level_parent_ray_ids: ids, on_corrupt: null, accepted: null },
    ]);
  }); // prettier-ignore
});

/** A file of 20 good lines and 6 lines that are cut off. */
async function putSuspicious(n = 0): Promise<string> {
  const ids = rayIds("s", 20);
  return run.put(logName(n), gzipSync(`${linesOf(ids)}${'{"RayID":"cu\n'.repeat(6)}`));
}

describe("the limits of a check", () => {
  it.each([
    ["5 of 10 lines", 5, 5, 0.01, false],
    ["6 of 600 lines, which is not more than 1 %", 6, 594, 0.01, false],
    ["6 of 599 lines", 6, 593, 0.01, true],
    ["all of 1 line", 1, 0, 0.01, true],
    ["6 of 599 lines, with a ratio of 2 %", 6, 593, 0.02, false],
    ["6 of 10,000 lines, with a ratio of 0", 6, 9_994, 0, true],
    ["99 of 100 lines, with a ratio of 1", 99, 1, 1, false],
  ])("are met exactly: %s", async (_what, malformed, good, maxSuspectRatio, isSuspicious) => {
    const text = `${linesOf(rayIds("a", good))}${"x\n".repeat(malformed)}`;
    await run.put(logName(0), gzipSync(text));
    const status = await run.deliver({ maxSuspectRatio, batchLines: 1_000 });
    expect(status.files.suspicious).toBe(isSuspicious ? 1 : 0);
    expect(status.lines.sent).toBe(isSuspicious ? 0 : good);
    expect(status.lines.held).toBe(isSuspicious ? good : 0);
  });

  it("count records without a parent among all but the subrequests of Workers", async () => {
    const id = "7d3c1a2b3c4d5e6f";
    const worker = ndjson(rayIds("w", 300).map((ray) => record(ray, { ParentRayID: id, WorkerSubrequest: true })));
    const others = ndjson(rayIds("o", 10).map((ray) => record(ray, { ParentRayID: id })));
    const unset = ndjson(rayIds("u", 6).map((ray) => record(ray, { ParentRayID: "" })));
    const unsetWorker = ndjson(rayIds("v", 50).map((ray) => record(ray, { ParentRayID: "", WorkerSubrequest: true })));
    await run.put(logName(0), gzipSync(linesOf(rayIds("a", 584)) + worker + others + unset + unsetWorker));
    const status = await run.deliver();
    expect(status).toMatchObject({ stage_code: "sent_waiting_cleanup", files: { suspicious: 0 } });
    expect(status.checks).toMatchObject({ unset_parent_ray_ids: { failing: 6, checked: 600 } });
    run.fresh();
    await run.put(logName(0), gzipSync(linesOf(rayIds("a", 583)) + worker + others + unset + unsetWorker));
    expect((await run.deliver()).files.suspicious).toBe(1);
  }); // prettier-ignore

  it("follow the older rule for a run that was started before there was a ratio", async () => {
    await putSuspicious();
    const spec = await import("../support/run-under-test.ts").then(({ aSpec }) => aSpec(run.id));
    const { maxSuspectRatio: _ratio, parseVersion: _version, ...parse } = spec.parse;
    await run.start({ parse });
    const status = await run.drive();
    expect(status).toMatchObject({ stage_code: "sent_waiting_cleanup", lines: { sent: 20, malformed: 6 } });
  });
});

describe("a run of many small files", () => {
  it("stops for a decision when together they fail too often, and ends with an exception", async () => {
    for (let n = 0; n < 4; n += 1)
      await run.put(logName(n), gzipSync(`${linesOf(rayIds(`${n}`, 50))}${"x\n".repeat(2)}`));
    const status = await run.deliver();
    expect(status).toMatchObject({
      stage_code: "needs_attention",
      delivery_completed: false,
      files: { suspicious: 0, closed: 4 },
      state_reason: { code: "suspect_records" },
    });
    expect(status.state_reason?.detail).toContain("8 of 208 lines are malformed (3.85 %)");
    const accepted = await run.decide({ do: "accept_codes", codes: ["suspect_records"], note: "seen" });
    expect(accepted).toMatchObject({ stage_code: "sent_waiting_cleanup", exceptions: 1 });
  });

  it("does not ask again about a file that an operator has decided", async () => {
    await putSuspicious(0);
    await run.put(logName(1), gzipSync(linesOf(rayIds("b", 10))));
    await run.deliver();
    const status = await run.decide({ do: "accept_file", file: 1, send: true, note: "seen" });
    expect(status).toMatchObject({ stage_code: "sent_waiting_cleanup", exceptions: 1, lines: { sent: 30 } });
  });
});

describe("the decision on a suspicious file", () => {
  it("says whether its lines are sent, because it kept some", async () => {
    await putSuspicious();
    await run.deliver();
    const rows = () => Promise.all(["batches", "files", "events"].map((table) => run.rows(`SELECT * FROM ${table}`)));
    const before = await rows();
    expect(await run.command({ do: "accept_file", file: 1, note: "seen" })).toMatchObject({ ok: false, code: "send_needed" });
    expect(await run.command({ do: "accept_file", file: 1, send: true })).toMatchObject({ ok: false, code: "note_needed" });
    expect(await rows()).toEqual(before);
    expect(await run.command({ do: "retry_batch", batch: 1 })).toMatchObject({ ok: false, code: "wrong_state" });
    expect((await run.decide({ do: "retry_all" })).lines.held).toBe(20);
    expect(run.posts).toEqual([]);
  }); // prettier-ignore

  it.each([[true, 20, "closed"], [false, 0, "accepted"]])("sends or discards its lines: %s", async (send, sent, state) => {
    const key = await putSuspicious();
    await run.deliver();
    const status = await run.decide({ do: "accept_file", file: 1, send, note: "seen" });
    expect(status).toMatchObject({
      stage_code: "sent_waiting_cleanup",
      exceptions: 1,
      lines: { sent, discarded: 20 - sent, held: 0, kept: 20 },
    });
    expect((await run.fileOf(key)).state).toBe(state);
    expect((await run.fileOf(key)).reason).toContain("seen");
    const verified = await run.decide({ do: "verify" });
    expect(verified.verification).toMatchObject({ last: { differences: [] } });
  }); // prettier-ignore

  it("stays valid when the pack is lost: the file is not suspicious again", async () => {
    await putSuspicious();
    await run.deliver();
    const { env } = await import("cloudflare:workers");
    for (const { key } of (await env.LOGS.list({ prefix: `processed-backfill/${run.id}/` })).objects)
      await env.LOGS.delete(key);
    const status = await run.decide({ do: "accept_file", file: 1, send: true, note: "seen" });
    for (let turns = 0; turns < 5; turns += 1) await run.wait(10_000).then(() => run.drive());
    expect(await run.status()).toMatchObject({ exceptions: 1, files: { suspicious: 0 } });
    expect(status.files.suspicious).toBe(0);
    expect((await run.status()).lines.sent).toBe(20);
  });

  it("is needed again after a retry, and another object is judged anew", async () => {
    const key = await putSuspicious();
    await run.deliver();
    expect((await run.decide({ do: "retry_file", file: 1, allowDuplicates: false })).files.suspicious).toBe(
      1,
    );
    await run.put(key.slice(run.prefix.length), gzipSync(linesOf(rayIds("s", 26))));
    const status = await run.decide({ do: "retry_file", file: 1, allowDuplicates: false });
    expect(status).toMatchObject({ stage_code: "sent_waiting_cleanup", exceptions: 0, lines: { sent: 26 } });
  });

  it("salvages the readable part of one file", async () => {
    const packed = gzipSync(linesOf(rayIds("a", 500)));
    await run.put(logName(0), packed.subarray(0, packed.length - 20));
    await run.put(logName(1), gzipSync(linesOf(rayIds("b", 10))));
    expect((await run.deliver()).files.failed).toBe(1);
    const status = await run.decide({
      do: "retry_file",
      file: 1,
      allowDuplicates: false,
      onCorrupt: "salvage",
    });
    expect(status).toMatchObject({ stage_code: "sent_waiting_cleanup", exceptions: 1, files: { closed: 2 } });
    expect(status.lines.sent).toBeGreaterThan(100);
  });
});
