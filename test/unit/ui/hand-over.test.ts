// The text for an auditor: it must say what became of the run, and claim nothing that the run does not show.
import { describe, expect, it } from "vitest";
import type { RunStatusAnswer } from "../../../src/contract/api/api-types.ts";
import { VERIFIER_SHA256 } from "../../../src/ui/verify/verifier-checksum.ts";
import { handOverText } from "../../../src/ui/pages/run-parts/hand-over.ts";
import { loadTexts, needTexts } from "../../../src/ui/text/texts.ts";

await loadTexts("en");
await needTexts(["run", "runParts"]);

const dropped = {
  not_top_level: 0,
  invalid_timestamp: 0,
  outside_window: 0,
  delivered_live: 0,
  repeated_ray_id: 0,
};
const lines = {
  read: 1_205,
  sent: 1_200,
  pending: 0,
  held: 0,
  refused: 0,
  discarded: 0,
  inherited: 0,
  malformed: 5,
  dropped,
};
const RUN = {
  id: "2026_run",
  window: { start: "2026-04-22T14:00:00Z", end: "2026-04-22T15:00:00Z", interval: "[start, end)" },
  continue_of: null,
  stage_code: "cleaned",
  delivery_completed: true,
  delivered_at: "2026-04-22T16:00:00Z",
  log_lines_sent: 1_200,
  lines,
  files: { accepted: 0 },
  spec: { dedupe: "off" },
  limits: { on_uncertain: "hold" },
  replay: false,
  duplicate_lines: 0,
  possible_duplicate_lines: 3,
  uncertain_attempts: 1,
  assumed_not_delivered_attempts: 0,
  exceptions: 0,
  repeated_ray_ids: 0,
  untracked_ray_ids: 0,
  report: { head: "abc123" },
};

function textOf(changes: object = {}, note: string | null = null): string {
  return handOverText({ ...RUN, ...changes } as unknown as RunStatusAnswer, note);
}

describe("the text for an auditor", () => {
  it("hands over the run, the window in both zones, the sum, the head and the commands", () => {
    const text = textOf({}, "[partner confirmed] mail of 3 May");
    for (const part of [
      "Run: 2026_run\nOutcome: Delivered. No exception was made.",
      "2026-04-22 22:00:00 Beijing (2026-04-22 14:00:00 UTC)",
      "[start, end)",
      "Records read 1,205 = Delivered 1,200 + Delivered live 0 + Malformed 5",
      "Possibly accepted twice: 3",
      "Not checked: RayIDs are not compared across files.",
      "Answer about the canary: Yes, the partner confirmed them. mail of 3 May",
      "Malformed records: 5. They are no readable JSON objects",
      "Neither proves that the partner stored the lines.",
      "Does not prove:\n- Delivered lines: It does not prove that the partner stored the lines.",
      "Head of the chain: abc123",
      "unzip 2026_run-evidence.zip -d evidence\n",
      `echo "${VERIFIER_SHA256}  evidence/verify-evidence.mjs" | sha256sum -c\n`,
      "node evidence/verify-evidence.mjs evidence abc123",
    ])
      expect(text).toContain(part);
  });

  it("says first that an aborted run is not delivered, and how many lines it did not send", () => {
    const open = { pending: 900, held: 80, refused: 15, discarded: 5 };
    const text = textOf({
      stage_code: "aborted",
      delivery_completed: false,
      lines: { ...lines, ...open, sent: 200 },
    });
    expect(text).toContain(
      "Outcome: Not delivered. Stage: Aborted. Lines that were read and not sent: 1,000.",
    );
    expect(text).not.toMatch(/each record is sent/i);
  });

  it("names the continued run, and does not show its lines as lost", () => {
    const text = textOf({
      continue_of: "2026_first",
      replay: true,
      lines: { ...lines, sent: 900, discarded: 300, inherited: 300 },
    });
    expect(text).toContain("Continues the run: 2026_first. That run delivered 300 lines of this window");
    expect(text).toContain("Delivered 900 + Delivered by the continued run 300 + Delivered live 0");
    expect(text).not.toContain("Discarded");
    expect(text).toMatch(/Earlier runs: .*confirmed.* The run before this one delivered 300 lines/);
  });

  it("names exceptions and accepted files, and denies neither", () => {
    const text = textOf({ exceptions: 1, files: { accepted: 1 } });
    expect(text).toContain("Outcome: Delivered, with exceptions: 1.");
    expect(text).toContain("Files accepted as they are: 1. An operator accepted that records");
    expect(text).not.toMatch(/no exception was/i);
  });

  it("counts the POSTs that were sent again after an answer that means not delivered", () => {
    const text = textOf({ assumed_not_delivered_attempts: 9 });
    expect(text).toContain("POSTs: 9. They count as not delivered");
    expect(text).toContain("Attempts taken as not delivered: Each got an answer");
  });

  it("says how many RayIDs were not compared", () => {
    expect(textOf()).not.toContain("were not compared, because");
    expect(textOf({ untracked_ray_ids: 7 })).toContain("This many records were not compared, because");
  });
});
