// A new run gets the newest schema at once (ledger/newest-schema.sql). It must be the schema that older runs have after
// all migrations.
import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, expect, it } from "vitest";
import { MIGRATIONS } from "../../durable-objects/backfill-run/ledger/migrations.ts";
import newestSchema from "../../durable-objects/backfill-run/ledger/newest-schema.sql";
import { migrate } from "../../src/platform/sql.ts";
import { RunUnderTest } from "../support/run-under-test.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());

const OF_THE_RUNTIME = "name LIKE 'sqlite%' OR name LIKE '\\_cf%' ESCAPE '\\'";

interface Part {
  [column: string]: SqlStorageValue;
  type: string;
  name: string;
  sql: string;
}

/** What an empty database contains after `migrate`: its tables and indexes in their order, and all rows. */
function databaseAfter(newest: string | null): Promise<{ parts: Part[]; rows: Record<string, object[]> }> {
  return runInDurableObject(run.stub, (_object, { storage }) => {
    const { sql } = storage;
    const parts = (): Part[] =>
      sql
        .exec<Part>(
          `SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND NOT (${OF_THE_RUNTIME})`,
        )
        .toArray();
    const tables = (): string[] =>
      parts()
        .filter(({ type }) => type === "table")
        .map(({ name }) => name);
    for (const name of tables()) sql.exec(`DROP TABLE ${name}`);
    migrate(storage, MIGRATIONS, newest);
    const rows = tables().map((name) => [name, sql.exec(`SELECT * FROM ${name}`).toArray()] as const);
    return { parts: parts().map(withoutComments), rows: Object.fromEntries(rows) };
  });
}

function withoutComments(part: Part): Part {
  const sql = part.sql.replaceAll(/--[^\n]*/g, "").replaceAll(/\s+/g, "");
  return { ...part, sql };
}

it("is the same for a new run as after all migrations", async () => {
  const migrated = await databaseAfter(null);
  const created = await databaseAfter(newestSchema);
  expect(created).toEqual(migrated);
  expect(created.rows["migrations"]).toHaveLength(MIGRATIONS.length);
  expect(created.parts.length).toBeGreaterThan(40);
});
