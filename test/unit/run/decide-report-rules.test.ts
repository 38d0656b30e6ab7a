// The rules of decide-report.ts that depend on more than the outcome: policy, counts, the file, the receiver's state.
import { describe, expect, it } from "vitest";
import type { PostOutcome } from "../../../src/contract/sending.ts";
import { FILE_STATES } from "../../../src/contract/states.ts";
import type { FileRow } from "../../../durable-objects/backfill-run/ledger/file-rows.ts";
import { noAnswers } from "../../../durable-objects/backfill-run/receiver/answers.ts";
import { closedBreaker, type BreakerState } from "../../../durable-objects/backfill-run/receiver/breaker.ts";
import type { ReceiverState } from "../../../durable-objects/backfill-run/sending/judge-report.ts";
import {
  BATCH,
  NOW,
  answer,
  attemptRow,
  batchRow,
  decide,
  effectsOf,
  situation,
} from "../../support/report-decisions.ts";

const TIMEOUT: PostOutcome = { kind: "timeout", detail: "" };
const LEASE_LOST: PostOutcome = { kind: "lease_lost", detail: "" };
const GIVEN_BACK: PostOutcome = { kind: "not_sent", reason: "gave_up", detail: "" };
const POLICY = situation().policy;

function receiver(breaker: Partial<BreakerState>, print: string | null = "frozen"): ReceiverState {
  return { breaker: { ...closedBreaker, ...breaker }, answers: noAnswers, print };
}

describe("an uncertain attempt", () => {
  it("holds its batch at once when the operator chose `hold`", () => {
    const policy = { ...POLICY, onUncertain: "hold" } as const;
    expect(effectsOf(TIMEOUT, situation({ policy }))).toEqual([
      "batch attempt 1: uncertain (timeout)",
      "batch held (timeout, counted 1)",
    ]);
  });

  it("holds its batch when it is the eighth that counts", () => {
    const seventh = situation({ batch: batchRow({ counted: 6 }) });
    const eighth = situation({ batch: batchRow({ counted: 7 }) });
    expect(effectsOf(TIMEOUT, seventh)[1]).toBe("batch pending in 500 ms (timeout, counted 7)");
    expect(effectsOf(TIMEOUT, eighth)[1]).toBe("batch held (timeout, counted 8)");
  });

  it("counts nothing while no other batch was accepted since the attempt before it", () => {
    const outage = situation({ batch: batchRow({ last_success_seen: 1 }) });
    expect(effectsOf(answer(500), outage)[1]).toBe("batch pending in 500 ms (http_500)");
    expect(effectsOf(answer(500), { ...outage, isLastOpen: true })[1]).toContain("counted 1");
    expect(effectsOf(TIMEOUT, { ...outage, isLastOpen: true })[1]).toBe("batch pending in 500 ms (timeout)");
  });

  it("is recorded once, however often its report comes", () => {
    const again = situation({ prior: attemptRow({ cause: "timeout" }) });
    expect(effectsOf(TIMEOUT, again)).toEqual(["batch pending in 500 ms (timeout, counted 1)"]);
  });

  it("is recorded late, as followed by the delivery, when its batch is done by another attempt", () => {
    const at = situation({ batch: batchRow({ state: "done", attempt: 2, done_attempt: 2 }) });
    const { effects } = decide(TIMEOUT, at);
    expect(effects).toMatchObject([{ do: "record_attempt", attempt: 1, end: { followed: 2 } }]);
  });
});

describe("a refused batch", () => {
  const split = { ...POLICY, onRefused: "split" } as const;

  it("is split in two when the operator chose `split`, and may have arrived in part", () => {
    expect(effectsOf(answer(400), situation({ policy: split }))).toEqual([
      "batch attempt 1: uncertain (http_400_in_part)",
      "sent again as attempt 2",
      "batch split into 0+50, 50+50",
    ]);
  });

  it("counts as not delivered when the partner takes a batch whole or not at all", () => {
    const policy = { ...split, refusalIsAtomic: true };
    expect(effectsOf(answer(400), situation({ policy }))[0]).toBe("batch attempt 1: refused (http_400)");
  });

  it("stays refused when it is a single line, or when its POSTs are used up", () => {
    const one = situation({ policy: split, batch: batchRow({ lines: 1 }) });
    const usedUp = situation({ policy: split, root: batchRow({ split_posts: 23 }) });
    for (const at of [one, usedUp]) expect(effectsOf(answer(400), at)[1]).toBe("batch refused (http_400)");
  });

  it("is not blamed before the first delivery, nor after five were refused alike", () => {
    const alike = { refusals: { status: 400, batches: [1, 2, 3, 4, 5] } };
    for (const state of [receiver({}, null), receiver(alike)]) {
      const { effects, receiver: after } = decide(answer(400), situation({ receiver: state }));
      expect(effects.map((effect) => effect.do)).toEqual(["count_assumed", "retry"]);
      expect(after.breaker.open?.code).toBe("receiver_http_400");
    }
  });
});

describe("a batch that would wait for its next attempt", () => {
  const CONTINUES = new Set(["open", "listed", "parsing"]);

  it.each(FILE_STATES)("is pending or held as its file's state says: %s", (state) => {
    const at = situation({ file: { file: 1, state } as FileRow });
    for (const outcome of [TIMEOUT, answer(503), GIVEN_BACK]) {
      const last = effectsOf(outcome, at).at(-1);
      expect(last).toMatch(CONTINUES.has(state) ? /^batch pending/ : /^batch held \(stranded/);
    }
  });

  it("sends its file to be parsed once, however many batches find the pack missing", () => {
    const missing: PostOutcome = { kind: "not_sent", reason: "pack_missing", detail: "" };
    const listed = situation({ file: { file: 1, state: "listed" } as FileRow });
    expect(effectsOf(missing, listed)).toEqual(["not sent again as attempt 1", "batch pending in 0 ms"]);
  });
});

describe("the receiver's state", () => {
  const open = { code: "receiver_timeout", detail: "", since: 0, nextProbeAt: 0, probe: `${BATCH}/1` };

  it("is bound to the receiver of the first delivery, and to no other one afterwards", () => {
    const first = decide(answer(200), situation({ receiver: receiver({}, null) }));
    expect(first.receiver.print).toBe("new");
    expect(first.effects.at(-1)).toEqual({ do: "freeze_receiver", print: "new" });
    const second = decide(answer(200), situation());
    expect(second.receiver.print).toBe("frozen");
    expect(second.effects.map((effect) => effect.do)).not.toContain("freeze_receiver");
  });

  it("closes the breaker with a delivery, and counts it", () => {
    const { breaker } = decide(
      answer(200),
      situation({ receiver: receiver({ open, successes: 4 }) }),
    ).receiver;
    expect(breaker).toMatchObject({ open: null, successes: 5, failures: 0 });
  });

  it.each<[string, PostOutcome]>([
    ["an answer", answer(500)],
    ["silence", TIMEOUT],
    ["a lost lease", LEASE_LOST],
    ["a permit given back", GIVEN_BACK],
    ["a refusal", answer(400)],
    ["an answer that does not match", answer(200, { bodyMatches: false })],
  ])("lets the next probe leave after %s to this one", (_name, outcome) => {
    const at = situation({ receiver: receiver({ open }) });
    expect(decide(outcome, at).receiver.breaker.open).toMatchObject({ probe: null });
    const late = { ...at, batch: batchRow({ state: "discarded" }) };
    expect(decide(outcome, late).receiver.breaker.open).toMatchObject({ probe: null });
  });

  it("counts a failure of a current report only, because a late one is about the past", () => {
    expect(decide(answer(503), situation()).receiver.breaker.failures).toBe(1);
    const late = situation({ batch: batchRow({ state: "pending" }), prior: attemptRow() });
    expect(decide(answer(503), late).receiver.breaker.failures).toBe(0);
  });

  it("counts no failure for a vanished sender, for R2, or for a 2xx that does not match", () => {
    const r2: PostOutcome = { kind: "not_sent", reason: "storage_failed", detail: "" };
    for (const outcome of [LEASE_LOST, r2, GIVEN_BACK, answer(200, { bodyMatches: false })]) {
      expect(decide(outcome, situation()).receiver.breaker.failures).toBe(0);
    }
  });

  it("counts the refusal of a part for the batch that it comes from", () => {
    const at = situation({ batch: batchRow({ batch: 9, is_part: 1, parent: BATCH }), root: batchRow() });
    expect(decide(answer(400), at).receiver.breaker.refusals).toEqual({ status: 400, batches: [BATCH] });
  });

  it("waits for a Retry-After of every answer but a 2xx, also of a late one", () => {
    const late = situation({ batch: batchRow({ state: "pending" }), prior: attemptRow() });
    for (const at of [situation(), late]) {
      expect(decide(answer(503, { retryAfterMs: 5_000 }), at).receiver.breaker.holdUntil).toBe(NOW + 5_000);
      expect(decide(answer(200, { retryAfterMs: 5_000 }), at).receiver.breaker.holdUntil).toBe(0);
    }
  });

  it("learns nothing from an answer that it has learned from before", () => {
    const known = situation({ batch: batchRow({ state: "done", done_attempt: 1 }) });
    expect(decide(answer(200), known).receiver).toEqual(known.receiver);
  });
});
