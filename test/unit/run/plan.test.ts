// The clock's next step and the time of its next alarm. The clock must not sleep longer than its next work allows,
// and must not wake too early again and again.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { STAGES, type Stage } from "../../../src/contract/states.ts";
import { plan, type Facts } from "../../../durable-objects/backfill-run/clock/plan.ts";
import type { StepName } from "../../../durable-objects/backfill-run/context/step-back-off.ts";
import { NOW, quietFacts } from "../../support/run-facts.ts";

const WORK = new Set<Stage>(["scanning_and_queueing", "sending", "suspended"]);

function stepOf(facts: Facts): StepName | null {
  const planned = plan(facts);
  return "step" in planned ? planned.step.do : null;
}
function wakeOf(facts: Facts): number | null {
  const planned = plan(facts);
  if ("step" in planned) throw new Error(`does not sleep: ${planned.step.do}`);
  return planned.sleepUntil;
}
function at(stage: Stage, over: Partial<Facts> = {}): Facts {
  return quietFacts({ written: { stage, reason: null }, ...over });
}
function sending(over: Partial<Facts["sending"]>): Partial<Facts> {
  return { sending: { ...quietFacts().sending, ...over } };
}
function parsing(over: Partial<Facts["parsing"]>): Partial<Facts> {
  return { parsing: { ...quietFacts().parsing, ...over } };
}

const cleanup = (
  stage: Stage,
  state: Facts["cleanup"]["state"],
  over: Partial<Facts> = {},
): StepName | null =>
  stepOf(at(stage, { slot: "none", cleanup: { state, endsAt: NOW, lateFound: false }, ...over }));

describe("the clock's sleep", () => {
  it.each([
    ["the end of a lease", at("sending", { nextLeaseEnd: NOW + 700 })],
    ["a retry", at("sending", sending({ nextRetryAt: NOW + 700 }))],
    ["the next probe", at("suspended", sending({ gate: "shut", gateOpensAt: NOW + 700 }))],
    [
      "the final listing",
      at("scanning_and_queueing", { listing: { underWay: false, nextPassAt: NOW + 700 } }),
    ],
    ["a message that may be lost", at("scanning_and_queueing", parsing({ nextEnqueueAt: NOW + 700 }))],
    [
      "the next file at a fixed rate",
      at("scanning_and_queueing", parsing({ enqueueReady: true, rateAllowsAt: NOW + 700 })),
    ],
    [
      "the end of the grace",
      at("sent_waiting_cleanup", {
        slot: "none",
        cleanup: { state: "pending", endsAt: NOW + 700, lateFound: false },
      }),
    ],
    [
      "a report",
      at("needs_attention", { slot: "none", report: { due: false, dueAt: NOW + 700, finished: false } }),
    ],
    [
      "a wake-up that was lost",
      at("sending", sending({ claimable: 6, wakeUpsOut: 1, wakeUpsLostAt: NOW + 700 })),
    ],
    [
      "the end of the rest",
      at("suspended", { slot: "none", rest: { restsUntil: NOW + 700, beginsAt: null } }),
    ],
    ["the begin of a rest", at("sending", { rest: { restsUntil: null, beginsAt: NOW + 700 } })],
    ["the next request for the slot", at("suspended", { slot: "none", askForSlotAt: NOW + 700 })],
    ["a step that failed", at("sending", { blocked: { report: NOW + 700 } })],
    ["a lease in an abort", at("aborting", { leasesOut: 1, nextLeaseEnd: NOW + 700 })],
    [
      "the last report of a run that is over, because the registry pokes it until then",
      at("aborted", {
        slot: "none",
        cleanup: { state: "done", endsAt: null, lateFound: false },
        report: { due: false, dueAt: NOW + 700, finished: true },
      }),
    ],
  ])("never goes past %s", (_what, facts) => {
    expect(wakeOf(facts)).toBe(NOW + 700);
  });

  it("lasts 15 s at most at work, and 5 min at most elsewhere", () => {
    for (const stage of STAGES) {
      const facts = at(stage, {
        slot:
          stage === "sending" || stage === "scanning_and_queueing" || stage === "suspended"
            ? "owned"
            : "none",
        cleanup: { state: stage === "aborted" ? "done" : "pending", endsAt: NOW + 9e9, lateFound: false },
        dry: stage === "counting" ? { mayParse: null, lookAgainAt: null } : null,
      });
      const wakeAt = wakeOf(facts) ?? 0;
      expect(wakeAt).toBeGreaterThan(NOW);
      expect(wakeAt - NOW).toBeLessThanOrEqual(WORK.has(stage) ? 15_000 : 300_000);
    }
  });

  it("lasts for ever only when the run is over, reported, and without the slot", () => {
    const over = at("cleaned", {
      slot: "none",
      cleanup: { state: "done", endsAt: null, lateFound: false },
      report: { due: false, dueAt: null, finished: true },
    });
    expect(wakeOf(over)).toBeNull();
    expect(wakeOf({ ...over, report: { ...over.report, finished: false } })).not.toBeNull();
    expect(stepOf({ ...over, slot: "owned" })).toBe("release_slot");
    expect(stepOf({ ...over, report: { ...over.report, due: true } })).toBe("report");
    // The clock waits for a step that could not be done yet.
    expect(wakeOf({ ...over, slot: "releasing", blocked: { release_slot: NOW + 5 } })).toBe(NOW + 5);
  });

  it("ends in the future, whatever the facts are", () => {
    const time = fc.option(fc.integer({ min: NOW - 100_000, max: NOW + 100_000 }), { nil: null });
    const facts = fc.record({
      stage: fc.constantFrom(...STAGES),
      nextLeaseEnd: time,
      nextPassAt: time,
      nextEnqueueAt: time,
      nextRetryAt: time,
      gateOpensAt: time,
      wakeUpsLostAt: fc.integer({ min: NOW - 9_000, max: NOW + 9_000 }),
      claimable: fc.nat(3),
      gate: fc.constantFrom("open" as const, "probe" as const, "shut" as const),
      leasesOut: fc.nat(2),
      slot: fc.constantFrom("owned" as const, "releasing" as const, "none" as const),
      blocked: fc.dictionary(
        fc.constantFrom(
          "list",
          "enqueue",
          "wake_senders",
          "report",
          "delete",
          "release_slot",
          "enter_stage",
          "begin_pass",
        ),
        fc.integer({ min: NOW - 10, max: NOW + 30_000 }),
      ),
    });
    fc.assert(
      fc.property(facts, (f) => {
        const planned = plan(
          at(f.stage, {
            slot: f.slot,
            leasesOut: f.leasesOut,
            nextLeaseEnd: f.nextLeaseEnd,
            listing: { underWay: false, nextPassAt: f.nextPassAt },
            blocked: f.blocked,
            ...parsing({ nextEnqueueAt: f.nextEnqueueAt }),
            ...sending({
              nextRetryAt: f.nextRetryAt,
              gateOpensAt: f.gateOpensAt,
              wakeUpsLostAt: f.wakeUpsLostAt,
              claimable: f.claimable,
              gate: f.gate,
            }),
          }),
        );
        if ("step" in planned) return;
        expect(planned.sleepUntil).not.toBeNull();
        expect(planned.sleepUntil).toBeGreaterThan(NOW);
      }),
      { seed: 11, numRuns: 2_000 },
    );
  });
});

describe("the clock's next step", () => {
  it("leaves a failed step alone for its time, and does the others", () => {
    const facts = at("scanning_and_queueing", {
      leaseExpired: true,
      report: { due: true, dueAt: NOW, finished: false },
      listing: { underWay: true, nextPassAt: null },
    });
    expect(stepOf(facts)).toBe("reclaim_leases");
    expect(stepOf({ ...facts, blocked: { reclaim_leases: NOW + 1 } })).toBe("report");
    expect(stepOf({ ...facts, blocked: { reclaim_leases: NOW + 1, report: NOW + 1 } })).toBe("list");
    expect(stepOf({ ...facts, blocked: { reclaim_leases: NOW } })).toBe("reclaim_leases");
  });

  it("never lists, enqueues or wakes senders after an abort was asked for", () => {
    const busy = {
      listing: { underWay: true, nextPassAt: NOW },
      ...parsing({ enqueueReady: true }),
      ...sending({ claimable: 9 }),
    };
    expect(stepOf(at("aborting", { ...busy, leasesOut: 1, nextLeaseEnd: NOW + 5 }))).toBeNull();
    expect(stepOf(at("paused", busy))).toBeNull();
  });

  it("enqueues no file while the backlog is full or six are under way", () => {
    const ready = { enqueueReady: true, rateAllowsAt: NOW };
    expect(stepOf(at("scanning_and_queueing", parsing(ready)))).toBe("enqueue");
    // The run would refuse every claim of that sender.
    expect(stepOf(at("scanning_and_queueing", { ...parsing(ready), slot: "releasing" }))).not.toBe("enqueue");
    const unset = {
      written: { stage: "suspended", reason: { code: "bad_configuration", detail: "" } },
    } as const;
    expect(stepOf(quietFacts({ ...unset, ...parsing(ready) }))).toBeNull();
    expect(stepOf(at("scanning_and_queueing", parsing({ ...ready, ahead: 6 })))).toBeNull();
    expect(stepOf(at("scanning_and_queueing", parsing({ ...ready, backlogFull: true })))).toBeNull();
    expect(wakeOf(at("scanning_and_queueing", parsing({ ...ready, backlogFull: true })))).toBe(NOW + 1_000);
  });

  it("looks again when a sender may have gone without taking the batches that wait", () => {
    const waiting = sending({
      claimable: 5,
      senders: { working: 1, ending: 0 },
      inFlight: 1,
      wakeUpsLostAt: NOW - 1,
    });
    expect(stepOf(at("sending", waiting))).toBeNull();
    expect(wakeOf(at("sending", waiting))).toBe(NOW + 3_001);
  });

  it("enqueues and wakes senders before it lists or recounts", () => {
    const busy = { listing: { underWay: true, nextPassAt: null }, verifying: true };
    const enqueueing = parsing({ enqueueReady: true });
    expect(stepOf(at("scanning_and_queueing", { ...busy, ...enqueueing }))).toBe("enqueue");
    expect(stepOf(at("scanning_and_queueing", { ...busy, ...sending({ claimable: 9 }) }))).toBe(
      "wake_senders",
    );
    expect(stepOf(at("scanning_and_queueing", busy))).toBe("list");
    expect(stepOf(at("sending", { verifying: true }))).toBe("verify");
    expect(stepOf(at("sent_waiting_cleanup", { slot: "none", verifying: true, archiving: true }))).toBe(
      "verify",
    );
  });

  it("releases the slot only with no lease out, because its holder may still be posting", () => {
    expect(stepOf(at("needs_attention", { leasesOut: 1 }))).toBeNull();
    expect(stepOf(at("needs_attention"))).toBe("release_slot");
    expect(stepOf(at("paused", { parked: true }))).toBe("release_slot");
    expect(stepOf(at("paused"))).toBeNull();
  });
});

describe("cleanup", () => {
  it("goes through pending, inspecting, ready, deleting and done, without grace and inspection when aborted", () => {
    expect(cleanup("sent_waiting_cleanup", "pending")).toBe("inspect");
    const looking = { listing: { underWay: true, nextPassAt: null } };
    expect(cleanup("sent_waiting_cleanup", "inspecting", looking)).toBe("list");
    expect(cleanup("sent_waiting_cleanup", "inspecting")).toBe("cleanup_ready");
    expect(cleanup("sent_waiting_cleanup", "ready")).toBe("delete");
    expect(cleanup("sent_waiting_cleanup", "deleting")).toBe("delete");
    expect(cleanup("sent_waiting_cleanup", "done")).toBeNull();
    expect(cleanup("aborted", "pending")).toBe("cleanup_ready");
  });

  it("waits for the whole grace", () => {
    const early = { cleanup: { state: "pending" as const, endsAt: NOW + 1, lateFound: false } };
    expect(stepOf(at("sent_waiting_cleanup", { slot: "none", ...early }))).toBeNull();
  });

  it("never begins in another stage, because packs are still needed", () => {
    for (const stage of STAGES) {
      if (stage === "sent_waiting_cleanup" || stage === "aborted") continue;
      for (const state of ["pending", "inspecting", "ready", "deleting"] as const) {
        const slot = { slot: WORK.has(stage) ? ("owned" as const) : ("none" as const) };
        expect(["inspect", "cleanup_ready", "delete"]).not.toContain(cleanup(stage, state, slot));
      }
    }
  });
});
