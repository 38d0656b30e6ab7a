import { describe, expect, it } from "vitest";
import {
  judgeCarriers,
  judgeFile,
  type Carrier,
} from "../../../durable-objects/backfill-run/views/ray-delivery.ts";
import type { AttemptRow } from "../../../durable-objects/backfill-run/ledger/attempt-row.ts";
import type { BatchRow } from "../../../durable-objects/backfill-run/ledger/batch-row.ts";
import type { FileRow } from "../../../durable-objects/backfill-run/ledger/file-rows.ts";
import { RayQuery } from "../../../durable-objects/backfill-run/context/ray-query.ts";
import { RAY_QUERY_MS } from "../../../src/contract/rays.ts";

const AT = Date.parse("2030-04-22T18:00:00Z");

function batch(over: Partial<BatchRow> = {}): BatchRow {
  const none = {
    done_attempt: null,
    done_at: null,
    answer_status: null,
    reason_code: null,
    reason_detail: null,
  };
  return { batch: 7, state: "pending", attempt: 0, same_as_batch: null, ...none, ...over } as BatchRow;
}

function attempt(number: number, state: AttemptRow["state"], over: Partial<AttemptRow> = {}): AttemptRow {
  return { batch: 7, attempt: number, state, cause: "timeout", ...over } as AttemptRow;
}

function carrier(over: Partial<BatchRow>, attempts: AttemptRow[] = []): Carrier {
  return { row: batch(over), attempts };
}

const DONE = { state: "done", done_attempt: 1, done_at: AT, answer_status: 200 } as const;

describe("what became of a line", () => {
  it.each<[string, Carrier[], object]>([
    ["was accepted", [carrier(DONE)], { verdict: "sent", deliveries: { certain: 1, possible: 0 } }],
    [
      "was accepted twice",
      [carrier(DONE, [attempt(2, "duplicate")])],
      { deliveries: { certain: 2, possible: 0 } },
    ],
    // If the answer to an attempt comes late and settles the batch, the row of this attempt is `done`, not `uncertain`.
    ["was accepted late", [carrier(DONE, [attempt(1, "done")])], { deliveries: { certain: 1, possible: 0 } }],
    [
      "was accepted after a lost answer",
      [carrier({ ...DONE, done_attempt: 2 }, [attempt(1, "uncertain")])],
      { verdict: "sent", deliveries: { certain: 1, possible: 1 } },
    ],
    [
      "arrived with the whole batch after the split",
      [carrier({ state: "split" }, [attempt(1, "done")]), carrier({ ...DONE, batch: 9, done_attempt: 0 })],
      { verdict: "sent", deliveries: { certain: 1, possible: 0 } },
    ],
    [
      "arrived with the whole batch and with its part",
      [
        carrier({ state: "split" }, [attempt(1, "done")]),
        carrier({ ...DONE, batch: 9 }, [attempt(1, "duplicate")]),
      ],
      { deliveries: { certain: 2, possible: 0 } },
    ],
    [
      "was sent in an earlier object",
      [carrier({ state: "split", reason_code: "superseded" }, [attempt(1, "duplicate")])],
      { verdict: "sent", detail: "accepted, and batch 7 is split now" },
    ],
    [
      "waits after a lost answer",
      [carrier({ state: "pending", attempt: 1 }, [attempt(1, "uncertain")])],
      { verdict: "maybe_sent", detail: "1 attempts may have been accepted (timeout); batch 7 is pending" },
    ],
    ["is under way", [carrier({ state: "leased", attempt: 1 })], { verdict: "not_sent_yet" }],
    [
      "was answered 503",
      [carrier({ state: "pending", attempt: 1 }, [attempt(1, "not_delivered")])],
      { verdict: "not_sent_yet" },
    ],
    [
      "was refused",
      [carrier({ state: "refused", reason_code: "http_400" }, [attempt(1, "refused")])],
      { verdict: "not_sent", detail: "batch 7 is refused: http_400" },
    ],
    [
      "may have been sent by an earlier run",
      [
        carrier({ state: "held", reason_code: "inherited_uncertain", reason_detail: "R" }, [
          attempt(0, "uncertain"),
        ]),
      ],
      { verdict: "maybe_sent", deliveries: { certain: 0, possible: 1 } },
    ],
    [
      "is settled by an operator",
      [
        carrier({ state: "done", done_at: AT, reason_code: "resolved_delivered", reason_detail: "seen" }, [
          attempt(1, "resolved"),
        ]),
      ],
      {
        verdict: "sent",
        detail: "resolved as delivered: seen, at 2030-04-22T18:00:00.000Z",
        deliveries: { certain: 0, possible: 0 },
      },
    ],
    ["has no batch", [], { verdict: "unknown" }],
  ])("says so when it %s", (_what, carriers, expected) => {
    expect(judgeCarriers(carriers)).toMatchObject(expected);
  });

  it.each([
    ["listed", "not_sent_yet"],
    ["parsing", "not_sent_yet"],
    ["waiting", "not_sent_yet"],
    ["failed", "not_sent"],
    ["accepted", "not_sent"],
    ["suspicious", "not_sent"],
  ] as const)("follows a file that is %s and has no batch", (state, verdict) => {
    const file = { file: 3, state, reason_code: null, reason_detail: null, decision: null };
    expect(judgeFile(file as FileRow, false)).toMatchObject({ verdict });
  });
});

describe("searches", () => {
  it("are taken one at a time, and again after one that never ended", () => {
    const query = new RayQuery();
    expect([query.begin(AT), query.begin(AT + 1)]).toEqual([true, false]);
    query.end();
    expect(query.begin(AT + 2)).toBe(true);
    expect(query.begin(AT + 2 + RAY_QUERY_MS)).toBe(true);
    // The clock was set back by a day.
    expect(query.begin(AT - 86_400_000)).toBe(true);
  });
});
