// GET /runs: which runs are shown, in which order, and with which members. Filters select in SQL, so other runs never
// hide a match.
import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { RunSummary, RunsFilter } from "../../src/contract/registry.ts";
import { HOUR, START, aReport, wantedRun } from "../support/registry-fixtures.ts";
import { NOW, RegistryUnderTest, admitted } from "../support/registry-under-test.ts";

const registry = new RegistryUnderTest();
beforeEach(() => registry.setUp());
afterEach(() => registry.tearDown());
const SECOND = 1_000;

/** When the n-th copy was admitted. */
function at(n: number): number {
  return NOW - (NOW % SECOND) - n * SECOND;
}

/** All pages of this many runs, one after the other. */
async function listed(filter: RunsFilter, limit = 1_000): Promise<RunSummary[]> {
  const items: RunSummary[] = [];
  let cursor: string | null = null;
  do {
    const answer = await registry.api.list({ cursor, limit, ...filter });
    if (!answer.ok) throw new Error(answer.detail);
    items.push(...answer.page.items);
    cursor = answer.page.next_cursor;
  } while (cursor !== null);
  return items;
}

/** Copies of the existing run, each a second older. */
async function addRuns(count: number): Promise<void> {
  const id = admitted(await registry.api.admit(wantedRun(), null));
  await runInDurableObject(registry.stub, (_object, { storage: { sql } }) => {
    const columns =
      "start_ms, end_ms, spec, fence, not_before, started, summary, finished, sent_something, poke_at";
    sql.exec(
      `INSERT INTO runs (run_id, created_at, stage, exceptions, ${columns})
       WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
       SELECT 'Z' || i, created_at - i * 1000, CASE WHEN i % 7 = 0 THEN 'sending' ELSE 'cleaned' END,
         CASE i % 3 WHEN 0 THEN NULL ELSE i % 3 - 1 END, ${columns} FROM n, runs WHERE run_id = ?`,
      count,
      id,
    );
  });
}

it("shows exactly the runs that a filter names, page by page, whatever is combined", async () => {
  await addRuns(60);
  const all = await listed({});
  expect(all).toHaveLength(61);
  const filters: RunsFilter[] = [
    { stages: ["sending"] },
    { stages: ["cleaned", "scanning_and_queueing"] },
    { since: at(20) },
    { until: at(20) },
    { since: at(30), until: at(10) },
    { since: at(10), until: at(10) },
    { exceptions: true },
    { exceptions: false },
    { stages: ["sending"], exceptions: false, since: at(50), until: at(5) },
    { stages: ["paused"] },
  ];
  for (const filter of filters) {
    const { stages, since, until, exceptions } = filter;
    const expected = all.filter((run) => {
      const created = Date.parse(run.created_at);
      if (stages && !stages.includes(run.stage_code)) return false;
      if ((since !== undefined && created < since) || (until !== undefined && created > until)) return false;
      return exceptions === undefined || (run.exceptions !== null && run.exceptions > 0 === exceptions);
    });
    const ids = expected.map(({ id }) => id);
    for (const limit of [1, 4, 1_000]) {
      expect(
        (await listed(filter, limit)).map(({ id }) => id),
        JSON.stringify(filter),
      ).toEqual(ids);
    }
  }
});

it("finds one run among 20,000 others of another stage", async () => {
  await addRuns(20_000);
  await runInDurableObject(registry.stub, (_object, { storage: { sql } }) => {
    sql.exec("UPDATE runs SET stage = 'needs_attention', exceptions = 5 WHERE run_id = 'Z20000'");
  });
  const first = await registry.api.list({ cursor: null, limit: 2, stages: ["needs_attention"] });
  expect(first).toMatchObject({ page: { items: [{ id: "Z20000" }], next_cursor: null } });
  const last = await registry.api.list({
    cursor: null,
    limit: 2,
    exceptions: true,
    until: NOW - 20_000 * SECOND,
  });
  expect(last).toMatchObject({ page: { items: [{ id: "Z20000", exceptions: 5 }], next_cursor: null } });
});

it("shows how long a run took and how fast it was on average, until now while it goes on", async () => {
  const id = admitted(await registry.api.admit(wantedRun(), null));
  const figures = { exceptions: 2, startedAt: NOW - 100 * SECOND, logLinesSent: 50_000 };
  await registry.api.report(aReport(id, { ...figures, deliveredAt: null, endedAt: null }));
  expect(await listed({})).toMatchObject([
    { exceptions: 2, delivered_at: null, duration_seconds: 100, lines_per_second_avg: 500 },
  ]);
  const deliveredAt = NOW - 80 * SECOND;
  await registry.api.report(aReport(id, { ...figures, deliveredAt, endedAt: deliveredAt }));
  expect(await listed({})).toMatchObject([
    { delivered_at: new Date(deliveredAt).toISOString(), duration_seconds: 20, lines_per_second_avg: 2_500 },
  ]);
  await registry.api.report(aReport(id, { ...figures, endedAt: figures.startedAt }));
  expect(await listed({})).toMatchObject([{ duration_seconds: 0, lines_per_second_avg: 50_000 }]);
});

it("shows null for what a run has not reported since these figures exist", async () => {
  const id = admitted(await registry.api.admit(wantedRun({ startMs: START - HOUR }), null));
  await registry.api.report(aReport(id));
  expect(await listed({})).toMatchObject([
    { id, exceptions: null, delivered_at: null, duration_seconds: null, lines_per_second_avg: null },
  ]);
});
