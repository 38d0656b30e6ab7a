// From the bucket to the receiver: the logs of every folder arrive, or the run shows the folder and waits for a
// decision.
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RunSpec } from "../../src/contract/run.ts";
import type { RunStatus } from "../../src/contract/views.ts";
import faults from "../fixtures/faults/listing.json";
import { InputsUnderTest, logName, sizedLog } from "../support/inputs-under-test.ts";
import { HOUR } from "../support/run-under-test.ts";

const run = new InputsUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
const STAMPS = "20300422T143000Z_20300422T143030Z";

function foreignOf(status: RunStatus): Record<string, string[]> {
  const list = status.foreign_keys;
  return Object.fromEntries(
    list.map(({ kind, examples }) => [kind, examples.map((key) => key.slice(run.prefix.length))]),
  );
}

/** Fills the bucket with one R2 object for each key, runs the window, and returns the status of the run. Each R2 object
 * has one line, whose RayID is the key. No two R2 objects have the same size. */
async function deliver(
  keys: readonly string[],
  [start, end]: readonly string[] = ["2030-04-22T14:00:00Z", "2030-04-22T14:10:00Z"],
  over: Partial<RunSpec> = {},
): Promise<RunStatus> {
  const [startMs = 0, endMs = 0] = [start, end].map((one) => Date.parse(one ?? ""));
  await Promise.all(keys.map((key, n) => run.put(key, sizedLog(key, n, startMs + 60_000))));
  return run.deliver({ startMs, endMs }, over);
}

const HOURS = /^\d{8}\/(?:(?:[01]\d|2[0-3])(?:00)?\/|hour=(?:[01]\d|2[0-3])\/)?[^/]+$/;

describe("a day folder as it was found", () => {
  it.each(["f14", "f14b", "f14e"] as const)(
    "has its hour folders read and every other folder named, by one rule (%s)",
    async (name) => {
      const { keys, window } = faults[name];
      const status = await deliver(keys, window);
      expect(run.delivered.toSorted()).toEqual(keys.filter((key) => HOURS.test(key)).toSorted());
      expect(status).toMatchObject({
        stage_code: "needs_attention",
        state_reason: { code: "foreign_folders" },
        delivery_completed: false,
      });
      const others = keys.filter((key) => !HOURS.test(key)).map((key) => key.replace(/[^/]+$/, ""));
      expect(foreignOf(status)["folder_with_logs"]).toEqual(others.toSorted().slice(0, 5));
      expect(status.state_reason?.detail).toContain(`${others.length} folders with logs`);
      const after = await run.decide({ do: "accept_codes", codes: ["foreign_folders"], note: "other zones" });
      expect(after).toMatchObject({ delivery_completed: true, exceptions: 1 });
    },
  );

  it.each(["d2", "d3"] as const)(
    "has a file read that overlaps by its name, however early it began (%s)",
    async (name) => {
      const { keys, window } = faults[name];
      const status = await deliver(keys, window);
      expect(run.delivered.toSorted()).toEqual(keys.toSorted());
      expect(status).toMatchObject({ delivery_completed: true, exceptions: 0, foreign_keys: [] });
    },
  );
});

describe("a file", () => {
  const day = ["20300422", "2030-04-22", "2030/04/22", "date=20300422", "date=2030-04-22"];
  it.each(day.flatMap((one) => ["", "/14", "/1400", "/hour=14"].map((hour) => one + hour)))(
    "is read in %s/, and nothing else is named",
    async (folder) => {
      const status = await deliver([`${folder}/${STAMPS}_a.log.gz`, `${STAMPS}_b.log.gz`], [
        "2030-04-22T14:00:00Z",
        "2030-04-22T15:00:00Z",
      ]); // prettier-ignore
      expect(run.delivered).toHaveLength(2);
      expect(status).toMatchObject({ delivery_completed: true, matched_raw_files: 2, foreign_keys: [] });
    },
  );

  it("is read from the folder of its first day when it covers three days", async () => {
    const keys = [
      "20300420/20300420T000000Z_20300423T000000Z_long.log.gz",
      "20300416/20300416T000000Z_20300423T000000Z_week.log.gz",
      "20300422/20300422T140000Z_20300422T140500Z_a.log.gz",
    ];
    await deliver(keys);
    expect(run.delivered.toSorted()).toEqual(keys.toSorted());
  });

  it("reaches from its hour folder over the next ones when it has one time", async () => {
    const keys = ["20300422/12/20300422T125900Z_a.log.gz", "20300422/14/20300422T140500Z_b.log.gz"];
    const status = await deliver([...keys, "20300422/12/20300422T120000Z_c.log.gz"]);
    expect(run.delivered.toSorted()).toEqual(keys);
    expect(status.delivery_completed).toBe(true);
  });

  it("is named after delivery when it comes late into an hour folder of another layout", async () => {
    await deliver([`date=2030-04-22/hour=14/${STAMPS}_a.log.gz`], ["2030-04-22T14:00:00Z", "2030-04-22T15:00:00Z"]); // prettier-ignore
    await run.put("2030/04/22/1400/20300422T144000Z_20300422T144030Z_b.log.gz", sizedLog("late", 1));
    await run.wait(2 * HOUR + 60_000);
    const status = await run.drive();
    expect(status).toMatchObject({ stage_code: "needs_attention", state_reason: { code: "late_files" } });
    expect(await run.decide({ do: "take_late" })).toMatchObject({ delivery_completed: true });
    expect(run.delivered).toHaveLength(2);
  });
});

describe("folders with a date", () => {
  it.each([
    ["{DATE}/eu/", "20300422/eu/"],
    ["{DATE}/eu/", "2030/04/22/eu/hour=14/"],
    ["{DATE}/eu/", "date=2030-04-22/eu/14/"],
    ["eu/{DATE}/http/", "eu/2030-04-22/http/"],
    ["date={DATE}/edge/", "date=20300422/edge/1400/"],
    ["zone-{DATE}/", "zone-20300422/"],
  ])("are read with %s: %s", async (folder, place) => {
    const status = await deliver([`${place}${STAMPS}_a.log.gz`], ["2030-04-22T14:00:00Z", "2030-04-22T15:00:00Z"], { folders: [folder] }); // prettier-ignore
    expect(run.delivered).toHaveLength(1);
    expect(status).toMatchObject({ delivery_completed: true, foreign_keys: [] });
  });

  it("do not hide the folders next to them", async () => {
    const key = `${STAMPS}_a.log.gz`;
    const status = await deliver(
      [`eu/20300422/http/${key}`, `eu/20300422/dns/${key}`, `eu/${key}`, `eu/other/${key}`],
      ["2030-04-22T14:00:00Z", "2030-04-22T15:00:00Z"],
      { folders: ["eu/{DATE}/http/"] },
    );
    expect(run.delivered).toEqual([`eu/20300422/http/${key}`]);
    expect(status.state_reason?.code).toBe("foreign_folders");
    expect(foreignOf(status)["folder_with_logs"]).toEqual(["eu/", "eu/20300422/dns/", "eu/other/"]);
  });
});

describe("a log without a readable time", () => {
  it.each(["9999.log", "20300422/9999.log", "20300422/14/mystery.log.gz", "20300422/20300422-140000.log.gz"])(
    "stops the run for a decision (%s), because it may hold records of the window",
    async (name) => {
      const status = await deliver([logName(1), name]);
      expect(status).toMatchObject({
        stage_code: "needs_attention",
        state_reason: { code: "log_without_time" },
        delivery_completed: false,
      });
      expect(foreignOf(status)["log_without_time"]).toEqual([name]);
      const after = await run.decide({
        do: "accept_codes",
        codes: ["log_without_time"],
        note: "looked at it",
      });
      expect(after).toMatchObject({ delivery_completed: true, exceptions: 1 });
    },
  );

  it.each(["20300421/9999.log", "20300423/mystery.log.gz", "app-2030-03-01.log"])(
    "needs no decision when its day is another one (%s)",
    async (name) => {
      const status = await deliver([logName(1), name]);
      expect(status.delivery_completed).toBe(true);
      expect(foreignOf(status)["log_of_another_day"]).toEqual([name]);
    },
  );
});

it("needs no decision when it cannot hold records, wherever it lies", async () => {
  await run.put("", "");
  const status = await deliver([
    logName(1), "ownership-challenge-1.txt", "20300422/ownership-challenge.txt", "20300422/14/test.txt.gz",
    "20300422/", "20300422/14/", "20300422/notes/readme.txt", "docs/a.txt", ".recover-done-20300422",
    "2029/03/05/20290305T140000Z_20290305T140500Z_a.log.gz", "20290305/eu/20290305T140000Z_a.log.gz",
    "20300421/eu/20300421T000000Z_20300421T000500Z_a.log.gz",
  ]); // prettier-ignore
  expect(status).toMatchObject({ delivery_completed: true, exceptions: 0 });
  expect(foreignOf(status)["folder_with_logs_of_other_days"]).toEqual(["20300421/eu/"]);
});

describe("folders that are no day folders", () => {
  it("are searched after a thousand keys that are no logs", async () => {
    await Promise.all(
      Array.from({ length: 1_001 }, (_, n) => run.put(`archive/a${String(n).padStart(5, "0")}.txt`, "x")),
    );
    const status = await deliver([logName(1), `archive/z/${STAMPS}_z.log.gz`]);
    expect(status.state_reason?.code).toBe("foreign_folders");
    expect(foreignOf(status)).toMatchObject({ folder_with_logs: ["archive/"] });
  });

  it("are named and need a decision when they are more than the pages of a listing pass", async () => {
    // Each list takes time. Without this, more than a hundred would fit into one second.
    const list = env.LOGS.list.bind(env.LOGS);
    vi.spyOn(env.LOGS, "list").mockImplementation((options) => {
      run.pass(20);
      return list(options);
    });
    const many = Array.from({ length: 230 }, (_, n) => `zone-${String(n).padStart(3, "0")}/readme.txt`);
    await Promise.all(many.map((key) => run.put(key, "x")));
    const keys = [logName(1), `date=20300422/${STAMPS}_b.log.gz`];
    const status = await deliver(keys, ["2030-04-22T14:00:00Z", "2030-04-22T15:00:00Z"]);
    expect(run.delivered.toSorted()).toEqual(keys.toSorted());
    expect(status.state_reason).toMatchObject({ code: "not_looked_through" });
    const left = status.foreign_keys.find(({ kind }) => kind === "not_looked_through");
    // One page for the prefix, and one for each folder that was searched.
    expect(left?.count).toBe(230 - 199);
    const after = await run.decide({
      do: "accept_codes",
      codes: ["not_looked_through"],
      note: "no logs there",
    });
    expect(after).toMatchObject({ delivery_completed: true, exceptions: 1 });
    // The listing after the grace does not ask again for accepted keys.
    await run.wait(3 * HOUR);
    expect(await run.drive()).toMatchObject({ stage_code: "cleaned" });
  });
});
