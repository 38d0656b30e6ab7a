// Tests what a late sender costs: its permit is extended, and a report ends it.
import { describe, expect, it } from "vitest";
import {
  extendPermit,
  freshPace,
  issuePermit,
  postBegan,
} from "../../../durable-objects/backfill-run/receiver/pace.ts";
import { issued, onlyLines } from "../../support/pace-caps.ts";

describe("a late sender", () => {
  const held = (key: string, now: number) => {
    const pace = freshPace(0);
    const ask = (of: string, at: number) =>
      issuePermit(pace, { key: of, lines: 100, bytes: 0, now: at, caps: onlyLines(200), rate: 1_000_000, slackMs: 50, minWaitMs: 0 }); // prettier-ignore
    expect(ask(key, now)).toEqual({ kind: "issued", waitMs: 0 });
    return { pace, ask };
  };

  it("counts the permit of a late sender until the end of its extension, and not twice", () => {
    const { pace, ask } = held("late", 10_000);
    expect(extendPermit(pace, "late", { now: 10_120, slackMs: 100, caps: onlyLines(200) })).toEqual({
      slackMs: 100,
    });
    expect(ask("second", 10_120)).toEqual({ kind: "issued", waitMs: 0 });
    expect(ask("third", 10_620)).toEqual({ kind: "issued", waitMs: 552 });
    // The extension ends at 10,220.
    expect(ask("fourth", 11_171)).toEqual({ kind: "issued", waitMs: 51 });
  });

  it("is used nearly as much when every twentieth sender is 80 ms late", () => {
    const share = (isLate: (n: number) => boolean): number => {
      const pace = freshPace(0);
      const first = 10_000;
      let at = first;
      for (let n = 0; n < 400; n += 1) {
        const request = { key: String(n), lines: 1_000, bytes: 0, now: at, caps: onlyLines(8_000), rate: 8_000, slackMs: 50, minWaitMs: 0 }; // prettier-ignore
        ({ at } = issued(pace, request));
        if (!isLate(n)) continue;
        expect(
          extendPermit(pace, String(n), { now: at + 80, slackMs: 50, caps: onlyLines(8_000) }),
        ).not.toBeNull();
        // The next sender claims before the late one begins.
        at += 1;
        pace.seenNow = at;
      }
      return (400 * 1_000) / ((at - first) / 1_000) / 8_000;
    };
    const without = share(() => false);
    expect(without).toBeGreaterThan(0.95);
    expect(share((n) => n % 20 === 19) / without).toBeGreaterThan(0.985);
  });

  it("refuses an extension into a second that is already full", () => {
    const { pace, ask } = held("late", 10_000);
    expect(ask("second", 10_500)).toEqual({ kind: "issued", waitMs: 0 });
    // This permit begins when the first one no longer counts.
    expect(ask("third", 10_500)).toEqual({ kind: "issued", waitMs: 552 });
    const before = structuredClone(pace.log);
    expect(extendPermit(pace, "late", { now: 10_520, slackMs: 20, caps: onlyLines(200) })).toBeNull();
    expect(pace.log).toEqual(before);
    expect(extendPermit(pace, "unknown", { now: 10_520, slackMs: 20, caps: onlyLines(200) })).toBeNull();
    expect(extendPermit(pace, "late", { now: 10_520, slackMs: 20, caps: onlyLines(300) })).not.toBeNull();
    expect(extendPermit(pace, "late", { now: 10_545, slackMs: 20, caps: onlyLines(300) })).toEqual({
      slackMs: 40,
    });
  });

  it("gets no extension before its permit begins, because a repeated call renews such permits", () => {
    const { pace, ask } = held("first", 10_000);
    const request = { lines: 100, bytes: 0, now: 10_750, caps: onlyLines(200), rate: 1_000_000, slackMs: 50 };
    expect(issuePermit(pace, { ...request, key: "second", minWaitMs: 200 })).toMatchObject({ waitMs: 200 });
    expect(ask("third", 10_750)).toEqual({ kind: "issued", waitMs: 302 });
    // A POST of the third now would be the third within a second.
    expect(extendPermit(pace, "third", { now: 10_760, slackMs: 50, caps: onlyLines(200) })).toBeNull();
  });

  it("gets no extension that exceeds a cap that was lowered meanwhile", () => {
    const pace = freshPace(0);
    const keys = ["a", "b", "c", "d"];
    for (const key of keys)
      issuePermit(pace, { key, lines: 10, bytes: 0, now: 10_000, caps: onlyLines(1_000), rate: 1_000, slackMs: 50, minWaitMs: 0 }); // prettier-ignore
    const extend = (key: string) =>
      extendPermit(pace, key, { now: 10_300, slackMs: 50, caps: onlyLines(30) });
    expect(keys.map(extend)).toEqual([null, null, null, null]);
    pace.log.splice(0, 1);
    expect(extend("b")).toEqual({ slackMs: 50 });
  });

  it("does not extend a permit beyond the end of the hours", () => {
    const { pace } = held("late", 10_000);
    const extend = (endBefore: number) =>
      extendPermit(pace, "late", { now: 10_100, slackMs: 50, caps: onlyLines(200), endBefore });
    expect([extend(10_150), extend(10_151)]).toEqual([null, { slackMs: 50 }]);
  });

  it("ends a permit at the beginning of its POST, but keeps the time for the network", () => {
    const untilAfter = (lateMs: number, leastMs: number) => {
      const { pace } = held("one", 10_000);
      extendPermit(pace, "one", { now: 10_100, slackMs: 200, caps: onlyLines(200) });
      postBegan(pace, "one", lateMs, leastMs);
      return pace.log[0]!.until;
    };
    expect([untilAfter(7, 0), untilAfter(7, 50), untilAfter(80, 50), untilAfter(500, 0)]).toEqual([
      10_107, 10_150, 10_180, 10_300,
    ]);
  });
});
