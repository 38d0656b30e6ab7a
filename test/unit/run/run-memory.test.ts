// Tests what a run's Durable Object still has after an eviction, and what it has lost.
import { describe, expect, it } from "vitest";
import { RunMemory, type KeptMemory } from "../../../durable-objects/backfill-run/context/run-memory.ts";
import { INVOCATION_SEEN_MS, WakeUps } from "../../../durable-objects/backfill-run/context/wake-ups.ts";
import { startRate } from "../../../durable-objects/backfill-run/receiver/rate.ts";
import { Throughput } from "../../../durable-objects/backfill-run/receiver/throughput.ts";

const NOW = 1_800_000_000_000;

function restored(kept: object, now = NOW): RunMemory {
  return new RunMemory(JSON.parse(JSON.stringify(kept)) as KeptMemory, now);
}

describe("a run's memory", () => {
  it("survives an eviction unchanged in what is stored", () => {
    const memory = new RunMemory(null, NOW);
    memory.limiter.slotTaken(NOW + 500, NOW);
    memory.limiter.rate = startRate({ cap: 1_000, isPolite: true });
    memory.figures.failed("http_503");
    memory.figures.connectionFailed("dns");
    memory.figures.ack.add(120);
    memory.storageFailed("parse", "f1", "R2 is away", NOW);
    memory.quietAt = NOW + 9_000;
    const kept = memory.keep();
    expect(restored(kept).keep()).toEqual(kept);
    expect(kept.failures).toEqual({ http_503: 1, storage: 1 });
  });

  it("reads the rows of older code, which lack the newer members", () => {
    const older = {
      newestAt: NOW - 10,
      newestUntil: NOW + 200,
      peak: 4_000,
      quietAt: 0,
      ack: [],
      rate: startRate({ cap: 1_000, isPolite: false }),
      failures: { timeout: 2 },
    };
    const memory = restored(older);
    expect(memory.keep()).toMatchObject({
      ...older,
      ack: expect.any(Array) as number[],
      seenNow: NOW,
      connectionErrors: {},
      storage: { send: null, parse: null, clock: null },
    });
    expect(memory.limiter.pace.peak).toBe(4_000);
  });

  it("keeps the names that are stored, so that older code can read the row after a rollback", () => {
    expect(Object.keys(new RunMemory(null, NOW).keep()).toSorted()).toEqual([
      "ack",
      "ackSumMs",
      "connectionErrors",
      "daily",
      "failures",
      "log",
      "newestAt",
      "newestUntil",
      "peak",
      "quietAt",
      "rate",
      "seenNow",
      "slotRefusal",
      "storage",
    ]);
  });

  it("moves every wait back with a clock that was set back", () => {
    const memory = new RunMemory(null, NOW);
    memory.stepFailed("list", "R2 is away", NOW);
    memory.inFlight.add("1/1", NOW, NOW + 30_000);
    memory.quietAt = NOW + 20_000;
    const earlier = NOW - 3_600_000;
    expect(memory.clockWentBack(earlier, 1_000)).toBe(3_600_000);
    memory.setBack(3_600_000, earlier);
    expect(memory.backOff.until.list).toBe(earlier + 1_000);
    expect(memory.storage.clock).toMatchObject({ since: earlier, nextAt: earlier + 1_000 });
    expect(memory.quietAt).toBe(earlier + 20_000);
    expect([memory.inFlight.count(earlier), memory.inFlight.count(earlier + 30_000)]).toEqual([1, 0]);
  });

  it("pauses a failing step twice as long each time, at most 30 s, until the step works", () => {
    const memory = new RunMemory(null, NOW);
    const pauses = Array.from({ length: 7 }, () => {
      memory.stepFailed("delete", "R2 is away", NOW);
      return (memory.backOff.until.delete ?? 0) - NOW;
    });
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    memory.stepWorked("delete");
    expect([memory.backOff.until.delete, memory.storage.clock]).toEqual([undefined, null]);
  });
});

describe("wake-ups", () => {
  it("are answered two at a time by a new invocation, and once by each", () => {
    const wakeUps = new WakeUps();
    wakeUps.sent(5, NOW);
    wakeUps.claimed("a.1", NOW);
    wakeUps.claimed("a.2", NOW);
    expect([wakeUps.out, wakeUps.invocations(NOW).working]).toEqual([3, 1]);
    wakeUps.claimed("b.1", NOW);
    expect([wakeUps.out, wakeUps.invocations(NOW).working]).toEqual([1, 2]);
    wakeUps.ended("a.1");
    expect(wakeUps.invocations(NOW).working).toBe(1);
    expect(wakeUps.invocations(NOW + INVOCATION_SEEN_MS + 1).working).toBe(0);
  });

  it("tell which senders soon end, by their first claim", () => {
    const wakeUps = new WakeUps();
    wakeUps.claimed("a.1", NOW);
    wakeUps.claimed("a.1", NOW + 49_999);
    expect(wakeUps.invocations(NOW + 49_999)).toEqual({ working: 1, ending: 0 });
    wakeUps.claimed("a.1", NOW + 50_000);
    wakeUps.claimed("b.1", NOW + 50_000);
    expect(wakeUps.invocations(NOW + 50_000)).toEqual({ working: 1, ending: 1 });
    expect(["a.2", "b.1", "c.1"].map((lane) => wakeUps.isEnding(lane, NOW + 50_000))).toEqual([
      true,
      false,
      false,
    ]);
    wakeUps.ended("a.1");
    expect(wakeUps.invocations(NOW + 50_000)).toEqual({ working: 1, ending: 0 });
  });

  it("count as lost after 5 s, so that the next ones do not add to them", () => {
    const wakeUps = new WakeUps();
    wakeUps.sent(3, NOW);
    wakeUps.sent(1, wakeUps.lostAt(NOW) - 1);
    expect(wakeUps.out).toBe(4);
    wakeUps.sent(1, wakeUps.lostAt(NOW + 5_000));
    expect(wakeUps.out).toBe(1);
  });

  it("count as lost at once when the clock was set back", () => {
    const wakeUps = new WakeUps();
    wakeUps.sent(3, NOW);
    expect(wakeUps.lostAt(NOW - 1)).toBe(0);
  });

  it("are requested once for all reports between two turns of the clock", () => {
    const wakeUps = new WakeUps();
    wakeUps.request();
    wakeUps.request();
    expect([wakeUps.takeRequest(), wakeUps.takeRequest()]).toEqual([true, false]);
  });
});

it("shows the lines per second of the last ten seconds", () => {
  const throughput = new Throughput();
  throughput.delivered(1_000, NOW - 11_000);
  throughput.delivered(3_000, NOW - 2_000);
  throughput.delivered(1_000, NOW);
  expect(throughput.linesPerSecond(NOW)).toBe(2_000);
});
