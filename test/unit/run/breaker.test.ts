// The circuit breaker: when it opens, what may be sent while it is open, and that one success closes it.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  REFUSALS_ALIKE,
  closedBreaker,
  failed,
  gate,
  heldBy,
  probeOver,
  probing,
  refused,
  succeeded,
  type BreakerState,
} from "../../../durable-objects/backfill-run/receiver/breaker.ts";

const NOW = 1_000_000;

function failure(batch: number, over: Partial<Parameters<typeof failed>[1]> = {}) {
  return {
    batch,
    key: `${batch}/1`,
    code: "receiver_http_502",
    detail: "bad",
    forEveryBatch: false,
    ...over,
  };
}

function afterFailures(batches: number[], from: BreakerState = closedBreaker): BreakerState {
  return batches.reduce((state, batch) => failed(state, failure(batch), NOW), from);
}

describe("the closed circuit breaker", () => {
  it("stays closed while one batch alone fails, because that is the batch's problem", () => {
    expect(gate(afterFailures(Array.from({ length: 50 }, () => 7)), NOW)).toEqual({
      kind: "open",
    });
  });

  it("opens at the fifth failure in a row of two or more batches", () => {
    expect(gate(afterFailures([1, 2, 1, 2]), NOW)).toEqual({ kind: "open" });
    expect(gate(afterFailures([1, 2, 1, 2, 1]), NOW)).toMatchObject({ kind: "shut" });
    expect(afterFailures([1, 1, 1, 1, 2]).open).toMatchObject({ code: "receiver_http_502", since: NOW });
  });

  it("forgets failures with every success, because only failures in a row mean an outage", () => {
    const state = afterFailures([3, 4, 3, 4], succeeded(afterFailures([1, 2, 1, 2])));
    expect(gate(state, NOW)).toEqual({ kind: "open" });
  });

  it("opens at once for what is wrong for every batch", () => {
    const state = failed(closedBreaker, failure(1, { code: "receiver_http_404", forEveryBatch: true }), NOW);
    expect(state.open).toMatchObject({ code: "receiver_http_404" });
    expect(gate(state, NOW)).toEqual({ kind: "shut", until: NOW + 5_000 });
  });
});

describe("the open circuit breaker", () => {
  const open = afterFailures([1, 2, 3, 4, 5]);

  it("lets one probe through every five seconds, and every minute after ten minutes", () => {
    expect(gate(open, NOW + 4_999)).toEqual({ kind: "shut", until: NOW + 5_000 });
    expect(gate(open, NOW + 5_000)).toEqual({ kind: "probe" });
    const probed = probing(open, "9/1", NOW + 5_000);
    expect(gate(probed, NOW + 60_000)).toEqual({ kind: "shut", until: null });
    const over = probeOver(probed, "9/1");
    expect(gate(over, NOW + 9_999)).toEqual({ kind: "shut", until: NOW + 10_000 });
    const late = probing(over, "9/2", NOW + 600_000);
    expect(gate(probeOver(late, "9/2"), NOW + 659_999)).toEqual({ kind: "shut", until: NOW + 660_000 });
  });

  it("never has two probes out, whatever is reported", () => {
    const event = fc.oneof(
      fc.constant("claim" as const),
      fc.constant("fail_probe" as const),
      fc.constant("fail_other" as const),
      fc.constant("probe_over" as const),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        let state = open;
        let now = NOW;
        let probe: string | null = null;
        for (const [n, what] of events.entries()) {
          now += 2_500;
          const isLetThrough = gate(state, now).kind === "probe";
          if (probe !== null) expect(isLetThrough).toBe(false);
          if (what === "claim" && isLetThrough) {
            probe = `${n}/1`;
            state = probing(state, probe, now);
          } else if (what === "fail_other") {
            state = failed(state, failure(1_000 + n), now);
          } else if (what === "fail_probe" && probe !== null) {
            state = failed(state, failure(n, { key: probe }), now);
            probe = null;
          } else if (what === "probe_over" && probe !== null) {
            state = probeOver(state, probe);
            probe = null;
          }
          expect(state.open?.probe ?? null).toBe(probe);
        }
      }),
      { seed: 5, numRuns: 300 },
    );
  });

  it("closes at the first 2xx of any batch, and keeps counting successes", () => {
    const state = succeeded(probing(open, "9/1", NOW + 5_000));
    expect(state).toMatchObject({ open: null, failures: 0, successes: 1 });
    expect(succeeded(state).successes).toBe(2);
  });

  it("names the reason that is wrong for every batch when one is found", () => {
    const state = failed(open, failure(6, { code: "receiver_http_403", forEveryBatch: true }), NOW + 1);
    expect(state.open?.code).toBe("receiver_http_403");
    expect(failed(state, failure(7), NOW + 2).open?.code).toBe("receiver_http_403");
  });
});

describe("Retry-After", () => {
  it("holds everything, probes included, for at most an hour, and never shorter than before", () => {
    const state = heldBy(heldBy(closedBreaker, 30_000, NOW), 1_000, NOW);
    expect(gate(state, NOW + 29_999)).toEqual({ kind: "shut", until: NOW + 30_000 });
    expect(gate(state, NOW + 30_000)).toEqual({ kind: "open" });
    expect(gate(heldBy(closedBreaker, 86_400_000, NOW), NOW + 3_600_000)).toEqual({ kind: "open" });
    const open = heldBy(afterFailures([1, 2, 3, 4, 5]), 30_000, NOW);
    expect(gate(open, NOW + 10_000)).toEqual({ kind: "shut", until: NOW + 30_000 });
  });

  it("is not shortened by a success, because the receiver asked for it", () => {
    expect(gate(succeeded(heldBy(closedBreaker, 30_000, NOW)), NOW + 1)).toMatchObject({ kind: "shut" });
  });
});

describe("refusals", () => {
  it("are counted by different batches with one status: one batch refused ten times counts once", () => {
    let state = closedBreaker;
    for (const batch of [1, 1, 2, 2, 3, 4]) state = refused(state, batch, 400);
    expect(state.refusals.batches).toHaveLength(4);
    expect(refused(state, 5, 400).refusals.batches).toHaveLength(REFUSALS_ALIKE);
    expect(refused(state, 5, 413).refusals).toEqual({ status: 413, batches: [5] });
    expect(succeeded(state).refusals.batches).toEqual([]);
  });
});
