// The verdict of every outcome of a POST, and which attempts count against a batch.
import { describe, expect, it } from "vitest";
import type { PostOutcome } from "../../../src/contract/sending.ts";
import { FILE_STATES } from "../../../src/contract/states.ts";
import {
  decideChangedObject,
  enqueueAgainMs,
} from "../../../durable-objects/backfill-run/files/parse-again.ts";
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

/** The table over all HTTP statuses. `refused` is possible only after a 2xx. */
function expected(status: number): Meaning {
  if (status >= 200 && status <= 299) return "done";
  if ([429, 503, 521, 523, 525, 526, 530].includes(status)) return "again";
  if ([401, 403, 404, 405, 410].includes(status) || (status >= 300 && status <= 399))
    return "for_every_batch";
  if (status === 408 || status >= 500) return "uncertain";
  return "refused";
}

describe("an answer", () => {
  it("means what the table says for every status from 200 to 599", () => {
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

  it("does not depend on blame where it says nothing about the batch", () => {
    for (const status of [200, 204, 302, 401, 408, 429, 500, 502, 503, 520, 522, 524]) {
      expect(judge(answer(status), true)).toEqual(judge(answer(status), false));
    }
  });

  it("settles the batch with a 2xx only if its body matches the pattern, when there is one", () => {
    expect(meaning(judge(answer(200, null), true))).toBe("done");
    expect(meaning(judge(answer(200, true), true))).toBe("done");
    expect(meaning(judge(answer(200, false), true))).not.toBe("done");
    expect(meaning(judge(answer(200, false), false))).not.toBe("done");
  });
});

describe("an outcome without an answer", () => {
  it.each([
    [{ kind: "timeout", detail: "" }, "uncertain"],
    [{ kind: "reset", detail: "" }, "uncertain"],
    [{ kind: "lease_lost", detail: "" }, "uncertain"],
    [{ kind: "no_connection", detail: "" }, "again"],
    [{ kind: "not_sent", reason: "gave_up", detail: "" }, "unsent"],
    [{ kind: "not_sent", reason: "pack_missing", detail: "" }, "pack_lost"],
    [{ kind: "not_sent", reason: "pack_short", detail: "" }, "pack_lost"],
  ] satisfies [PostOutcome, string][])(
    "judges %j as %s, with or without an earlier 2xx",
    (outcome, expectedMeaning) => {
      expect(meaning(judge(outcome, true))).toBe(expectedMeaning);
      expect(meaning(judge(outcome, false))).toBe(expectedMeaning);
    },
  );
});

describe("the count against a batch", () => {
  const facts = { breakerOpen: false, successes: 3, successesAtPreviousAttempt: 2, nothingElseLeft: false };
  const uncertain = judge({ kind: "timeout", detail: "" }, true);
  const answered = judge(answer(500), true);

  it("grows by an uncertain attempt when others were accepted since the previous attempt", () => {
    expect(countsAgainstBatch(uncertain, facts)).toBe(true);
    expect(countsAgainstBatch(answered, facts)).toBe(true);
  });

  it("ignores an attempt while no other batch was accepted either: an outage costs no attempts", () => {
    const outage = { ...facts, successesAtPreviousAttempt: 3 };
    expect(countsAgainstBatch(uncertain, outage)).toBe(false);
    expect(countsAgainstBatch(answered, outage)).toBe(false);
  });

  it("ignores probes, because the open breaker is not the batch's fault", () => {
    expect(countsAgainstBatch(uncertain, { ...facts, breakerOpen: true })).toBe(false);
    expect(countsAgainstBatch(answered, { ...facts, breakerOpen: true })).toBe(false);
  });

  it("ignores a lost lease, because the sender died and not the batch", () => {
    const lost = judge({ kind: "lease_lost", detail: "" }, true);
    expect(countsAgainstBatch(lost, { ...facts, nothingElseLeft: true })).toBe(false);
  });

  it("grows by an answer, never by a timeout, when nothing else is left", () => {
    const last = { ...facts, breakerOpen: true, nothingElseLeft: true };
    expect(countsAgainstBatch(answered, last)).toBe(true);
    expect(countsAgainstBatch(uncertain, last)).toBe(false);
    expect(countsAgainstBatch(answered, { ...last, successes: 0 })).toBe(false);
  });

  it("ignores an attempt that was certainly not delivered", () => {
    for (const status of [429, 503, 404, 400]) {
      expect(countsAgainstBatch(judge(answer(status), true), facts)).toBe(false);
    }
  });
});

describe("the wait", () => {
  it("grows to a minute between attempts, spread over its whole length", () => {
    for (let attempt = 1; attempt < 40; attempt += 1) {
      const longest = Math.min(60_000, 1_000 * 2 ** (attempt - 1));
      expect(retryDelayMs(attempt, 0)).toBe(0);
      expect(retryDelayMs(attempt, 0.5)).toBe(longest / 2);
      expect(retryDelayMs(attempt, 0.999_999)).toBeLessThanOrEqual(longest);
    }
  });

  it("grows from 20 s to 5 min between two messages for one file", () => {
    expect([1, 2, 3, 4, 5, 6, 30].map(enqueueAgainMs)).toEqual([
      20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000,
    ]);
  });
});

describe("a changed object", () => {
  it("is parsed as it is now before anything was sent, and is named afterwards", () => {
    for (const state of FILE_STATES) {
      const settled = state === "accepted" || state === "changed";
      expect(decideChangedObject(state, false)).toBe(settled ? "ignore" : "parse_current");
      expect(decideChangedObject(state, true)).toBe(settled ? "ignore" : "changed");
    }
  });
});
