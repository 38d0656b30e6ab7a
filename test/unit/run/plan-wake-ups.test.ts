// How many senders the clock wakes.
import { describe, expect, it } from "vitest";
import { plan, type Facts } from "../../../durable-objects/backfill-run/clock/plan.ts";
import { NOW, quietFacts } from "../../support/run-facts.ts";

function wakeUps(over: Partial<Facts["sending"]>): number {
  const sending = { ...quietFacts().sending, ...over };
  const planned = plan(quietFacts({ written: { stage: "sending", reason: null }, sending }));
  return "step" in planned && planned.step.do === "wake_senders" ? planned.step.wakeUps : 0;
}

describe("the clock", () => {
  it("sends two wake-ups for each sender that is wanted, less those at work or on their way", () => {
    expect(wakeUps({ claimable: 6, senders: { working: 1, ending: 0 } })).toBe(0);
    expect(wakeUps({ claimable: 13, senders: { working: 2, ending: 0 } })).toBe(2);
    expect(wakeUps({ claimable: 5_000, senders: { working: 6, ending: 0 } })).toBe(8);
    expect(wakeUps({ claimable: 5_000, senders: { working: 1, ending: 0 }, maxInFlight: 6 })).toBe(0);
    expect(
      wakeUps({
        claimable: 5_000,
        senders: { working: 4, ending: 0 },
        wakeUpsOut: 3,
        wakeUpsLostAt: NOW + 1,
      }),
    ).toBe(5);
    // Wake-ups that are lost no longer count as unanswered.
    expect(
      wakeUps({ claimable: 5_000, senders: { working: 4, ending: 0 }, wakeUpsOut: 3, wakeUpsLostAt: NOW }),
    ).toBe(8);
    expect(wakeUps({ claimable: 5_000, gate: "probe" })).toBe(1);
    expect(wakeUps({ claimable: 5_000, gate: "shut", gateOpensAt: NOW + 1 })).toBe(0);
  });

  it("at most doubles the senders at a time, and wakes no more than are useful", () => {
    expect(
      [1, 2, 3, 5].map((working) => wakeUps({ claimable: 5_000, senders: { working, ending: 0 } })),
    ).toEqual([2, 4, 6, 10]);
    expect(wakeUps({ claimable: 5_000, senders: { working: 1, ending: 0 }, usefulLoops: 6 })).toBe(0);
    expect(wakeUps({ claimable: 5_000, senders: { working: 1, ending: 0 }, usefulLoops: 7 })).toBe(2);
    expect(wakeUps({ claimable: 5_000, senders: { working: 3, ending: 0 }, usefulLoops: 24 })).toBe(2);
    // A run whose sender is gone wakes one, however few loops are useful.
    expect(wakeUps({ claimable: 1, usefulLoops: 1 })).toBe(1);
  });

  it("wakes a successor for each useful sender that soon ends, and counts no lease of a sender that ends", () => {
    const senders = (working: number, ending: number) => ({ claimable: 5_000, senders: { working, ending } });
    expect(wakeUps({ ...senders(0, 1), inFlight: 6, usefulLoops: 3 })).toBe(2);
    expect(wakeUps({ ...senders(1, 1), inFlight: 12, usefulLoops: 3 })).toBe(0);
    expect(wakeUps({ ...senders(0, 4), inFlight: 24, usefulLoops: 24 })).toBe(8);
    expect(wakeUps({ ...senders(2, 2), inFlight: 24, usefulLoops: 24 })).toBe(4);
    expect(wakeUps({ ...senders(0, 1), wakeUpsOut: 2, wakeUpsLostAt: NOW + 1, usefulLoops: 3 })).toBe(0);
  });

  it("sends one wake-up, waits for its sender, and then lets a second one work as well", () => {
    expect(wakeUps({ claimable: 1 })).toBe(1);
    expect(wakeUps({ claimable: 5_000 })).toBe(1);
    expect(wakeUps({ claimable: 5_000, wakeUpsOut: 1, wakeUpsLostAt: NOW + 1 })).toBe(0);
    expect(wakeUps({ claimable: 5_000, wakeUpsOut: 1, wakeUpsLostAt: NOW })).toBe(1);
  });
});
