// The registry's promises, its runs replaced by a stand-in: admission, the slot, healing. The clock stands in 2030,
// so no alarm fires by itself; tests move the clock and run the alarm.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BackfillRun } from "../../durable-objects/backfill-run/backfill-run.ts";
import type { AdmitAnswer, RunRegistryApi } from "../../durable-objects/run-registry/api.ts";
import {
  IDEMPOTENCY_TTL_MS,
  POKE_EVERY_MS,
  START_AGAIN_MS,
} from "../../durable-objects/run-registry/rules.ts";
import { registryObject } from "../../src/objects.ts";
import { aReport, FakeRuns, HOUR, START, wantedRun } from "../support/registry-fixtures.ts";

const NOW = Date.parse("2030-04-22T18:00:00.250Z");
const HASH = "a".repeat(64);
let count = 0;
let runs: FakeRuns;
let registry: RunRegistryApi;
let stub: DurableObjectStub;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  runs = new FakeRuns();
  vi.spyOn(BackfillRun.prototype, "start").mockImplementation(async (spec, slot) => runs.start(spec, slot));
  vi.spyOn(BackfillRun.prototype, "status").mockImplementation(async function (this: BackfillRun) {
    return runs.status(nameOf(this));
  });
  vi.spyOn(BackfillRun.prototype, "poke").mockImplementation(async function (this: BackfillRun) {
    runs.poked.push(nameOf(this));
  });
  // Storage is shared between tests: each has a registry of its own.
  const name = `receiver-${++count}`;
  registry = registryObject(env, name);
  const namespace: DurableObjectNamespace = env.RUN_REGISTRY;
  stub = namespace.getByName(name);
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe("admission", () => {
  it("starts the run with its id, its time and the slot, and answers with its first status", async () => {
    const answer = await registry.admit(wantedRun(), null);
    const runId = "20300422T140000Z_20300422T150000Z_20300422T180000Z";
    expect(answer).toMatchObject({ ok: true, replayed: false, runId, status: { id: runId } });
    expect(runs.started).toEqual([
      { spec: { ...wantedRun(), runId, createdAt: START + 4 * HOUR }, slot: { fence: 1, notBefore: 0 } },
    ]);
    expect(await registry.knows(runId)).toBe(true);
  });

  it("refuses a second run while one holds the slot, naming it, and leaves nothing behind", async () => {
    const holder = admitted(await registry.admit(wantedRun(), null));
    const refused = await registry.admit(wantedRun({ startMs: START - HOUR }), { key: "k", bodyHash: HASH });
    expect(refused).toMatchObject({ ok: false, code: "slot_taken", holder });
    expect((await everyRun()).map((run) => run.id)).toEqual([holder]);
    expect(await registry.recall({ key: "k", bodyHash: HASH })).toMatchObject({ code: "unknown_key" });
    expect(runs.started).toHaveLength(1);
  });

  it("moves `created` on by a second for a second run of the same window in the same second, because ids are unique", async () => {
    const first = admitted(await registry.admit(wantedRun(), null));
    await registry.release(first, 1, NOW);
    const second = admitted(await registry.admit(wantedRun(), null));
    expect(second).toBe(first.replace("T180000Z", "T180001Z"));
  });

  it("lets one of two simultaneous admissions through, because there is one slot", async () => {
    const answers = await Promise.all([
      registry.admit(wantedRun(), null),
      registry.admit(wantedRun({ startMs: START - HOUR }), null),
    ]);
    expect(answers.map((answer) => answer.ok).toSorted()).toEqual([false, true]);
    expect(runs.started).toHaveLength(1);
  });
});

describe("an Idempotency-Key", () => {
  it("returns the first answer word for word, even after the run has moved on", async () => {
    const first = await registry.admit(wantedRun(), { key: "k", bodyHash: HASH });
    const again = await registry.admit(wantedRun(), { key: "k", bodyHash: HASH });
    expect(again).toEqual({ ...first, replayed: true });
    expect(await registry.recall({ key: "k", bodyHash: HASH })).toMatchObject({
      ok: true,
      runId: admitted(first),
    });
    expect(runs.started).toHaveLength(1);
  });

  it("refuses another body, because one key is one intent", async () => {
    await registry.admit(wantedRun(), { key: "k", bodyHash: HASH });
    const other = { key: "k", bodyHash: "b".repeat(64) };
    expect(await registry.admit(wantedRun(), other)).toMatchObject({ code: "idempotency_mismatch" });
    expect(await registry.recall(other)).toMatchObject({ code: "idempotency_mismatch" });
    expect(await everyRun()).toHaveLength(1);
  });

  it("gives the same run to two simultaneous repeats, with one and the same answer", async () => {
    const [one, two] = await Promise.all([
      registry.admit(wantedRun(), { key: "k", bodyHash: HASH }),
      registry.admit(wantedRun(), { key: "k", bodyHash: HASH }),
    ]);
    expect(one.ok && two.ok && [one.runId, one.status]).toEqual(two.ok && [two.runId, two.status]);
    expect(await everyRun()).toHaveLength(1);
  });

  it("leads back to the same run when the run did not answer at first, because the slot is already its own", async () => {
    runs.failStarts = 1;
    const first = await registry.admit(wantedRun(), { key: "k", bodyHash: HASH });
    expect(first).toMatchObject({ ok: false, code: "unconfirmed" });
    const again = await registry.admit(wantedRun(), { key: "k", bodyHash: HASH });
    expect(again).toMatchObject({
      ok: true,
      replayed: false,
      runId: first.ok ? "" : "runId" in first && first.runId,
    });
    expect(await everyRun()).toHaveLength(1);
  });

  it("is forgotten after 24 h, and its rows are deleted", async () => {
    const first = admitted(await registry.admit(wantedRun(), { key: "k", bodyHash: HASH }));
    await registry.release(first, 1, NOW);
    vi.setSystemTime(NOW + IDEMPOTENCY_TTL_MS - 1);
    expect(await registry.recall({ key: "k", bodyHash: HASH })).toMatchObject({ ok: true });
    vi.setSystemTime(NOW + IDEMPOTENCY_TTL_MS);
    expect(await registry.recall({ key: "k", bodyHash: HASH })).toMatchObject({ code: "unknown_key" });
    await runDurableObjectAlarm(stub);
    expect(await rowsOf("SELECT count(*) AS n FROM idempotency")).toEqual([{ n: 0 }]);
    expect(admitted(await registry.admit(wantedRun(), { key: "k", bodyHash: HASH }))).not.toBe(first);
  });
});

describe("the slot", () => {
  it("goes to the next run with a higher fence and the last instant of the one before", async () => {
    const first = admitted(await registry.admit(wantedRun(), null));
    await registry.release(first, 1, NOW + 77);
    await registry.admit(wantedRun({ startMs: START - HOUR }), null);
    expect(runs.started[1]?.slot).toEqual({ fence: 2, notBefore: NOW + 77 });
  });

  it("stays with its holder when another run or an older fence releases it", async () => {
    const first = admitted(await registry.admit(wantedRun(), null));
    await registry.release(first, 1, NOW);
    const second = admitted(await registry.admit(wantedRun({ startMs: START - HOUR }), null));
    await registry.release(first, 2, NOW);
    await registry.release(second, 1, NOW);
    expect(await registry.acquire(first)).toMatchObject({ code: "slot_taken", holder: second });
  });

  it("is granted again to its holder with the same fence, because the first answer may have been lost", async () => {
    const runId = admitted(await registry.admit(wantedRun(), null));
    expect(await registry.acquire(runId)).toEqual({ ok: true, fence: 1, notBefore: 0 });
    await registry.release(runId, 1, NOW + 5);
    expect(await registry.acquire(runId)).toEqual({ ok: true, fence: 2, notBefore: NOW + 5 });
  });

  it("is not freed by a report of being finished, because a report may be old news", async () => {
    const runId = admitted(await registry.admit(wantedRun(), null));
    await registry.report(aReport(runId, { stage: "aborted", finished: true }));
    expect(await registry.admit(wantedRun(), null)).toMatchObject({ code: "slot_taken", holder: runId });
  });

  it("is never lent to a run that was not admitted", async () => {
    const error = await registry
      .acquire("20300422T140000Z_20300422T150000Z_20300422T190000Z")
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
  });
});

describe("the clock", () => {
  it("starts a run whose start failed, because its slot would stay taken for ever", async () => {
    runs.failStarts = 2;
    const answer = await registry.admit(wantedRun(), null);
    expect(answer).toMatchObject({ ok: false, code: "unconfirmed" });
    expect(await registry.admit(wantedRun(), null)).toMatchObject({ code: "slot_taken" });

    vi.setSystemTime(NOW + START_AGAIN_MS);
    expect(await runDurableObjectAlarm(stub)).toBe(true);
    expect(runs.started).toHaveLength(0);
    vi.setSystemTime(NOW + 2 * START_AGAIN_MS);
    expect(await runDurableObjectAlarm(stub)).toBe(true);
    expect(runs.started).toEqual([
      {
        spec: expect.objectContaining({ runId: !answer.ok && "runId" in answer && answer.runId }),
        slot: { fence: 1, notBefore: 0 },
      },
    ]);
    expect(await alarmAt()).toBe(NOW + 2 * START_AGAIN_MS + POKE_EVERY_MS);
  });

  it("pokes an unfinished run every minute, and rests when the last one is finished", async () => {
    const runId = admitted(await registry.admit(wantedRun(), null));
    for (const minute of [1, 2]) {
      vi.setSystemTime(NOW + minute * POKE_EVERY_MS);
      await runDurableObjectAlarm(stub);
      expect(runs.poked).toHaveLength(minute);
    }
    await registry.release(runId, 1, NOW);
    await registry.report(aReport(runId, { stage: "cleaned", finished: true }));
    vi.setSystemTime(NOW + 3 * POKE_EVERY_MS);
    await runDurableObjectAlarm(stub);
    expect(runs.poked).toEqual([runId, runId]);
    expect(await alarmAt()).toBeNull();
  });

  it("pokes a finished run as long as it holds the slot, because its release has to be repeated", async () => {
    const runId = admitted(await registry.admit(wantedRun(), null));
    await registry.report(aReport(runId, { stage: "aborted", finished: true }));
    vi.setSystemTime(NOW + POKE_EVERY_MS);
    await runDurableObjectAlarm(stub);
    expect(runs.poked).toEqual([runId]);
    expect(await alarmAt()).toBe(NOW + 2 * POKE_EVERY_MS);
  });

  it("goes on when a run does not answer its poke, because the others need theirs", async () => {
    admitted(await registry.admit(wantedRun(), null));
    vi.spyOn(BackfillRun.prototype, "poke").mockRejectedValue(new Error("deaf"));
    vi.setSystemTime(NOW + POKE_EVERY_MS);
    await runDurableObjectAlarm(stub);
    expect(await alarmAt()).toBe(NOW + 2 * POKE_EVERY_MS);
  });

  it.each([
    ["missing", null],
    ["overdue", NOW - 1],
  ])("is set again by a poke when the alarm is %s, because alarms get lost", async (_what, alarm) => {
    admitted(await registry.admit(wantedRun(), null));
    await setAlarm(alarm);
    await registry.poke();
    expect(await alarmAt()).toBe(NOW + POKE_EVERY_MS);
  });

  it("is set again when the object wakes up, because nobody may poke it", async () => {
    admitted(await registry.admit(wantedRun(), null));
    await setAlarm(null);
    await evictDurableObject(stub);
    await registry.knows("x");
    expect(await alarmAt()).toBe(NOW + POKE_EVERY_MS);
  });

  it("pokes a run again that got the slot back after it was finished", async () => {
    const runId = admitted(await registry.admit(wantedRun(), null));
    await registry.release(runId, 1, NOW);
    await registry.report(aReport(runId, { stage: "cleaned", finished: true }));
    await runDurableObjectAlarm(stub);
    expect(await alarmAt()).toBeNull();
    await registry.acquire(runId);
    expect(await alarmAt()).not.toBeNull();
    expect((await everyRun())[0]).toMatchObject({ finished: false, active: true });
  });
});

describe("the list", () => {
  it("shows newest first, in pages that neither repeat nor miss a run", async () => {
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) {
      // Three of them within one second: the id decides among those.
      if (n === 3) vi.setSystemTime(NOW + 10_000);
      const runId = admitted(await registry.admit(wantedRun({ startMs: START - n * HOUR }), null));
      await registry.release(runId, n + 1, NOW);
      ids.push(runId);
    }
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const answer = await registry.list({ cursor, limit: 2 });
      if (!answer.ok) throw new Error(answer.detail);
      seen.push(...answer.page.items.map((run) => run.id));
      cursor = answer.page.next_cursor;
    } while (cursor !== null);
    expect(seen).toEqual([ids[3], ids[4], ids[0], ids[1], ids[2]]);
  });

  it("shows what each run last said of itself", async () => {
    const runId = admitted(await registry.admit(wantedRun({ note: "ticket 7" }), null));
    await registry.report(aReport(runId, { summary: "3 of 4 files", logLinesSent: 12, sentSomething: true }));
    expect(await everyRun()).toEqual([
      {
        id: runId, created_at: "2030-04-22T18:00:00Z", start: "2030-04-22T14:00:00Z", end: "2030-04-22T15:00:00Z",
        end_exclusive: false, stage_code: "sending", summary: "3 of 4 files", note: "ticket 7", actor: "token",
        active: true, finished: false, sent_something: true, log_lines_sent: 12,
      },
    ]); // prettier-ignore
  });

  it("refuses a cursor that it never gave out", async () => {
    for (const cursor of ["", "x", "***", "e30", "a".repeat(300)]) {
      expect(await registry.list({ cursor, limit: 2 }), cursor).toMatchObject({
        ok: false,
        code: "bad_cursor",
      });
    }
  });
});

function admitted(answer: AdmitAnswer): string {
  if (!answer.ok) throw new Error(`${answer.code}: ${answer.detail}`);
  return answer.runId;
}

async function everyRun() {
  const answer = await registry.list({ cursor: null, limit: 1_000 });
  return answer.ok ? answer.page.items : [];
}

function alarmAt(): Promise<number | null> {
  return runInDurableObject(stub, (_object, state) => state.storage.getAlarm());
}

function setAlarm(at: number | null): Promise<void> {
  return runInDurableObject(stub, (_object, { storage }) =>
    at === null ? storage.deleteAlarm() : storage.setAlarm(at),
  );
}

function rowsOf(statement: string): Promise<Record<string, SqlStorageValue>[]> {
  return runInDurableObject(stub, (_object, state) => state.storage.sql.exec(statement).toArray());
}

/** An object's name: the run id it is addressed by. */
function nameOf(run: BackfillRun): string {
  return (run as unknown as { ctx: DurableObjectState }).ctx.id.name ?? "";
}
