// A migration meets runs that are under way: rows that older code left go on as if the code had always been this one.
import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SEND_LEASE_MS } from "../../durable-objects/backfill-run/sending/claim.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import { OK, answered, grantsOf, opened, tell } from "../support/run-work.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
const LINES = 100;

/** What takes back the migrations after 0002: they are applied again when the object starts. */
const UNDO = [
  "DROP TABLE bulk_commands",
  "DROP INDEX batches_tried",
  "DROP TABLE reports",
  "DROP INDEX files_failing",
  "ALTER TABLE batches DROP COLUMN done_at",
  "ALTER TABLE batches DROP COLUMN answer_status",
  "ALTER TABLE batches DROP COLUMN member_digest",
  "UPDATE run SET limits_json = json_remove(limits_json, '$.maxRequestsPerSecond', '$.maxBytesPerSecond', '$.polite', '$.onUncertain')",
  "DROP INDEX attempts_by_answer",
  "DROP TABLE assumed_not_delivered",
  "ALTER TABLE totals DROP COLUMN assumed_json",
  "ALTER TABLE totals DROP COLUMN inherited_lines",
  "ALTER TABLE totals DROP COLUMN inherited_attempts",
  "ALTER TABLE totals DROP COLUMN matched_files",
  "DROP TABLE list_tasks",
  "DROP TABLE gathered_keys",
  "DROP INDEX files_by_name",
  "DROP INDEX files_duplicates",
  "ALTER TABLE files DROP COLUMN base_name",
  "ALTER TABLE files DROP COLUMN duplicate_of",
  "ALTER TABLE totals DROP COLUMN files_duplicate",
  "DROP TABLE inherited_choices",
  "ALTER TABLE files DROP COLUMN choices_json",
  ...[
    "repaired",
    ...["lines", "times", "parents"].flatMap((name) => [`${name}_checked`, `${name}_failing`]),
  ].map((column) => `ALTER TABLE totals DROP COLUMN ${column}`),
  // a run that began then has no parse version, and no ratio
  "UPDATE run SET spec_json = json_remove(spec_json, '$.parse.parseVersion', '$.parse.maxSuspectRatio')",
];

/** The same rows, as the code before this migration would have left them. */
function leftByFirstMigration(): Promise<void> {
  return runInDurableObject(run.stub, (_object, { storage: { sql } }) => {
    sql.exec(`UPDATE batches SET due_at =
      (SELECT value FROM totals, json_each(leases_json) WHERE CAST(key AS INTEGER) = batch) WHERE state = 'leased'`);
    sql.exec("ALTER TABLE totals DROP COLUMN leases_json");
    for (const statement of UNDO) sql.exec(statement);
    sql.exec("DELETE FROM migrations WHERE name > '0001-run'");
  });
}

describe("a database that was written before leases stood in one row", () => {
  it("keeps every lease and wait: expired ones are named and reclaimed, others renewed", async () => {
    await opened(run, [Array.from({ length: 5 }, () => LINES)]);
    const [expired, waiting] = await grantsOf(run, 2);
    await tell(run, waiting!, answered(503));
    run.pass(20_000);
    const [renewed, reported] = await grantsOf(run, 2);
    const before = await run.leases();
    expect(Object.keys(before)).toHaveLength(3);
    await leftByFirstMigration();
    expect(
      await run.rows("SELECT batch FROM batches WHERE state = 'leased' AND due_at IS NOT NULL"),
    ).toHaveLength(3);
    await run.evict();

    expect(await run.leases()).toEqual(before);
    await run.expectBalanced();
    // the first lease runs out, the others do not
    await run.wait(before[expired!.batch]! - Date.now() + 1);
    expect(await run.status()).toMatchObject({ in_flight: 2, uncertain_attempts: 1 });
    expect((await run.api.renew([expired!, renewed!])).refused).toMatchObject([{ batch: expired!.batch }]);
    await tell(run, reported!, OK);
    expect(await run.leases()).toEqual({ [renewed!.batch]: Date.now() + SEND_LEASE_MS });
    await run.expectBalanced();
    await run.wait(SEND_LEASE_MS + 1);
    expect(await run.status()).toMatchObject({ in_flight: 0, uncertain_attempts: 2, log_lines_sent: LINES });
    await run.expectBalanced();
  });

  it("keeps the limits that stood in the specification alone", async () => {
    const limits = {
      maxRequestsPerSecond: 7,
      maxBytesPerSecond: null,
      polite: true,
      onUncertain: "hold",
    } as const;
    await run.start({ ...limits, maxInFlight: 3, maxLinesPerSecond: 5_000, rate: 9 });
    await leftByFirstMigration();
    await run.evict();
    expect(await run.api.limits()).toEqual({
      ok: true,
      limits: { ...limits, maxInFlight: 3, maxLinesPerSecond: 5_000, rate: 9 },
    });
  });

  it("has no lease afterwards when it had none", async () => {
    await opened(run, [[LINES]]);
    await leftByFirstMigration();
    await run.evict();
    expect(await run.leases()).toEqual({});
    await run.expectBalanced();
  });
});
