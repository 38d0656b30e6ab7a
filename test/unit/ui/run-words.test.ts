// Sentences about a run and a file that are made of several numbers.
import { describe, expect, it } from "vitest";
import type { RunStatusAnswer } from "../../../src/contract/api/api-types.ts";
import { readSum } from "../../../src/ui/pages/run-parts/read-sum.ts";
import { coverageLink } from "../../../src/ui/pages/run/coverage-link.ts";
import { twiceRows, twiceVerdict } from "../../../src/ui/pages/run/twice-rows.ts";
import { sendWords } from "../../../src/ui/pages/run/send-words.ts";
import { causeWord, rowReason } from "../../../src/ui/text/row-reason.ts";
import { runDetail } from "../../../src/ui/text/run-detail.ts";
import { loadTexts, needTexts } from "../../../src/ui/text/texts.ts";

await loadTexts("en");
await needTexts(["run", "runParts", "rowReasons"]);

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
      "1,200 lines are sent. Not sent, because the live worker delivered them: 300.",
    );
    expect(sendWords({ ...lines, kept: 1 })).toBe("1 line is sent.");
  });

  it("says what stays out when the numbers are not known", () => {
    expect(sendWords(null)).toContain("Lines that the live worker delivered stay out.");
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
    expect(rowReason("held", "live_batch_size_unproven")).toBe(
      "This file alone does not prove the size of the live worker's batches. Waits for more files.",
    );
    expect(rowReason("held", "something_new: of a later version")).toBeNull();
  });
});

describe("the reason of a row", () => {
  it.each([
    ["done", "the same as batch 7", "The same lines as batch 7."],
    ["discarded", "inherited: delivered by 2026_run", "The earlier run 2026_run delivered it."],
    [
      "discarded",
      "resolved as discarded: the partner\nhas it",
      "An operator discarded it: the partner\nhas it",
    ],
    ["discarded", "its file was accepted as it stands", "An operator accepted its file as it was."],
    ["uncertain", "attempt 2: timeout", "Attempt 2: No answer in time. It may have arrived."],
    ["refused", "http_400: wrong field", "The receiver answered HTTP 400."],
    ["failed", "crc_mismatch: gzip member 1", "The checksum of the object differs."],
    [
      "waiting",
      "live_waiting: 2 batches",
      "A batch that the live worker made of the file has no answer yet.",
    ],
  ])("is in the words of the page: %s, %s", (state, reason, words) => {
    expect(rowReason(state, reason)).toBe(words);
  });

  it("of a malformed line has words for each code of the API", () => {
    for (const code of ["not_json", "not_an_object", "too_long", "invalid_utf8"])
      expect(causeWord(code)).not.toBe(code);
    expect(causeWord("something_new")).toBe("something_new");
  });
});

describe("whether a line was sent twice", () => {
  const live = {
    batch_size: 1_000,
    proven_by: "files",
    proving_files: 12,
    files_with_markers: 15,
    lines_sent_while_waiting: 0,
    live_delivered_meanwhile: { batches: 0, lines: 0 },
    outside_not_delivered: null,
  };
  const of = (changes: object) =>
    ({
      receiver: "default",
      lines: { ...lines, sent: 100, inherited: 0, dropped: { ...dropped, delivered_live: 40 } },
      spec: { dedupe: "off" },
      limits: { on_uncertain: "hold" },
      duplicate_lines: 0,
      possible_duplicate_lines: 0,
      uncertain_attempts: 0,
      assumed_not_delivered_attempts: 0,
      repeated_ray_ids: 2,
      replay: false,
      live,
      ...changes,
    }) as unknown as RunStatusAnswer;
  const verdict = (changes: object) => twiceVerdict(of(changes)).value;

  it("is denied only of a run that left out what the live worker delivered", () => {
    expect(verdict({})).toBe("The checks found no line that was sent twice. Some things were not checked.");
    expect(verdict({ live: undefined })).toContain("did not check what the live worker delivered");
    expect(verdict({ live: undefined, spec: { receiver: {} } })).toMatch(/^The checks found no line/);
    expect(verdict({ live: undefined, receiver: "account" })).toMatch(/^The checks found no line/);
    expect(twiceRows(of({ live: undefined, receiver: "account" }))[0]?.value).toMatch(/^Does not apply/);
  });

  it("is said first when lines were, may have been, or were sent again on purpose", () => {
    expect(verdict({ duplicate_lines: 5, possible_duplicate_lines: 7 })).toMatch(
      /more than once: 5 .*twice: 7\./,
    );
    expect(verdict({ replay: true })).toMatch(/^Yes, on purpose/);
    expect(verdict({ uncertain_attempts: 3 })).toContain("not known: 3");
    expect(verdict({ deduped_lines: 500 })).toContain("500 lines again, each while the receiver remembered");
  });

  it("comes with the size of the live worker's batches, its proof, and what was not checked", () => {
    const text = twiceRows(of({}))
      .map(({ name, value }) => `${name}: ${value}`)
      .join("\n");
    expect(text).toContain("1,000 records. Measured: 12 files have exactly the markers of this size.");
    expect(text).toContain("Delivered live, not sent again: 40 lines.");
    expect(text).toContain("RayIDs are not compared across files.");
    const by = (proven_by: string | null) =>
      twiceRows(of({ live: { ...live, proven_by } }))
        .map(({ value }) => value)
        .join("\n");
    expect(by("operator")).toContain("An operator accepted it");
    expect(by(null)).toContain("Not proven yet.");
    const held = (n: number) =>
      twiceRows(
        of({
          uncertain_attempts: 4,
          limits: { on_uncertain: "hold" },
          lines: { ...lines, inherited: 0, dropped, held: n },
        }),
      );
    expect(held(100).map(({ value }) => value)).toContain("4 · Their batches wait for an operator.");
    expect(held(0).map(({ value }) => value)).toContain(
      "4 · Operators decided what becomes of their batches: see the events.",
    );
    const assumed = twiceRows(of({ assumed_not_delivered_attempts: 9 })).map(({ value }) => value);
    expect(assumed.join("\n")).toContain("POSTs: 9. They count as not delivered");
  });
});

it("links a run to its days in Coverage, with its window selected on the edges of cells", () => {
  const window = { start: "2026-04-22T15:58:00Z", end: "2026-04-22T16:03:00Z" };
  const link = (now: string, zone: "beijing" | "utc") =>
    Object.fromEntries(new URLSearchParams(coverageLink(window, Date.parse(now), zone).split("?")[1]));
  const selected = { from: "2026-04-22T15:55:00Z", to: "2026-04-22T16:05:00Z" };
  expect(link("2026-05-01T00:00:00Z", "beijing")).toEqual({
    start: "2026-04-21T16:00:00Z",
    end: "2026-04-23T16:00:00Z",
    ...selected,
  });
  // A range must not end in the future.
  expect(link("2026-04-22T16:31:00Z", "utc")).toEqual({
    start: "2026-04-22T00:00:00Z",
    end: "2026-04-22T16:35:00Z",
    ...selected,
  });
});
