// Sentences about a run and a file that are made of several numbers.
import { describe, expect, it } from "vitest";
import type { RunStatusAnswer } from "../../../src/contract/api/api-types.ts";
import { readSum } from "../../../src/ui/pages/run-parts/read-sum.ts";
import { sendWords } from "../../../src/ui/pages/run/send-words.ts";
import { rowReason, runDetail } from "../../../src/ui/text/run-detail.ts";
import { loadTexts } from "../../../src/ui/text/texts.ts";

await loadTexts("en");

const dropped = {
  not_top_level: 0,
  invalid_timestamp: 0,
  outside_window: 0,
  delivered_live: 0,
  repeated_ray_id: 0,
};
const lines = { read: 0, kept: 0, malformed: 0, repaired: 0, empty: 0, dropped };

describe("the dialog that sends the lines of a file", () => {
  it("names how many lines are sent, and how many stay out", () => {
    expect(sendWords({ ...lines, kept: 1_200, dropped: { ...dropped, delivered_live: 300 } })).toBe(
      "1,200 lines are sent. Not sent, because live delivered them: 300.",
    );
    expect(sendWords({ ...lines, kept: 1 })).toBe("1 line is sent.");
  });

  it("says what stays out when the numbers are not known", () => {
    expect(sendWords(null)).toContain("Lines that live delivered stay out.");
  });
});

it("writes the records that were read as the sum of their parts", () => {
  const sums = { sent: 60, pending: 0, held: 5, refused: 0, discarded: 0, malformed: 0, read: 100 };
  const run = { lines: { ...sums, dropped: { ...dropped, delivered_live: 20, not_top_level: 15 } } };
  expect(readSum(run as unknown as RunStatusAnswer)).toBe(
    "Records read 100 = Delivered 60 + Held 5 + Delivered live 20 + Subrequests 15 + Malformed 0",
  );
});

describe("the detail of a reason", () => {
  const of = (code: string, detail: string) =>
    runDetail({
      state_reason: { code, detail },
      files: { failed: 0, missing: 0, changed: 0, suspicious: 1 },
      batches: { done: 3, refused: 0, held: 1 },
      spec: { canary: 3 },
    } as unknown as RunStatusAnswer);

  it("counts files and batches in the words of the page, and keeps the rest", () => {
    expect(of("suspicious_files", "1 suspicious files; 1 held batch; 2 folders with logs")).toEqual({
      own: "Suspicious files 1 · Held batches 1",
      english: "2 folders with logs",
    });
    expect(of("canary", "anything").own).toBe("The canary was 3 batches. Delivered: 3.");
    expect(of("operator", "partner asked")).toEqual({ own: "", english: "partner asked" });
  });

  it("says what a held batch waits for", () => {
    expect(rowReason("held", "stranded: suspicious")).toBe(
      "Waits for the decision about its file. State of the file: Suspicious.",
    );
    expect(rowReason("held", "live_batch_size_unproven")).toBe("Waits for proof of the live batch size.");
    expect(rowReason("refused", "http_400")).toBeNull();
  });
});
