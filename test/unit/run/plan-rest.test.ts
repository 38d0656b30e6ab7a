// The clock's steps before and after a rest: the run releases the slot, begins no work, and acquires the slot
// before it continues.
import { describe, expect, it } from "vitest";
import { plan, type Facts } from "../../../durable-objects/backfill-run/clock/plan.ts";
import type { StepName } from "../../../durable-objects/backfill-run/context/step-back-off.ts";
import type { Stage } from "../../../src/contract/states.ts";
import { NOW, quietFacts } from "../../support/run-facts.ts";

function stepOf(facts: Facts): StepName | null {
  const planned = plan(facts);
  return "step" in planned ? planned.step.do : null;
}
function wakeOf(facts: Facts): number | null {
  const planned = plan(facts);
  return "step" in planned ? NOW : planned.sleepUntil;
}
function at(stage: Stage, over: Partial<Facts> = {}): Facts {
  return quietFacts({ written: { stage, reason: null }, ...over });
}
function parsing(over: Partial<Facts["parsing"]>): Partial<Facts> {
  return { parsing: { ...quietFacts().parsing, ...over } };
}

describe("a run that rests", () => {
  const rest = { restsUntil: NOW + 3_600_000, beginsAt: null };

  it("releases the slot once no lease is out, and asks for none before its rest is over", () => {
    expect(stepOf(at("suspended", { rest }))).toBe("release_slot");
    expect(stepOf(at("suspended", { rest, leasesOut: 1, nextLeaseEnd: NOW + 5 }))).toBeNull();
    expect(stepOf(at("suspended", { rest, slot: "none" }))).toBeNull();
    expect(stepOf(at("suspended", { slot: "none" }))).toBe("acquire_slot");
    // The run may still own the slot.
    expect(stepOf(at("suspended", { rest, slot: "asking" }))).toBe("acquire_slot");
    expect(stepOf(at("suspended", { slot: "releasing" }))).toBe("release_slot");
  });

  it("acquires the slot before it enters a stage in which it sends", () => {
    const opening = { slot: "none", derived: { stage: "sending", reason: null } } as const;
    expect(stepOf(at("suspended", opening))).toBe("acquire_slot");
    expect(stepOf(at("suspended", { ...opening, askForSlotAt: NOW + 1 }))).toBe("enter_stage");
    const ending = { slot: "none", derived: { stage: "aborting", reason: null } } as const;
    expect(stepOf(at("suspended", ending))).toBe("enter_stage");
  });

  it("enqueues no file, so that the slot is soon free, but lists", () => {
    const ready = parsing({ enqueueReady: true });
    const listing = { underWay: true, nextPassAt: null };
    expect(stepOf(at("suspended", { rest, ...ready, leasesOut: 1 }))).toBeNull();
    expect(stepOf(at("suspended", { rest, ...ready, slot: "none", listing }))).toBe("list");
  });

  it("sleeps 5 min at a time, however full the backlog is", () => {
    const full = parsing({ enqueueReady: true, backlogFull: true });
    expect(wakeOf(at("suspended", { rest, slot: "none", ...full }))).toBe(NOW + 300_000);
  });
});
