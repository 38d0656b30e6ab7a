// Tests which R2 objects are files of a run, and what happens to a run without files or with too few lines.
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RunStatus } from "../../src/contract/views.ts";
import { InputsUnderTest, linesOf, logName, ndjson, record } from "../support/inputs-under-test.ts";
import { HOUR, WINDOW_START } from "../support/run-under-test.ts";

const run = new InputsUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
const HALF_HOUR = "20300422T143000Z_20300422T143030Z";

function log(...ids: string[]): Uint8Array {
  return gzipSync(linesOf(ids));
}

function foreignOf(status: RunStatus): Record<string, { count: number; examples: string[] }> {
  const list = status.foreign_keys;
  return Object.fromEntries(list.map(({ kind, count, examples }) => [kind, { count, examples }]));
}

describe("a log file", () => {
  it.each([
    ["in its day's folder", `20300422/${HALF_HOUR}_a.log.gz`],
    ["next to the folders", `${HALF_HOUR}_a.log.gz`],
    ["with a hyphen between its times", "20300422/20300422T143000Z-20300422T143030Z_a.log.gz"],
    ["with one time only", "20300422/20300422T143000Z_a.log.gz"],
    ["with one time only, next to the folders", "20300422T143000Z_a.log.gz"],
    ["without compression", `20300422/${HALF_HOUR}_a.log`],
    ["in the folder of the day before", `20300421/${HALF_HOUR}_a.log.gz`],
    ["in the folder of the day after", `20300423/${HALF_HOUR}_a.log.gz`],
    [
      "that begins before the window and reaches into it",
      "20300422/20300422T135900Z_20300422T140000Z_a.log.gz",
    ],
    ["that begins within the margin after the window", "20300422/20300422T151000Z_20300422T151030Z_a.log.gz"],
    ["with a single time within five minutes before the window", "20300422/20300422T135600Z_a.log.gz"],
  ])("is read: %s", async (_what, name) => {
    const key = await run.put(name, name.endsWith(".gz") ? log("a") : linesOf(["a"]));
    const status = await run.deliver();
    expect((await run.files()).map((file) => file.key)).toEqual([key]);
    expect(run.delivered).toEqual(["a"]);
    expect(status).toMatchObject({ stage_code: "sent_waiting_cleanup" });
    // A file of the margin is read because records may come late. Its name lies outside the window.
    expect(status.matched_raw_files).toBe(name.includes("T151000Z") ? 0 : 1);
  });

  it.each([
    ["that ends before the window", "20300422/20300422T135000Z_20300422T135959Z_a.log.gz"],
    ["that begins after the margin", "20300422/20300422T151001Z_20300422T151030Z_a.log.gz"],
    ["of the same hour of another day", "20300421/20300421T143000Z_20300421T143030Z_a.log.gz"],
  ])("is not read: %s", async (_what, name) => {
    await run.put(name, log("a"));
    await run.put(logName(0), log("b"));
    const status = await run.deliver();
    expect(status.matched_raw_files).toBe(1);
    expect(run.delivered).toEqual(["b"]);
  });

  it("is found over the edge of the day when it began the night before", async () => {
    const startMs = Date.parse("2030-04-22T00:00:00Z");
    await run.put(
      "20300421/20300421T235930Z_20300422T000000Z_a.log.gz",
      gzipSync(ndjson([record("a", { EdgeStartTimestamp: startMs / 1_000 })])),
    );
    const status = await run.deliver({ startMs, endMs: startMs + HOUR });
    expect(run.delivered).toEqual(["a"]);
    expect(status.stage_code).toBe("sent_waiting_cleanup");
  });

  it("is taken in when it arrives between the first listing and the last", async () => {
    const endMs = Date.parse("2030-04-22T17:59:00Z");
    const startMs = endMs - HOUR;
    const inside = { EdgeStartTimestamp: startMs / 1_000 + 60 };
    await run.put(
      "20300422/20300422T170000Z_20300422T170030Z_a.log.gz",
      gzipSync(ndjson([record("a", inside)])),
    );
    const early = await run.deliver({ startMs, endMs });
    expect(early).toMatchObject({ stage_code: "scanning_and_queueing", delivery_completed: false });
    expect(run.delivered).toEqual(["a"]);
    await run.put(
      "20300422/20300422T180000Z_20300422T180030Z_b.log.gz",
      gzipSync(ndjson([record("b", inside)])),
    );
    await run.wait(11 * 60_000);
    const late = await run.drive();
    expect(run.delivered).toEqual(["a", "b"]);
    expect(late.files.closed).toBe(2);
  });
});

async function deliveredThenLate(): Promise<void> {
  await run.put(logName(0), log("a"));
  expect(await run.deliver()).toMatchObject({ stage_code: "sent_waiting_cleanup" });
  await run.put(logName(5), log("b"));
  await run.wait(2 * HOUR + 60_000);
  const status = await run.drive();
  expect(status).toMatchObject({
    stage_code: "needs_attention",
    state_reason: { code: "late_files" },
    delivery_completed: false,
  });
  expect(status.state_reason?.detail).toContain(`${run.prefix}${logName(5)}`);
  expect(run.delivered).toEqual(["a"]);
}

describe("a file that comes in after the run was delivered", () => {
  it("is named when the window is listed once more at the end of the grace, and is taken in on request", async () => {
    await deliveredThenLate();
    const status = await run.decide({ do: "take_late" });
    expect(run.delivered).toEqual(["a", "b"]);
    expect(status).toMatchObject({ stage_code: "sent_waiting_cleanup", exceptions: 0, matched_raw_files: 2 });
    expect(await run.command({ do: "take_late" })).toMatchObject({ code: "nothing_to_accept" });
  });

  it("may be left out with a note", async () => {
    await deliveredThenLate();
    const status = await run.decide({
      do: "accept_codes",
      codes: ["late_files"],
      note: "sent by the live feed",
    });
    expect(status).toMatchObject({ delivery_completed: true, exceptions: 1 });
    expect(run.delivered).toEqual(["a"]);
  });
});

it("doubles the margin while its last third still brings records of the window", async () => {
  const endMs = Date.parse("2030-04-22T17:45:00Z");
  const startMs = endMs - HOUR;
  const inside = { EdgeStartTimestamp: startMs / 1_000 + 60 };
  // 17:53 is in the last third of the margin 17:45–17:55.
  await run.put(
    "20300422/20300422T175300Z_20300422T175330Z_a.log.gz",
    gzipSync(ndjson([record("a", inside)])),
  );
  const early = await run.deliver({ startMs, endMs });
  expect(run.delivered).toEqual(["a"]);
  expect(early).toMatchObject({ stage_code: "scanning_and_queueing", delivery_completed: false });
  await run.put(
    "20300422/20300422T180200Z_20300422T180230Z_b.log.gz",
    gzipSync(ndjson([record("b", inside)])),
  );
  await run.wait(10 * 60_000);
  await run.drive();
  expect(run.delivered).toEqual(["a", "b"]);
});

describe("what is no log file", () => {
  it("is counted by kind with examples, and stops nothing", async () => {
    await run.put(logName(0), log("a"));
    const names = [
      "ownership-challenge-1f2e.txt",
      "20300422/ownership-challenge.txt",
      "test.txt.gz",
      ".recover-done-20300422",
      "20300422/notes.txt",
      "20300421/nothing.log.gz",
      "stray-2030-03-01.log.gz",
    ];
    for (const name of names) await run.put(name, "x");
    const status = await run.deliver();
    expect(status).toMatchObject({ stage_code: "sent_waiting_cleanup", matched_raw_files: 1 });
    expect(run.delivered).toEqual(["a"]);
    const foreign = foreignOf(status);
    expect(Object.fromEntries(Object.entries(foreign).map(([kind, { count }]) => [kind, count]))).toEqual({
      ownership_challenge: 2,
      logpush_test: 1,
      recover_marker: 1,
      other: 1,
      log_of_another_day: 2,
    });
    const named = Object.values(foreign).flatMap(({ examples }) => examples);
    expect(named.toSorted()).toEqual(names.map((name) => run.prefix + name).toSorted());
  });

  it("may be a folder; a folder with logs needs a decision", async () => {
    await run.put(logName(0), log("a"));
    await run.put(`edge/${HALF_HOUR}_b.log.gz`, log("b"));
    await run.put("notes/readme.txt", "x");
    const status = await run.deliver();
    expect(status).toMatchObject({
      stage_code: "needs_attention",
      state_reason: { code: "foreign_folders" },
    });
    expect(status.state_reason?.detail).toContain(`${run.prefix}edge/`);
    expect(foreignOf(status)).toMatchObject({
      folder_with_logs: { count: 1, examples: [`${run.prefix}edge/`] },
      folder_without_logs: { count: 1, examples: [`${run.prefix}notes/`] },
    });
    expect(run.delivered).toEqual(["a"]);
    expect(await run.command({ do: "accept_codes", codes: ["foreign_folders"] })).toMatchObject({
      code: "note_needed",
    });
    expect(await run.command({ do: "accept_codes", codes: ["late_files"], note: "x" })).toMatchObject({
      code: "nothing_to_accept",
    });
    const accepted = await run.decide({
      do: "accept_codes",
      codes: ["foreign_folders"],
      note: "another zone",
    });
    expect(accepted).toMatchObject({ stage_code: "sent_waiting_cleanup", exceptions: 1 });
  });

  it.each([`edge/${HALF_HOUR}_b.log.gz`, `edge/20300422/${HALF_HOUR}_b.log.gz`])(
    "is read when it is a folder that was named, here %s",
    async (name) => {
      await run.put(logName(0), log("a"));
      await run.put(name, log("b"));
      const status = await run.deliver({}, { folders: ["edge/"] });
      expect(run.delivered.toSorted()).toEqual(["a", "b"]);
      expect(status).toMatchObject({
        stage_code: "sent_waiting_cleanup",
        exceptions: 0,
        matched_raw_files: 2,
      });
    },
  );
});

describe("a file that drops everything", () => {
  it("is suspicious without readable times, because the job's format may have changed", async () => {
    const records = ["a", "b"].map((id) => record(id, { EdgeStartTimestamp: "22/04/2030 14:01" }));
    const key = await run.put(logName(0), gzipSync(ndjson(records)));
    await run.put(logName(1), log("c"));
    const status = await run.deliver();
    expect(status).toMatchObject({ stage_code: "needs_attention", files: { suspicious: 1, closed: 1 } });
    expect(await run.reasonOf(key)).toMatch(/^suspicious: unreadable_times: 2 of 2 top-level records/);
    expect(status.problems).toMatchObject([{ kind: "file", key, state: "suspicious" }]);
  });

  it("is suspicious without any ParentRayID, and names the option that takes such records", async () => {
    const records = ["a", "b"].map((id) => record(id, { ParentRayID: undefined }));
    const key = await run.put(logName(0), gzipSync(ndjson(records)));
    await run.deliver();
    const { file } = await run.fileOf(key);
    expect(await run.reasonOf(key)).toContain('top_level_parent_ray_ids ["00", "", null]');
    const status = await run.decide({ do: "accept_file", file, note: "not ours" });
    // Accepting the file counted as an exception. The run still asks because no line of the window was kept.
    expect(status).toMatchObject({ stage_code: "needs_attention", state_reason: { code: "empty_window" } });
  });

  it("is closed when all of it is subrequests", async () => {
    await run.put(logName(0), gzipSync(ndjson([record("a", { ParentRayID: "7d3c1a2b3c4d5e6f" })])));
    await run.put(logName(1), log("b"));
    expect(await run.deliver()).toMatchObject({ stage_code: "sent_waiting_cleanup", files: { closed: 2 } });
  });
});

describe("a window of which nothing was kept", () => {
  it.each<[string, Uint8Array | null]>([
    ["without a file", null],
    [
      "without a line of it",
      gzipSync(ndjson([record("a", { EdgeStartTimestamp: WINDOW_START / 1_000 - 9 })])),
    ],
  ])("needs a decision (%s), because a wrong prefix looks the same", async (_what, body) => {
    if (body) await run.put(logName(0), body);
    const status = await run.deliver();
    expect(status).toMatchObject({
      stage_code: "needs_attention",
      state_reason: { code: "empty_window" },
      delivery_completed: false,
      matched_raw_files: body ? 1 : 0,
    });
    const accepted = await run.decide({ do: "accept_codes", codes: ["empty_window"], note: "a quiet hour" });
    expect(accepted).toMatchObject({ stage_code: "sent_waiting_cleanup", exceptions: 1 });
    expect(accepted.summary).toContain("1 exception");
    expect(run.posts).toEqual([]);
  });
});
