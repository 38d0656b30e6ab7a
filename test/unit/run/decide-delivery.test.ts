// A late delivery of a split batch: its parts count as delivered too.
import { describe, expect, it } from "vitest";
import type { PartFacts } from "../../../durable-objects/backfill-run/sending/decide-delivery.ts";
import {
  BATCH,
  NOW,
  answer,
  attemptRow,
  batchRow,
  effectsOf,
  situation,
} from "../../support/report-decisions.ts";
import type { BatchRow } from "../../../durable-objects/backfill-run/ledger/batch-row.ts";

function part(batch: number, changes: Partial<BatchRow>, more: Partial<PartFacts> = {}): PartFacts {
  const row = batchRow({ batch, is_part: 1, parent: BATCH, lines: 50, state: "pending", ...changes });
  return { batch: row, delivery: null, resolved: [], leaseEnd: null, ...more };
}

function splitBatch(parts: PartFacts[], wasDelivered = false) {
  return situation({
    batch: batchRow({ state: "split" }),
    prior: attemptRow({ cause: "http_400_in_part" }),
    delivery: { leaseEnd: null, resolved: [], wasDelivered, parts },
  });
}

const PARENT = "batch attempt 1: uncertain → done (late_2xx)";

describe("a late delivery of a split batch", () => {
  it("makes every undelivered part done, whatever the part waits for", () => {
    const parts = [part(8, {}), part(9, { state: "refused" }), part(10, { state: "held" })];
    expect(effectsOf(answer(200), splitBatch(parts))).toEqual([
      PARENT,
      "part 8 sent again by its parent",
      "part 8 done by attempt 0",
      "part 9 sent again by its parent",
      "part 9 done by attempt 0",
      "part 10 sent again by its parent",
      "part 10 done by attempt 0",
    ]);
  });

  it("counts the lines of parts that are done as duplicates, once", () => {
    const done = { state: "done", done_attempt: 1 } as const;
    const counted = attemptRow({ batch: 9, state: "duplicate" });
    const parts = [part(8, done), part(9, done, { delivery: counted })];
    expect(effectsOf(answer(200), splitBatch(parts))).toEqual([
      PARENT,
      "part 8 attempt 1: duplicate (parent_2xx)",
      "50 duplicate lines",
    ]);
  });

  it("names the parent's POST in a part that an operator settled, whose own attempts are possible duplicates", () => {
    const settled = attemptRow({ batch: 8, attempt: 3, state: "resolved" });
    const byHand = part(8, { state: "done", attempt: 3 }, { resolved: [settled] });
    expect(effectsOf(answer(200), splitBatch([byHand]))).toEqual([
      PARENT,
      "part attempt 3: resolved → uncertain (lost)",
      "part 8 sent again by its parent",
      "part 8 was delivered by attempt 0",
    ]);
  });

  it("leaves split parts to their own parts, because a split batch carries no lines", () => {
    expect(effectsOf(answer(200), splitBatch([part(8, { state: "split" }), part(9, {})]))).toEqual([
      PARENT,
      "part 9 sent again by its parent",
      "part 9 done by attempt 0",
    ]);
  });

  it("keeps the run quiet until the sender of a leased part can no longer act", () => {
    const leased = part(8, { state: "leased", attempt: 2 }, { leaseEnd: NOW + 9_000 });
    expect(effectsOf(answer(200), splitBatch([leased]))).toEqual([
      PARENT,
      "part 8 sent again by its parent",
      "part 8 done by attempt 0",
      "part 8 attempt 2: uncertain (superseded)",
      "quiet for 9000 ms",
    ]);
  });

  it("is a duplicate as a whole when another attempt of the batch was delivered before, or when no part is left", () => {
    const duplicate = ["batch attempt 1: uncertain → duplicate (late_2xx)", "100 duplicate lines"];
    expect(effectsOf(answer(200), splitBatch([part(8, {})], true))).toEqual(duplicate);
    expect(effectsOf(answer(200), splitBatch([]))).toEqual(duplicate);
  });

  it("changes nothing when it was applied before", () => {
    const known = { ...splitBatch([part(8, {})]), prior: attemptRow({ state: "done" }) };
    expect(effectsOf(answer(200), known)).toEqual([]);
  });
});
