// Tries to break the cap: claims, late senders, returned permits, evictions and clocks that were set back, in any order.
import fc from "fast-check";
import { expect, it } from "vitest";
import {
  MAX_WAIT_MS,
  extendPermit,
  freshPace,
  issuePermit,
  persistPace,
  postBegan,
  reclaimPermit,
  restorePace,
} from "../../../durable-objects/backfill-run/receiver/pace.ts";
import { onlyLines, worstSecond, type BegunPost } from "../../support/pace-caps.ts";

const action = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant("claim" as const),
      share: fc.double({ min: 0.001, max: 1, noNaN: true }),
      slackMs: fc.integer({ min: 0, max: 1_000 }),
      minWaitMs: fc.integer({ min: 0, max: 1_000 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("pass" as const), ms: fc.integer({ min: 0, max: 700 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("take_back" as const), nth: fc.nat(5) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("extend" as const),
      nth: fc.nat(5),
      slackMs: fc.integer({ min: 0, max: 1_000 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("begin" as const),
      nth: fc.nat(5),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      leastMs: fc.constantFrom(0, 50),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("evict" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("set_back" as const), ms: fc.integer({ min: 1, max: 60_000 }) }),
  },
);

it("the cap holds in any one second, wherever in its interval each POST begins", () => {
  let extended = 0;
  fc.assert(
    fc.property(
      fc.integer({ min: 100, max: 20_000 }),
      fc.array(action, { minLength: 20, maxLength: 120 }),
      (cap, actions) => {
        let real = 1_000_000;
        let clockBehind = 0;
        let pace = freshPace(0);
        const permits: BegunPost[] = [];
        for (const [n, step] of actions.entries()) {
          const now = real - clockBehind;
          switch (step.do) {
            case "claim": {
              const lines = Math.max(1, Math.floor(step.share * cap));
              const { slackMs, minWaitMs } = step;
              const key = String(n);
              const answer = issuePermit(pace, {
                key,
                lines,
                bytes: 0,
                now,
                caps: onlyLines(cap),
                rate: cap,
                slackMs,
                minWaitMs,
              });
              expect(answer.waitMs).toBeLessThanOrEqual(MAX_WAIT_MS);
              if (answer.kind === "wait") real += answer.waitMs;
              else {
                expect(answer.waitMs).toBeGreaterThanOrEqual(minWaitMs);
                const from = real + answer.waitMs;
                permits.push({ key, from, until: from + slackMs, lines });
              }
              break;
            }
            case "pass":
              real += step.ms;
              break;
            case "take_back": {
              // Only a permit whose POST has not begun can be returned.
              const open = permits.filter((one) => one.from > real);
              const chosen = open[step.nth % Math.max(1, open.length)];
              if (!chosen) break;
              reclaimPermit(pace, chosen.key);
              permits.splice(permits.indexOf(chosen), 1);
              break;
            }
            case "extend": {
              // A sender that was too late.
              const late = permits.filter((one) => one.until < real && !one.hasBegun);
              const chosen = late.at(-1 - (step.nth % Math.max(1, late.length)));
              if (!chosen) break;
              const { key } = chosen;
              const granted = extendPermit(pace, key, { now, slackMs: step.slackMs, caps: onlyLines(cap) });
              if (granted) {
                extended += 1;
                Object.assign(chosen, { from: real, until: real + granted.slackMs });
              } else {
                reclaimPermit(pace, key);
                permits.splice(permits.indexOf(chosen), 1);
              }
              break;
            }
            case "begin": {
              // The POST begins at a moment of its interval, and its report comes later.
              const open = permits.filter((one) => one.from <= real && !one.hasBegun);
              const chosen = open.at(-1 - (step.nth % Math.max(1, open.length)));
              if (!chosen) break;
              const lateMs = Math.floor(step.share * (Math.min(real, chosen.until) - chosen.from));
              postBegan(pace, chosen.key, lateMs, step.leastMs);
              Object.assign(chosen, {
                from: chosen.from + lateMs,
                until: chosen.from + lateMs,
                hasBegun: true,
              });
              break;
            }
            case "evict":
              pace = restorePace(structuredClone(persistPace(pace)), now);
              break;
            case "set_back":
              clockBehind += step.ms;
          }
        }
        expect(worstSecond(permits)).toBeLessThanOrEqual(cap);
      },
    ),
    { seed: 20260422, numRuns: 1_500 },
  );
  expect(extended).toBeGreaterThan(1_000);
});
