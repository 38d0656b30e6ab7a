// Parsing one file must not delay other work of the isolate for long. The test moves the clock and counts the rests.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { MAX_MEMBERS, inflate } from "../../../src/pipeline/inflate.ts";
import { parseFile } from "../../../src/pipeline/parse.ts";
import { SlabReader } from "../../../src/pipeline/slab-reader.ts";
import type { ParseOutcome, WorkClock } from "../../../src/pipeline/types.ts";
import type { ParseSpec } from "../../../src/contract/parse-spec.ts";
import { MAX_FILE_MS, WorkTurns } from "../../../src/pipeline/work-turns.ts";
import { SPEC, ndjson, record, slabs } from "./support.ts";

/** Time passes only while code waits, as on the platform. With `msEachLook` time passes at each reading. */
class TestClock implements WorkClock {
  rests = 0;
  ms = 0;
  readonly #msEachLook: number;

  constructor(msEachLook = 0) {
    this.#msEachLook = msEachLook;
  }

  now = (): number => (this.ms += this.#msEachLook);

  rest = async (): Promise<void> => {
    this.rests += 1;
    this.ms += 1;
  };
}

function parsed(bytes: Uint8Array, key: string, clock: TestClock, spec: Partial<ParseSpec> = {}): Promise<ParseOutcome> {
  return parseFile(slabs(bytes), { key }, { ...SPEC, ...spec }, async () => {}, clock);
} // prettier-ignore

/** A gzip member without content: 20 bytes. */
const EMPTY_MEMBER = gzipSync("");
const MIB = 1024 * 1024;

function many(text: string, bytes: number): Buffer {
  return Buffer.from(text.repeat(Math.ceil(bytes / text.length)));
}

describe("the parse step", () => {
  it("rests over gzip members that hold nothing, though the clock stands still", async () => {
    const clock = new TestClock();
    const members = Buffer.concat(Array.from({ length: 2_000 }, () => EMPTY_MEMBER));
    expect((await parsed(members, "a.log.gz", clock)).kind).toBe("ok");
    // A member costs at least a tenth of a millisecond, so at most 100 members fit into a turn.
    expect(clock.rests).toBeGreaterThanOrEqual(20);
  });

  // A rest is due after each MiB of work. The content is four to eight MiB of work.
  it.each([
    ["records that are not kept", `${JSON.stringify(record({ ParentRayID: "7d3c1a2b3c4d5e6f" }))}\n`, 4 * MIB, 3],
    ["records outside the window", `${JSON.stringify(record({ EdgeStartTimestamp: 1 }))}\n`, 4 * MIB, 3],
    ["short malformed lines", "x\n", MIB / 16, 3],
    ["empty lines", "\n", 4 * MIB, 3],
    ["lines of brackets", "[\n]\n", MIB / 16, 3],
    ["one line without an end", "x", 8 * MIB, 3],
    ["a list on one line", `${JSON.stringify(record({ ParentRayID: "7d3c1a2b3c4d5e6f" }))},`, 4 * MIB, 3],
    ["bytes that are no UTF-8", "\u00ff\n", MIB / 16, 2],
  ])("rests over %s, though the clock stands still", async (_what, text, bytes, rests) => {
    for (const packed of [false, true]) {
      const clock = new TestClock();
      const content = many(text, bytes);
      await parsed(packed ? gzipSync(content) : content, packed ? "a.log.gz" : "a.log", clock);
      expect(clock.rests).toBeGreaterThanOrEqual(rests);
    }
  }); // prettier-ignore

  it("rests over zeros after the last member, though the clock stands still", async () => {
    const clock = new TestClock();
    const object = Buffer.concat([gzipSync(ndjson([record()])), Buffer.alloc(4 * MIB)]);
    expect(await parsed(object, "a.log.gz", clock)).toMatchObject({
      kind: "corrupt",
      reason: "trailing_junk",
    });
    expect(clock.rests).toBeGreaterThanOrEqual(3);
  });

  it("counts the compression of batches as work", async () => {
    const content = ndjson(Array.from({ length: 3_000 }, (_, n) => record({ RayID: `${n}` })));
    const [kept, dropped] = [new TestClock(), new TestClock()];
    const copies = Buffer.from(content.repeat(3));
    await parsed(copies, "a.log", kept);
    await parsed(copies, "a.log", dropped, { startMs: 0, endMs: 1 });
    expect(kept.rests).toBeGreaterThan(dropped.rests);
  });

  it("never rests over a small file, because each rest costs a millisecond", async () => {
    const clock = new TestClock();
    await parsed(gzipSync(ndjson(Array.from({ length: 100 }, () => record()))), "a.log.gz", clock);
    expect(clock.rests).toBe(0);
  });
});

it("rests after 10 ms, however little was done", async () => {
  const clock = new TestClock(4);
  const lines = ndjson(Array.from({ length: 2_000 }, () => record({ ParentRayID: "" })));
  await parsed(Buffer.from(lines), "a.log", clock);
  // The clock is read after every 128 lines and every block. Each reading costs 4 ms here.
  expect(clock.rests).toBeGreaterThan(3);
});

async function* endlessMembers(): AsyncGenerator<Uint8Array> {
  for (;;) yield EMPTY_MEMBER;
}

describe("the work on one file", () => {
  it("ends by name at one gzip member more than the limit", async () => {
    // The real limit costs 10 s in this test. So the test gives its own, and compares the real one with the document.
    const turns = new WorkTurns(new TestClock());
    const outcome = await inflate(new SlabReader(endlessMembers()), "a.log.gz", turns, 300).next();
    expect(outcome).toEqual({
      done: true,
      value: { reason: "too_many_members", detail: "the object has more than 300 gzip members" },
    });
    const whole = slabs(Buffer.concat(Array.from({ length: 300 }, () => EMPTY_MEMBER)));
    expect(await inflate(new SlabReader(whole), "a.log.gz", turns, 300).next()).toEqual({ done: true, value: null });
    const row = `more than ${MAX_MEMBERS.toLocaleString("en")} gzip members `;
    expect(readFileSync("docs/reference/inputs.md", "utf8")).toContain(row);
  }); // prettier-ignore

  it("ends by name after ten minutes, in members or lines", async () => {
    const content = many(`${JSON.stringify(record({ ParentRayID: "" }))}\n`, 4 * MIB);
    const members = Buffer.concat(Array.from({ length: 500 }, () => EMPTY_MEMBER));
    for (const [bytes, key] of [[content, "a.log"], [members, "a.log.gz"]] as const) {
      const clock = new TestClock(MAX_FILE_MS / 10);
      expect(await parsed(bytes, key, clock)).toMatchObject({ kind: "corrupt", reason: "too_slow" });
    }
  }); // prettier-ignore

  it("reads the same, however often it rests", async () => {
    const content = ndjson(Array.from({ length: 3_000 }, (_, n) => record({ RayID: `${n}` })));
    const digests = async (clock?: WorkClock): Promise<string[]> => {
      const found: string[] = [];
      await parseFile(slabs(gzipSync(content)), { key: "a.log.gz" }, SPEC, async (batch) => {
        found.push(batch.digest);
      }, clock);
      return found;
    };
    expect(await digests(new TestClock(10))).toEqual(await digests());
  }); // prettier-ignore
});
