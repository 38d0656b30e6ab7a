// Tests when the page offers no decision, because the run decides by itself.
import { describe, expect, it } from "vitest";
import { isDecidedLater } from "../../../src/ui/pages/run/decided-later.ts";

const run = (listed: number, parsing: number) => ({ files: { listed, parsing } });

describe("a file or batch that needs proof of the live worker's batch size", () => {
  it("is decided by the run while files are still to be read", () => {
    expect(isDecidedLater(run(3, 0), "stranded: live_batch_size_unproven")).toBe(true);
    expect(isDecidedLater(run(0, 1), "live_batch_size_unproven: too few files")).toBe(true);
  });

  it("needs a person when all files were read", () => {
    expect(isDecidedLater(run(0, 0), "live_batch_size_unproven")).toBe(false);
  });

  it("needs a person for any other reason", () => {
    expect(isDecidedLater(run(3, 1), "http_400")).toBe(false);
    expect(isDecidedLater(run(3, 1), null)).toBe(false);
  });
});
