// Sound, damaged, empty and uncompressed raw log objects: either the whole R2 object is sent, or the run shows the
// reason.
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseFile } from "../../src/pipeline/parse.ts";
import { InputsUnderTest, linesOf, logName, rayIds } from "../support/inputs-under-test.ts";
import { wantedRun } from "../support/registry-fixtures.ts";
import { WINDOW_START } from "../support/run-under-test.ts";

const run = new InputsUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
const IDS = rayIds("a", 250);
const SOUND = gzipSync(linesOf(IDS));

function changed(bytes: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[copy.length + at] = (copy[copy.length + at] ?? 0) ^ 0xff;
  return copy;
}

function joined(...parts: Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}

describe("a sound object", () => {
  it("is sent whole and once, in its order, and the run is delivered", async () => {
    await run.put(logName(0), SOUND);
    const status = await run.deliver();
    expect(status).toMatchObject({
      stage_code: "sent_waiting_cleanup",
      exceptions: 0,
      problems: [],
      lines: { read: 250, kept: 250, sent: 250 },
    });
    expect(run.delivered).toEqual(IDS);
    expect(run.posts.map((lines) => lines.length)).toEqual([100, 100, 50]);
  });

  it("is sent with all of its gzip members", async () => {
    const members = ["a", "b", "c"].map((letter) => rayIds(letter, 30));
    await run.put(logName(0), joined(...members.map((ids) => gzipSync(linesOf(ids)))));
    const status = await run.deliver();
    expect(status).toMatchObject({ stage_code: "sent_waiting_cleanup", lines: { read: 90, sent: 90 } });
    expect(run.delivered).toEqual(members.flat());
  });

  it("is read when a member ends within a line", async () => {
    const text = linesOf(IDS);
    const cut = Math.floor(text.length / 2);
    await run.put(logName(0), joined(gzipSync(text.slice(0, cut)), gzipSync(text.slice(cut))));
    await run.deliver();
    expect(run.delivered).toEqual(IDS);
  });

  it("is read when it is named .log, uncompressed or compressed", async () => {
    await run.put(logName(0, ".log"), linesOf(IDS));
    await run.put(logName(1, ".log"), gzipSync(linesOf(rayIds("b", 5))));
    const status = await run.deliver();
    expect(status).toMatchObject({ stage_code: "sent_waiting_cleanup", files: { closed: 2 } });
    expect(run.delivered).toEqual([...IDS, ...rayIds("b", 5)]);
  });

  it("closes without a batch when it holds no lines", async () => {
    await run.put(logName(0), gzipSync(""));
    await run.put(logName(1), SOUND);
    const status = await run.deliver();
    expect(status).toMatchObject({ stage_code: "sent_waiting_cleanup", files: { closed: 2 } });
    expect(run.delivered).toEqual(IDS);
  });
});

const DAMAGED: [string, Uint8Array, string][] = [
  ["cut short", SOUND.subarray(0, -200), "truncated"],
  ["cut within its trailer", SOUND.subarray(0, -3), "truncated"],
  ["cut after its first bytes", SOUND.subarray(0, 5), "truncated"],
  ["with another checksum", changed(SOUND, -6), "crc_mismatch"],
  ["with another length", changed(SOUND, -2), "length_mismatch"],
  ["with junk after it", joined(SOUND, Buffer.from("junk")), "trailing_junk"],
  ["with zeros after it", joined(SOUND, new Uint8Array(512)), "trailing_junk"],
  ["that is no gzip", Buffer.from(linesOf(IDS)), "not_gzip"],
  ["without bytes", new Uint8Array(), "empty_object"],
  ["damaged within", changed(SOUND, -Math.floor(SOUND.length / 2)), ""],
];

describe("an object", () => {
  it.each(DAMAGED)(
    "is failed with its reason, and nothing of it is sent: %s",
    async (_what, bytes, reason) => {
      const key = await run.put(logName(0), bytes);
      await run.put(logName(1), gzipSync(linesOf(rayIds("b", 3))));
      const status = await run.deliver();
      expect(status).toMatchObject({
        stage_code: "needs_attention",
        delivery_completed: false,
        files: { failed: 1, closed: 1 },
        lines: { read: 3, kept: 3, sent: 3 },
        problems: [{ kind: "file", key, state: "failed" }],
      });
      const why = await run.reasonOf(key);
      if (reason === "") expect(why).toMatch(/^failed: (corrupt_data|crc_mismatch)/);
      else expect(why).toMatch(new RegExp(`^failed: ${reason}`));
      expect(run.delivered).toEqual(rayIds("b", 3));
    },
  );

  it("is damaged after batches of it were made, and none of them is sent", async () => {
    const many = rayIds("c", 5_000);
    const key = await run.put(logName(0), changed(gzipSync(linesOf(many)), -6));
    const status = await run.deliver();
    expect(await run.reasonOf(key)).toMatch(/^failed: crc_mismatch/);
    expect([status.stage_code, run.posts]).toEqual(["needs_attention", []]);
  });

  it("is accepted with a note when it is damaged, which is an exception", async () => {
    const key = await run.put(logName(0), SOUND.subarray(0, -200));
    const whole = await run.put(logName(1), gzipSync(linesOf(rayIds("b", 3))));
    await run.deliver();
    const { file } = await run.fileOf(key);
    expect(await run.command({ do: "accept_file", file })).toMatchObject({ ok: false, code: "note_needed" });
    const status = await run.decide({ do: "accept_file", file, note: "the partner has these" });
    expect(status).toMatchObject({
      stage_code: "sent_waiting_cleanup",
      exceptions: 1,
      files: { accepted: 1 },
    });
    expect(status.summary).toContain("1 exception");
    expect(run.delivered).toEqual(rayIds("b", 3));
    // The parser read records of the damaged file. They are in no sum, and the row of the file says so.
    expect(await run.fileOf(key)).toMatchObject({ state: "accepted", counted: false });
    expect(await run.fileOf(whole)).toMatchObject({ state: "closed", counted: true });
  });

  it("is parsed again on retry when it was damaged and then repaired", async () => {
    const key = await run.put(logName(0), SOUND.subarray(0, -200));
    await run.deliver();
    await run.put(logName(0), SOUND);
    const { file } = await run.fileOf(key);
    const status = await run.decide({ do: "retry_file", file, allowDuplicates: false });
    expect(status).toMatchObject({ stage_code: "sent_waiting_cleanup", exceptions: 0 });
    expect(run.delivered).toEqual(IDS);
  });
});

describe('on_corrupt "salvage"', () => {
  it("sends the readable part of a cut file, up to its last LF, and counts what it lost", async () => {
    const text = linesOf(IDS);
    const whole = gzipSync(text, { level: 0 });
    // The R2 object is stored without compression, so all its bytes are readable.
    const key = await run.put(logName(0), whole.subarray(0, Math.floor(whole.length * 0.6)));
    const status = await run.deliver({ onCorrupt: "salvage" });
    const count = run.delivered.length;
    expect(count).toBeGreaterThan(100);
    expect(count).toBeLessThan(250);
    expect(run.delivered).toEqual(IDS.slice(0, count));
    const bytes = Buffer.byteLength(linesOf(IDS.slice(0, count)));
    expect((await run.fileOf(key)).salvaged).toEqual({ lines: count, bytes });
    // An R2 object that could not be read must not count as a success.
    expect(status).toMatchObject({
      stage_code: "sent_waiting_cleanup",
      exceptions: 1,
      lines: { read: count, malformed: 0, sent: count },
    });
    expect(await run.reasonOf(key)).toBe(
      `closed: truncated: ${count} lines and ${bytes} bytes were salvaged`,
    );
  });

  it("refuses a file whose checksum is wrong", async () => {
    const key = await run.put(logName(0), changed(SOUND, -6));
    const status = await run.deliver({ onCorrupt: "salvage" });
    expect(await run.reasonOf(key)).toMatch(/^failed: crc_mismatch/);
    expect([status.stage_code, run.posts]).toEqual(["needs_attention", []]);
  });
});

async function parsed(bytes: Uint8Array) {
  const spec = { ...wantedRun({ startMs: WINDOW_START }).parse, batchLines: 100 };
  const lines: number[] = [];
  const outcome = await parseFile(slabs(bytes), { key: "x.log.gz" }, spec, async (batch) => {
    lines.push(batch.lines);
  });
  return { outcome, lines };
}

async function* slabs(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  // An odd size, so that members and slabs end at different places.
  for (let at = 0; at < bytes.length; at += 1_013) yield bytes.subarray(at, at + 1_013);
}

describe("the parse step inside the runtime, with another zlib than Node's", () => {
  it("reads both of two members", async () => {
    const { outcome, lines } = await parsed(joined(SOUND, gzipSync(linesOf(rayIds("b", 7)))));
    expect([outcome.kind, outcome.counts.kept, lines]).toEqual(["ok", 257, [100, 100, 57]]);
  });

  it("names junk after a member", async () => {
    const { outcome } = await parsed(joined(SOUND, Buffer.from("junk")));
    expect(outcome).toMatchObject({ kind: "corrupt", reason: "trailing_junk" });
  });
});
