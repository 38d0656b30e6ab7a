// The search for the oldest raw file that has a marker of a live worker.
import { expect, it } from "vitest";
import { readProbe } from "../../durable-objects/coverage/rules/probe.ts";

const RANGE = "20260422T140000Z_20260422T140500Z_a1_log_gz";
const markers = (...safeKeys: string[]) => safeKeys.map((safeKey) => `processed/${safeKey}-0.txt.done`);
const probe = (...safeKeys: string[]) => readProbe(markers(...safeKeys), "processed/", "logs/");

it("takes only markers of raw files below the log prefix as the oldest evidence", () => {
  const later = `logs_20260422_${RANGE}`;
  const earlier = RANGE.replaceAll("T14", "T02");

  expect(probe(later).oldestMs).toBe(Date.parse("2026-04-22T14:00:00Z"));
  for (const other of [`dns_logs_20260422_${earlier}`, `backup/logs_20260422_${earlier}`]) {
    expect(probe(later, other)).toEqual({
      seen: true,
      oldestMs: Date.parse("2026-04-22T14:00:00Z"),
      foreign: 0,
    });
    expect(probe(other).oldestMs).toBeNull();
  }
});
