// Decodes the bytes of an answer by its header Content-Encoding.
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { withoutEncoding } from "../../../src/queues/decode-answer-body.ts";

const BODY = JSON.stringify({ code: 0, message: "SUCCESS ".repeat(200) });
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe("an answer", () => {
  it.each([
    ["gzip", gzipSync(BODY)],
    ["GZIP", gzipSync(BODY)],
    ["deflate", deflateSync(BODY)],
    ["br", brotliCompressSync(BODY)],
    ["identity", Buffer.from(BODY)],
    [null, Buffer.from(BODY)],
  ])("is inflated by its encoding %s", (encoding, bytes) => {
    expect(text(withoutEncoding(bytes, encoding))).toBe(BODY);
  });

  it("gives the beginning of a gzip body that was cut", () => {
    const cut = gzipSync(BODY, { level: 0 }).subarray(0, 500);
    expect(BODY.startsWith(text(withoutEncoding(cut, "gzip")))).toBe(true);
    expect(withoutEncoding(cut, "gzip").length).toBeGreaterThan(400);
  });

  it.each(["gzip", "deflate", "br"])("keeps its bytes when they are no %s", (encoding) => {
    expect(text(withoutEncoding(Buffer.from("ok"), encoding))).toBe("ok");
  });

  it("keeps its bytes when they would inflate without bound", () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    expect(withoutEncoding(bomb, "gzip")).toBe(bomb);
  });
});
