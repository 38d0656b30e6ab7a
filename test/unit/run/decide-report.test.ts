// Tests what one send report changes: every outcome in every state of its batch, then each rule alone.
import { describe, expect, it } from "vitest";
import type { PostOutcome } from "../../../src/contract/sending.ts";
import {
  answer,
  attemptRow,
  batchRow,
  decide,
  effectsOf,
  situation,
  type Situation,
} from "../../support/report-decisions.ts";

/** The reported attempt is always attempt 1. */
const STATES = {
  current: situation(),
  /** The lease ended without a report, and the batch waits. */
  reclaimed: situation({ batch: batchRow({ state: "pending" }), prior: attemptRow() }),
  /** The lease of attempt 1 ended without a report, and attempt 2 is leased now. */
  newer_out: situation({ batch: batchRow({ attempt: 2 }), prior: attemptRow({ followed: 2 }) }),
  /** Attempt 2 delivered the batch. */
  done: situation({
    batch: batchRow({ state: "done", attempt: 2, done_attempt: 2 }),
    prior: attemptRow({ followed: 2 }),
  }),
  /** This attempt delivered the batch, and its report is repeated. */
  done_by_this: situation({ batch: batchRow({ state: "done", done_attempt: 1 }) }),
  /** An operator settled the batch as delivered. */
  resolved: situation({ batch: batchRow({ state: "done" }), prior: attemptRow({ state: "resolved" }) }),
} satisfies Record<string, Situation>;
type State = keyof typeof STATES;

const OUTCOMES = {
  "2xx": answer(200),
  "2xx, does not match": answer(200, { bodyMatches: false, pattern: "p" }),
  "2xx, unusual": answer(299),
  "400": answer(400),
  "404": answer(404),
  "503": answer(503),
  "500": answer(500),
  timeout: { kind: "timeout", detail: "" },
  "no connection": { kind: "no_connection", detail: "" },
  "lease lost": { kind: "lease_lost", detail: "" },
  "R2 failed": { kind: "not_sent", reason: "storage_failed", detail: "" },
  "given back": { kind: "not_sent", reason: "gave_up", detail: "" },
  "pack missing": { kind: "not_sent", reason: "pack_missing", detail: "" },
} satisfies Record<string, PostOutcome>;
type Outcome = keyof typeof OUTCOMES;

/** Five usual answers with status 200. An answer with another status is unusual. */
function afterUsualAnswers(at: Situation): Situation {
  let { receiver } = at;
  for (let n = 0; n < 5; n += 1) receiver = decide(answer(200), situation({ receiver })).receiver;
  return { ...at, receiver };
}

const NOTHING: string[] = [];

const TABLE: Record<Outcome, Record<State, string[]>> = {
  "2xx": {
    current: ["sent again as attempt 1", "batch done by attempt 1"],
    reclaimed: [
      "batch attempt 1: uncertain → done (late_2xx)",
      "sent again as attempt 1",
      "batch done by attempt 1",
    ],
    newer_out: [
      "batch attempt 1: uncertain → done (late_2xx)",
      "sent again as attempt 1",
      "batch done by attempt 1",
      "batch attempt 2: uncertain (superseded)",
      "quiet for 20000 ms",
    ],
    done: ["batch attempt 1: uncertain → duplicate (second_2xx)", "100 duplicate lines"],
    done_by_this: NOTHING,
    resolved: [
      "batch attempt 1: resolved → done (late_2xx)",
      "sent again as attempt 1",
      "batch was delivered by attempt 1",
    ],
  },
  "2xx, does not match": {
    current: [
      "batch attempt 1: uncertain (answer_does_not_match)",
      "batch pending in 500 ms (answer_does_not_match, counted 1)",
    ],
    reclaimed: ["batch attempt 1: uncertain → uncertain (answer_does_not_match)"],
    newer_out: ["batch attempt 1: uncertain → uncertain (answer_does_not_match)"],
    done: ["batch attempt 1: uncertain → uncertain (answer_does_not_match)"],
    done_by_this: NOTHING,
    resolved: NOTHING,
  },
  "2xx, unusual": {
    current: ["batch attempt 1: uncertain (unusual_answer)", "batch held (unusual_answer)"],
    reclaimed: ["batch attempt 1: uncertain → uncertain (unusual_answer)"],
    newer_out: ["batch attempt 1: uncertain → uncertain (unusual_answer)"],
    done: ["batch attempt 1: uncertain → uncertain (unusual_answer)"],
    done_by_this: NOTHING,
    resolved: NOTHING,
  },
  "400": {
    current: ["batch attempt 1: refused (http_400)", "batch refused (http_400)"],
    reclaimed: ["batch attempt 1: uncertain → refused (http_400)"],
    newer_out: ["batch attempt 1: uncertain → refused (http_400)"],
    done: ["batch attempt 1: uncertain → refused (http_400)"],
    done_by_this: NOTHING,
    resolved: NOTHING,
  },
  "404": {
    current: ["assumed not delivered (404)", "batch pending in 500 ms (http_404)"],
    reclaimed: ["batch attempt 1: uncertain → not_delivered (http_404)", "assumed not delivered (404)"],
    newer_out: ["batch attempt 1: uncertain → not_delivered (http_404)", "assumed not delivered (404)"],
    done: ["batch attempt 1: uncertain → not_delivered (http_404)", "assumed not delivered (404)"],
    done_by_this: NOTHING,
    resolved: NOTHING,
  },
  "503": {
    current: ["assumed not delivered (503)", "batch pending in 500 ms (http_503)"],
    reclaimed: ["batch attempt 1: uncertain → not_delivered (http_503)", "assumed not delivered (503)"],
    newer_out: ["batch attempt 1: uncertain → not_delivered (http_503)", "assumed not delivered (503)"],
    done: ["batch attempt 1: uncertain → not_delivered (http_503)", "assumed not delivered (503)"],
    done_by_this: NOTHING,
    resolved: NOTHING,
  },
  "500": {
    current: ["batch attempt 1: uncertain (http_500)", "batch pending in 500 ms (http_500, counted 1)"],
    reclaimed: ["batch attempt 1: uncertain → uncertain (http_500)"],
    newer_out: ["batch attempt 1: uncertain → uncertain (http_500)"],
    done: ["batch attempt 1: uncertain → uncertain (http_500)"],
    done_by_this: NOTHING,
    resolved: NOTHING,
  },
  timeout: {
    current: ["batch attempt 1: uncertain (timeout)", "batch pending in 500 ms (timeout, counted 1)"],
    reclaimed: ["batch attempt 1: uncertain → uncertain (timeout)"],
    newer_out: ["batch attempt 1: uncertain → uncertain (timeout)"],
    done: ["batch attempt 1: uncertain → uncertain (timeout)"],
    done_by_this: NOTHING,
    resolved: NOTHING,
  },
  "no connection": {
    current: ["batch pending in 500 ms (no_connection)"],
    reclaimed: ["batch attempt 1: uncertain → not_delivered (no_connection)"],
    newer_out: ["batch attempt 1: uncertain → not_delivered (no_connection)"],
    done: ["batch attempt 1: uncertain → not_delivered (no_connection)"],
    done_by_this: NOTHING,
    resolved: NOTHING,
  },
  "lease lost": {
    current: ["batch attempt 1: uncertain (lost)", "batch pending in 500 ms (lost)"],
    reclaimed: ["batch attempt 1: uncertain → uncertain (lost)"],
    newer_out: ["batch attempt 1: uncertain → uncertain (lost)"],
    done: ["batch attempt 1: uncertain → uncertain (lost)"],
    done_by_this: NOTHING,
    resolved: NOTHING,
  },
  "R2 failed": {
    current: ["not sent again as attempt 1", "batch pending in 500 ms"],
    reclaimed: ["batch attempt 1: uncertain → not_delivered (storage)"],
    newer_out: ["batch attempt 1: uncertain → not_delivered (storage)"],
    done: ["batch attempt 1: uncertain → not_delivered (storage)"],
    done_by_this: NOTHING,
    resolved: NOTHING,
  },
  "given back": {
    current: ["not sent again as attempt 1", "batch pending in 0 ms"],
    reclaimed: ["batch attempt 1: uncertain → not_delivered (unsent)"],
    newer_out: ["batch attempt 1: uncertain → not_delivered (unsent)"],
    done: ["batch attempt 1: uncertain → not_delivered (unsent)"],
    done_by_this: NOTHING,
    resolved: NOTHING,
  },
  "pack missing": {
    current: ["file parsed again (pack_missing)", "not sent again as attempt 1", "batch pending in 0 ms"],
    reclaimed: ["batch attempt 1: uncertain → not_delivered (pack_missing)"],
    newer_out: ["batch attempt 1: uncertain → not_delivered (pack_missing)"],
    done: ["batch attempt 1: uncertain → not_delivered (pack_missing)"],
    done_by_this: NOTHING,
    resolved: NOTHING,
  },
};

const CELLS = (Object.keys(TABLE) as Outcome[]).flatMap((outcome) =>
  (Object.keys(STATES) as State[]).map((state) => ({ outcome, state, effects: TABLE[outcome][state] })),
);

describe("a send report", () => {
  it.each(CELLS)("changes what the table says: $outcome, $state", ({ outcome, state, effects }) => {
    const at = outcome === "2xx, unusual" ? afterUsualAnswers(STATES[state]) : STATES[state];
    expect(effectsOf(OUTCOMES[outcome], at)).toEqual(effects);
  });
});
