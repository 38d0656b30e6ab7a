// Two R2 objects in different folders with the same file name and size, and listings that older code began. Each test
// goes from the bucket to the receiver.
import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RunSpec } from "../../src/contract/run.ts";
import type { VerificationView } from "../../src/contract/verification.ts";
import type { RunStatus } from "../../src/contract/views.ts";
import { InputsUnderTest, logName, sizedLog } from "../support/inputs-under-test.ts";
import { HOUR } from "../support/run-under-test.ts";

const run = new InputsUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
const STAMPS = "20300422T143000Z_20300422T143030Z";

function namedKinds(status: RunStatus): string[] {
  return status.foreign_keys.map(({ kind }) => kind);
}

async function held(): Promise<number> {
  const files = await run.files();
  return files.find(({ reason }) => reason?.startsWith("duplicate_objects") === true)?.file ?? 0;
}

async function verified(): Promise<VerificationView> {
  await run.command({ do: "verify" });
  return (await run.drive()).verification;
}

/** Sets the run back to how older code left it: listing tasks in the run's row, and no task rows. */
async function leftByOlderCode(): Promise<void> {
  await runInDurableObject(run.stub, (_object, { storage: { sql } }) => {
    sql.exec("DELETE FROM list_tasks");
    sql.exec(`UPDATE run SET listing_json = json_set(
      json_remove(listing_json, '$.underWay', '$.nextTask', '$.looked', '$.series'),
      '$.tasks', json('[{"kind": "folders", "prefix": "logs/"}]'))`);
  });
  await run.evict();
}

describe("two keys of one name and size", () => {
  const name = `${STAMPS}_a.log.gz`;
  const twice = async (over: Partial<RunSpec> = {}): Promise<RunStatus> => {
    for (const folder of ["20300422/", "20300422/14/"]) await run.put(folder + name, sizedLog("same", 1));
    await run.put(logName(1), sizedLog("another", 2));
    return run.deliver({}, over);
  };

  it("stop the run for a decision: the first is sent, nothing of the second is parsed", async () => {
    const status = await twice();
    expect(status).toMatchObject({
      stage_code: "needs_attention",
      state_reason: { code: "duplicate_objects" },
      files: { suspicious: 1, closed: 2 },
      delivery_completed: false,
    });
    expect(namedKinds(status)).toEqual(["duplicate_objects"]);
    expect(run.delivered.toSorted()).toEqual(["another", "same"]);
    const { last } = await verified();
    expect(last).toMatchObject({ differences: [] });
  });

  it("are both read when that is accepted, with a note", async () => {
    await twice();
    expect(await run.command({ do: "accept_codes", codes: ["duplicate_objects"] })).toMatchObject({ code: "note_needed" }); // prettier-ignore
    const status = await run.decide({ do: "accept_codes", codes: ["duplicate_objects"], note: "two jobs" });
    expect(status).toMatchObject({ delivery_completed: true, exceptions: 1, matched_raw_files: 3 });
    expect(run.delivered.filter((id) => id === "same")).toHaveLength(2);
    expect(namedKinds(status)).toEqual([]);
  });

  it("leave the second out when its file is accepted", async () => {
    await twice();
    const status = await run.decide({ do: "accept_file", file: await held(), note: "a copy" });
    expect(status).toMatchObject({ delivery_completed: true, exceptions: 1, files: { accepted: 1 } });
    expect(run.delivered.filter((id) => id === "same")).toHaveLength(1);
  });

  it("read the second when its file is retried", async () => {
    await twice();
    const status = await run.decide({ do: "retry_file", file: await held(), allowDuplicates: false });
    expect(status).toMatchObject({ delivery_completed: true, exceptions: 0 });
    expect(run.delivered.filter((id) => id === "same")).toHaveLength(2);
  });

  it("are two files when the sizes differ", async () => {
    await run.put(`20300422/${name}`, sizedLog("one", 1));
    await run.put(`20300422/14/${name}`, sizedLog("other", 9));
    expect(await run.deliver()).toMatchObject({ delivery_completed: true, matched_raw_files: 2 });
  });
});

describe("a listing pass that older code began", () => {
  it("begins again, and reads what that code did not know", async () => {
    const keys = [`20300422/14/${STAMPS}_a.log.gz`, logName(1)];
    await Promise.all(keys.map((key, n) => run.put(key, sizedLog(key, n))));
    await run.start();
    await leftByOlderCode();
    expect((await run.status()).listing).toMatchObject({ under_way: true, pass: 1 });
    const status = await run.drive();
    expect(run.delivered.toSorted()).toEqual(keys.toSorted());
    expect(status).toMatchObject({ delivery_completed: true, listing: { pass: 2 } });
  });

  it("begins again after delivery too, because a late file would be missed", async () => {
    await run.put(logName(1), sizedLog("a", 1));
    await run.deliver();
    await run.put(logName(5), sizedLog("late", 1));
    await run.wait(2 * HOUR - 60_000);
    await runInDurableObject(run.stub, (_object, { storage: { sql } }) => {
      sql.exec("UPDATE run SET cleanup_state = 'inspecting', listing_json = json_set(listing_json, '$.mode', 'inspect')"); // prettier-ignore
    });
    await leftByOlderCode();
    await run.wait(2 * HOUR);
    expect(await run.drive()).toMatchObject({ state_reason: { code: "late_files" } });
  });
});
