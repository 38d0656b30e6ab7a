// Parsing one file must not delay other work of the isolate for long. The test moves the clock and counts the rests.
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { parseFile } from "../../../src/pipeline/parse.ts";
import type { ParseOutcome, WorkClock } from "../../../src/pipeline/types.ts";
import type { ParseSpec } from "../../../src/contract/parse-spec.ts";
import { MAX_FILE_MS } from "../../../src/pipeline/work-turns.ts";
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

  it.each([
    ["records that are not kept", `${JSON.stringify(record({ ParentRayID: "7d3c1a2b3c4d5e6f" }))}\n`, 16 * MIB, 12],
    ["records outside the window", `${JSON.stringify(record({ EdgeStartTimestamp: 1 }))}\n`, 16 * MIB, 12],
    ["short malformed lines", "x\n", MIB / 4, 12],
    ["empty lines", "\n", 16 * MIB, 12],
    ["lines of brackets", "[\n]\n", MIB / 4, 12],
    ["one line without an end", "x", 32 * MIB, 12],
    ["a list on one line", `${JSON.stringify(record({ ParentRayID: "7d3c1a2b3c4d5e6f" }))},`, 16 * MIB, 12],
    ["bytes that are no UTF-8", "\u00ff\n", MIB / 4, 8],
  ])("rests over %s, though the clock stands still", async (_what, text, bytes, rests) => {
    for (const packed of [false, true]) {
      const clock = new TestClock();
      const content = many(text, bytes);
      await parsed(packed ? gzipSync(content) : content, packed ? "a.log.gz" : "a.log", clock);
      expect(clock.rests).toBeGreaterThanOrEqual(rests);
    }
  }, 60_000); // prettier-ignore

  it("rests over zeros behind the last member, though the clock stands still", async () => {
    const clock = new TestClock();
    const object = Buffer.concat([gzipSync(ndjson([record()])), Buffer.alloc(16 * MIB)]);
    expect(await parsed(object, "a.log.gz", clock)).toMatchObject({
      kind: "corrupt",
      reason: "trailing_junk",
    });
    expect(clock.rests).toBeGreaterThanOrEqual(12);
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

describe("the work on one file", () => {
  it("ends by name at an object of more than 100,000 gzip members", async () => {
    // All members share the same bytes, so the object is small.
    const block = Buffer.concat(Array.from({ length: 1_000 }, () => EMPTY_MEMBER));
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) yield block;
    }
    const clock = new TestClock();
    const outcome = await parseFile(endless(), { key: "a.log.gz" }, SPEC, async () => {}, clock);
    expect(outcome).toMatchObject({ kind: "corrupt", reason: "too_many_members" });
    expect(clock.rests).toBeGreaterThanOrEqual(1_000);
  }, 120_000);

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
