import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { parseFile } from "../../../src/pipeline/parse.ts";
import { ndjson, record, slabs, SPEC } from "./support.ts";

const OBJECT = gzipSync(ndjson(Array.from({ length: 1000 }, (_, n) => record({ RayID: `${n}` }))), {
  level: 1,
});

async function* failing(): AsyncGenerator<Uint8Array> {
  yield OBJECT.subarray(0, 100);
  throw new Error("network");
}

async function failingUpload(): Promise<void> {
  throw new Error("upload");
}

describe("an error outside the parser", () => {
  it("rejects when a read of the object fails, so that the file is read again", async () => {
    await expect(parseFile(failing(), { key: "a.log.gz" }, SPEC, async () => {})).rejects.toThrow("network");
  });

  it("rejects when an upload fails, and releases the object", async () => {
    let released = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        yield* slabs(OBJECT, 100);
      } finally {
        released = true;
      }
    }
    const parsing = parseFile(source(), { key: "a.log.gz" }, { ...SPEC, batchLines: 100 }, failingUpload);
    await expect(parsing).rejects.toThrow("upload");
    expect(released).toBe(true);
  });
});
