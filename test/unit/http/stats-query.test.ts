// The range and zone of GET /stats.
import { expect, it } from "vitest";
import { readStatsQuery } from "../../../src/http/deployment/stats.ts";

const NOW = Date.parse("2030-04-22T18:00:00Z");
const DAY_MS = 86_400_000;
const read = (query: string) => readStatsQuery(new URLSearchParams(query), NOW);

it("takes the last 30 days in UTC without parameters", () => {
  expect(read("")).toEqual({ ok: true, query: { since: NOW - 30 * DAY_MS, until: NOW, zone: "UTC" } });
});

it("takes a range of up to 400 days, in a zone", () => {
  const query = "since=2029-03-18T00:00:00Z&until=2030-04-22T00:00:00Z&zone=Asia/Shanghai";
  const [since, until] = [Date.parse("2029-03-18T00:00:00Z"), Date.parse("2030-04-22T00:00:00Z")];
  expect(read(query)).toEqual({ ok: true, query: { since, until, zone: "Asia/Shanghai" } });
  expect(until - since).toBe(400 * DAY_MS);
});

it.each([
  ["since=2029-03-17T23:59:59Z&until=2030-04-22T00:00:00Z", "since"],
  ["since=2030-04-22T18:00:01Z", "since"],
  ["since=yesterday", "since"],
  ["until=2030-04-22", "until"],
  ["zone=Europe/Berlin", "zone"],
  ["zone=", "zone"],
  ["day=2030-04-22", "day"],
  ["zone=UTC&zone=UTC", "zone"],
])("refuses ?%s, naming the parameter", (query, parameter) => {
  expect(read(query)).toMatchObject({
    ok: false,
    refusal: { code: "invalid_query", errors: [expect.objectContaining({ parameter }) as object] },
  });
});
