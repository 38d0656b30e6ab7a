// The stage is computed from facts. The first rule that applies decides. Only one function decides "delivered".
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { STAGES, type Stage } from "../../../src/contract/states.ts";
import {
  balances,
  deriveStage,
  isDelivered,
  mayParse,
  releasesSlot,
} from "../../../durable-objects/backfill-run/stage/stages.ts";
import type { Totals } from "../../../durable-objects/backfill-run/ledger/totals.ts";
import { NOW, stageFacts, totalsOf } from "../../support/run-facts.ts";

const reason = { code: "x", detail: "why" };

describe("the first match", () => {
  const unfinished: Partial<Totals> = { batches_pending: 1, files_open: 1 };
  it.each([
    ["an abort over everything", stageFacts({ abortAsked: true, leasesOut: 1, pause: reason }), "aborting"],
    ["aborted once no lease is out", stageFacts({ abortAsked: true, leasesOut: 0 }), "aborted"],
    ["aborted for ever", stageFacts({ aborted: true, leasesOut: 3 }), "aborted"],
    ["cleaned for ever", stageFacts({ cleaned: true }, { batches_pending: 1 }), "cleaned"],
    ["delivered over a pause", stageFacts({ pause: reason }), "sent_waiting_cleanup"],
    ["delivered over a suspension", stageFacts({ suspension: reason }), "sent_waiting_cleanup"],
    [
      "a pause over a suspension",
      stageFacts({ pause: { code: "p", detail: "" }, suspension: reason }, unfinished),
      "paused",
    ],
    ["a suspension over work", stageFacts({ suspension: reason }, unfinished), "suspended"],
    ["parsing over sending", stageFacts({}, { ...unfinished, files_listed: 1 }), "scanning_and_queueing"],
    ["sending when every file is parsed", stageFacts({}, unfinished), "sending"],
    ["listing that is not final", stageFacts({ listingFinal: false }), "scanning_and_queueing"],
  ] satisfies [string, ReturnType<typeof stageFacts>, Stage][])("decides: %s", (_what, facts, stage) => {
    expect(deriveStage(facts).stage).toBe(stage);
  });

  it("names the wait for late files and its end", () => {
    const facts = stageFacts({ listingFinal: false, finalListingAt: NOW + 60_000 });
    expect(deriveStage(facts)).toMatchObject({
      stage: "scanning_and_queueing",
      reason: { code: "waiting_for_late_files" },
    });
    expect(deriveStage(facts).reason?.detail).toContain(new Date(NOW + 60_000).toISOString());
  });
});

describe("a dry run", () => {
  const dry = { isHashed: false, waitsFor: null };
  const kinds: [string, ReturnType<typeof stageFacts>, Stage, string | null][] = [
    ["counting before the hash, also with nothing left", stageFacts({ dry }), "counting", null],
    ["counted with the hash", stageFacts({ dry: { ...dry, isHashed: true } }), "counted", null],
    ["counted with files in trouble", stageFacts({ dry: { ...dry, isHashed: true } }, { files_failed: 1 }), "counted", null],
    ["an abort over counting", stageFacts({ dry, abortAsked: true }), "aborted", null],
    ["aborting while a parser works", stageFacts({ dry, abortAsked: true, leasesOut: 1 }), "aborting", null],
    ["the wait for a run that sends", stageFacts({ dry: { ...dry, waitsFor: reason } }, { files_listed: 1 }), "counting", "x"],
    ["the kill switch over this wait", stageFacts({ dry: { ...dry, waitsFor: reason }, suspension: { code: "disabled", detail: "" } }), "counting", "disabled"],
    ["no reason for a receiver that is down", stageFacts({ dry, suspension: { code: "receiver_timeout", detail: "" } }), "counting", null],
    ["the wait for late files", stageFacts({ dry, listingFinal: false, finalListingAt: NOW + 1 }), "counting", "waiting_for_late_files"],
  ]; // prettier-ignore
  it.each(kinds)("decides: %s", (_what, facts, stage, code) => {
    const derived = deriveStage(facts);
    expect([derived.stage, derived.reason?.code ?? null]).toEqual([stage, code]);
  });
});

describe("a run made from a plan", () => {
  it("is neither delivered nor stuck before the comparison, also with nothing to do", () => {
    const expected = { stage: "scanning_and_queueing", reason: { code: "comparing_with_plan" } };
    expect(deriveStage(stageFacts({ comparing: true }))).toMatchObject(expected);
    expect(deriveStage(stageFacts({ comparing: true, openCodes: [reason] }))).toMatchObject(expected);
    expect(deriveStage(stageFacts({ comparing: true }, { files_suspicious: 1 }))).toMatchObject(expected);
  });

  it("says in its last stage that the plan was outdated", () => {
    const outdated = { code: "plan_outdated", detail: "1 new" };
    expect(deriveStage(stageFacts({ abortAsked: true, outdated }))).toEqual({
      stage: "aborted",
      reason: outdated,
    });
    expect(deriveStage(stageFacts({ aborted: true, outdated }))).toEqual({
      stage: "aborted",
      reason: outdated,
    });
  });
});

describe("delivered", () => {
  it("is reached only when nothing at all is left", () => {
    expect(isDelivered(stageFacts())).toBe(true);
    const spoilers: Partial<Totals>[] = [
      ...(["listed", "parsing", "open", "failed", "missing", "changed", "suspicious"] as const).map(
        (state) => ({ [`files_${state}`]: 1 }),
      ),
      ...(["pending", "leased", "refused", "held"] as const).map((state) => ({
        [`batches_${state}`]: 1,
      })),
      { read: 13 },
      { dropped_outside_window: 1 },
    ];
    for (const spoiler of spoilers) {
      expect([spoiler, isDelivered(stageFacts({}, spoiler))]).toEqual([spoiler, false]);
      expect(deriveStage(stageFacts({}, spoiler)).stage).not.toBe("sent_waiting_cleanup");
    }
    expect(isDelivered(stageFacts({ listingFinal: false }))).toBe(false);
    expect(isDelivered(stageFacts({ openCodes: [reason] }))).toBe(false);
  });

  it("is not hindered by what an operator settled", () => {
    const settled = { files_accepted: 2, batches_discarded: 1, batches_split: 4 };
    expect(isDelivered(stageFacts({}, settled))).toBe(true);
  });

  it("is required for the two stages that mean it, whatever the facts are", () => {
    const count = fc.integer({ min: 0, max: 1 });
    const names = Object.keys(totalsOf()).filter((name) => /^(files|batches)_/.test(name));
    const facts = fc.record({
      pause: fc.constantFrom(null, reason),
      suspension: fc.constantFrom(null, reason),
      listingFinal: fc.boolean(),
      openCodes: fc.array(fc.constant(reason), { maxLength: 1 }),
      totals: fc.record(Object.fromEntries(names.map((name) => [name, count]))),
    });
    fc.assert(
      fc.property(facts, ({ totals, ...over }) => {
        const all = stageFacts(over, totals);
        expect(deriveStage(all).stage === "sent_waiting_cleanup").toBe(isDelivered(all));
      }),
      { seed: 7, numRuns: 2_000 },
    );
  });
});

describe("needs_attention", () => {
  it.each([
    ["failed_files", { files_failed: 1 }],
    ["missing_files", { files_missing: 1 }],
    ["changed_files", { files_changed: 1 }],
    ["suspicious_files", { files_suspicious: 1 }],
    ["refused_batches", { batches_refused: 1, files_open: 1 }],
    ["held_batches", { batches_held: 1, files_open: 1 }],
    ["unbalanced", { read: 99 }],
  ] satisfies [string, Partial<Totals>][])(
    "is entered for %s, when nothing else can go on",
    (code, totals) => {
      expect(deriveStage(stageFacts({}, totals))).toMatchObject({
        stage: "needs_attention",
        reason: { code },
      });
      // While other work goes on, this is only a problem in the list.
      expect(deriveStage(stageFacts({}, { ...totals, batches_pending: 1 })).stage).toBe("sending");
    },
  );

  it("names every kind of trouble in its detail", () => {
    const facts = stageFacts(
      { openCodes: [{ code: "foreign_folders", detail: "2 folders with logs" }] },
      { files_missing: 3, files_failed: 1, batches_held: 2, batches_refused: 1, files_open: 1 },
    );
    const { detail, code } = deriveStage(facts).reason ?? { detail: "", code: "" };
    expect(code).toBe("failed_files");
    for (const word of [
      "3 missing files",
      "1 failed file;",
      "1 refused batch;",
      "2 held batches",
      "2 folders with logs",
    ])
      expect(detail).toContain(word);
  });

  it.each(["empty_window", "foreign_folders", "late_files"])("is not entered for %s alone", (code) => {
    const facts = stageFacts({ openCodes: [{ code, detail: "" }] });
    expect(deriveStage(facts)).toMatchObject({ stage: "needs_attention", reason: { code } });
  });
});

describe("the sums of a run", () => {
  it("balance only when every line read is kept, dropped for a reason or malformed", () => {
    const t = totalsOf({ read: 15, kept: 1, malformed: 2, dropped_not_top_level: 3 });
    expect(balances(t)).toBe(false);
    expect(balances({ ...t, dropped_invalid_timestamp: 4, dropped_outside_window: 5 })).toBe(true);
    expect(
      balances({
        ...t,
        dropped_invalid_timestamp: 4,
        dropped_outside_window: 4,
        dropped_repeated_ray_id: 1,
      }),
    ).toBe(true);
  });
});

describe("the slot", () => {
  it("is released exactly in the stages in which no lease can be given", () => {
    const released = STAGES.filter((stage) => releasesSlot(stage, false));
    expect(released).toEqual(["sent_waiting_cleanup", "cleaned", "needs_attention", "aborted", "counted"]);
    expect(releasesSlot("paused", true)).toBe(true);
    expect(releasesSlot("suspended", true)).toBe(false);
  });
});

describe("parsing", () => {
  it("goes on while the receiver is down, and stops with the kill switch", () => {
    expect(STAGES.filter((stage) => mayParse(stage, null))).toEqual([
      "scanning_and_queueing",
      "sending",
      "suspended",
      "counting",
    ]);
    expect(mayParse("counting", "disabled")).toBe(false);
    expect(mayParse("suspended", "receiver_timeout")).toBe(true);
    expect(mayParse("suspended", "disabled")).toBe(false);
    expect(mayParse("suspended", "bad_configuration")).toBe(false);
  });
});
