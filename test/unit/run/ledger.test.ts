// What an outcome of a POST means: the whole table, and what is held against a batch.
import { describe, expect, it } from "vitest";
import type { PostOutcome } from "../../../src/contract/sending.ts";
import { FILE_STATES } from "../../../src/contract/states.ts";
import { changedObject, offerAgainMs } from "../../../durable-objects/backfill-run/files/offering.ts";
import {
  countsAgainstBatch,
  judge,
  retryDelayMs,
  type Verdict,
} from "../../../durable-objects/backfill-run/receiver/verdict.ts";

function answer(status: number, bodyMatches: boolean | null = null): PostOutcome {
  return { kind: "answer", status, bodyStart: "said so", bodyMatches, retryAfterMs: null };
}

type Meaning = "done" | "again" | "uncertain" | "for_every_batch" | "refused";
function meaning(verdict: Verdict): Meaning | "pack_lost" | "unsent" {
  if (verdict.kind !== "not_delivered") return verdict.kind;
  if (verdict.unsent) return "unsent";
  return verdict.forEveryBatch ? "for_every_batch" : "again";
}

/** The design's table over all statuses there are; `refused` only once the run has had a 2xx. */
function expected(status: number): Meaning {
  if (status >= 200 && status <= 299) return "done";
  if ([429, 503, 521, 523, 525, 526, 530].includes(status)) return "again";
  if ([401, 403, 404, 405, 410].includes(status) || (status >= 300 && status <= 399))
    return "for_every_batch";
  if (status === 408 || status >= 500) return "uncertain";
  return "refused";
}

describe("an answer", () => {
  it("means what the table says for every status from 200 to 599, because a wrong cell loses or doubles lines", () => {
    for (let status = 200; status <= 599; status += 1) {
      expect([status, meaning(judge(answer(status), true))]).toEqual([status, expected(status)]);
    }
  });

  it("never blames a batch before the first 2xx, because the settings may be wrong for all of them", () => {
    for (const status of [400, 413, 422, 402, 415]) {
      expect([status, meaning(judge(answer(status), false))]).toEqual([status, "for_every_batch"]);
      expect([status, meaning(judge(answer(status), true))]).toEqual([status, "refused"]);
    }
  });

  it("does not depend on blame for anything that is not about the batch", () => {
    for (const status of [200, 204, 302, 401, 408, 429, 500, 502, 503, 520, 522, 524]) {
      expect(judge(answer(status), true)).toEqual(judge(answer(status), false));
    }
  });

  it("of 2xx is done only if its body matches the pattern, when there is one", () => {
    expect(meaning(judge(answer(200, null), true))).toBe("done");
    expect(meaning(judge(answer(200, true), true))).toBe("done");
    expect(meaning(judge(answer(200, false), true))).not.toBe("done");
    expect(meaning(judge(answer(200, false), false))).not.toBe("done");
  });
});

describe("silence", () => {
  it.each([
    [{ kind: "timeout", detail: "" }, "uncertain"],
    [{ kind: "reset", detail: "" }, "uncertain"],
    [{ kind: "lease_lost", detail: "" }, "uncertain"],
    [{ kind: "no_connection", detail: "" }, "again"],
    [{ kind: "not_sent", reason: "gave_up", detail: "" }, "unsent"],
    [{ kind: "not_sent", reason: "pack_missing", detail: "" }, "pack_lost"],
    [{ kind: "not_sent", reason: "pack_short", detail: "" }, "pack_lost"],
  ] satisfies [PostOutcome, string][])(
    "%j is %s, with or without an earlier 2xx, because bytes may have arrived or certainly did not",
    (outcome, expectedMeaning) => {
      expect(meaning(judge(outcome, true))).toBe(expectedMeaning);
      expect(meaning(judge(outcome, false))).toBe(expectedMeaning);
    },
  );
});

describe("what counts against a batch", () => {
  const facts = { breakerOpen: false, successes: 3, successesAtPreviousAttempt: 2, nothingElseLeft: false };
  const uncertain = judge({ kind: "timeout", detail: "" }, true);
  const answered = judge(answer(500), true);

  it("is an uncertain attempt while others were accepted since its previous one", () => {
    expect(countsAgainstBatch(uncertain, facts)).toBe(true);
    expect(countsAgainstBatch(answered, facts)).toBe(true);
  });

  it("is nothing while nobody else was accepted either, because an outage uses up no attempts", () => {
    const outage = { ...facts, successesAtPreviousAttempt: 3 };
    expect(countsAgainstBatch(uncertain, outage)).toBe(false);
    expect(countsAgainstBatch(answered, outage)).toBe(false);
  });

  it("is no probe, because the breaker is open for everybody's failures", () => {
    expect(countsAgainstBatch(uncertain, { ...facts, breakerOpen: true })).toBe(false);
    expect(countsAgainstBatch(answered, { ...facts, breakerOpen: true })).toBe(false);
  });

  it("is never a lost lease, because the sender died and not the batch", () => {
    const lost = judge({ kind: "lease_lost", detail: "" }, true);
    expect(countsAgainstBatch(lost, { ...facts, nothingElseLeft: true })).toBe(false);
  });

  it("is an answer, but never a timeout, when nothing else is left, because else the last batch would go on for ever", () => {
    const last = { ...facts, breakerOpen: true, nothingElseLeft: true };
    expect(countsAgainstBatch(answered, last)).toBe(true);
    expect(countsAgainstBatch(uncertain, last)).toBe(false);
    expect(countsAgainstBatch(answered, { ...last, successes: 0 })).toBe(false);
  });

  it("is never anything that is known not to have been delivered", () => {
    for (const status of [429, 503, 404, 400]) {
      expect(countsAgainstBatch(judge(answer(status), true), facts)).toBe(false);
    }
  });
});

describe("waits", () => {
  it("between attempts grow to a minute and are spread over their whole length, so that retries do not come in waves", () => {
    for (let attempt = 1; attempt < 40; attempt += 1) {
      const longest = Math.min(60_000, 1_000 * 2 ** (attempt - 1));
      expect(retryDelayMs(attempt, 0)).toBe(0);
      expect(retryDelayMs(attempt, 0.5)).toBe(longest / 2);
      expect(retryDelayMs(attempt, 0.999_999)).toBeLessThanOrEqual(longest);
    }
  });

  it("between offers of a file grow from 20 s to 5 min, because a message may be slow and not lost", () => {
    expect([1, 2, 3, 4, 5, 6, 30].map(offerAgainMs)).toEqual([
      20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000,
    ]);
  });
});

describe("a changed object", () => {
  it("is parsed as it is now before anything of it was sent, and never silently afterwards", () => {
    for (const state of FILE_STATES) {
      const settled = state === "accepted" || state === "changed";
      expect(changedObject(state, false)).toBe(settled ? "ignore" : "parse_current");
      expect(changedObject(state, true)).toBe(settled ? "ignore" : "changed");
    }
  });
});
