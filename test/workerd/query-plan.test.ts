// No statement may scan all batches or files of a run, because a run of seven days has 3,500,000 batches and 70,000
// files. A scan would delay every sender. The test drives a run through all its features and calls the remaining
// store methods itself. Every statement that reached SQLite is explained on the real schema.
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { RunStore } from "../../durable-objects/backfill-run/ledger/store.ts";
import { counted, startFrom } from "../support/plan-play.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import {
  OK, PACK_MISSING, TIMEOUT, answered, claim, countsOf, entriesOf, listed, manifestOf, opened, permitOf, putLogs,
  reportOutcome, sendAll,
} from "../support/run-work.ts"; // prettier-ignore

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());

const statements = new Set<string>();
const called = new Set<string>();
const undo: (() => void)[] = [];

/** The spies are on the prototypes, which all Durable Objects of this test share. */
beforeAll(() =>
  inFreshObject((storage) => {
    listen(Object.getPrototypeOf(storage.sql), "exec", ([statement]) => {
      statements.add(String(statement).replaceAll(/\s+/g, " ").trim());
    });
    for (const [part, prototype] of parts(new RunStore(storage)))
      for (const method of methods(prototype))
        listen(prototype, method, () => called.add(`${part}.${method}`));
  }),
);
afterAll(() => undo.forEach((one) => one()));

function listen(prototype: object, method: string, heard: (args: unknown[]) => void): void {
  const original: (...args: unknown[]) => unknown = Reflect.get(prototype, method);
  Reflect.set(prototype, method, function listening(this: unknown, ...args: unknown[]): unknown {
    heard(args);
    return original.apply(this, args);
  });
  undo.push(() => void Reflect.set(prototype, method, original));
}

/** The store and its parts. */
function parts(store: RunStore): [name: string, prototype: object][] {
  const members = Object.entries(store as object) as [string, object][];
  return [["store", store as object] as [string, object], ...members].map(([name, part]) => [
    name,
    Object.getPrototypeOf(part) as object,
  ]);
}

function methods(prototype: object): string[] {
  return Object.entries(Object.getOwnPropertyDescriptors(prototype))
    .filter(([name, { value }]) => name !== "constructor" && typeof value === "function")
    .map(([name]) => name);
}

function inFreshObject<T>(work: (storage: DurableObjectStorage) => T): Promise<T> {
  const namespace: DurableObjectNamespace = env.BACKFILL_RUN;
  const stub = namespace.getByName(`plan-${crypto.randomUUID()}`);
  return runInDurableObject(stub, (_object, state) => work(state.storage));
}

/** Tables with one row, with one row per kind, or with a bounded number of rows. */
const SMALL = new Set([
  "run",
  "totals",
  "foreign_keys",
  "gathered_keys",
  "samples",
  "uploads",
  "migrations",
  "bulk_commands",
  "reports",
  "inherited_choices",
  "series",
  "outbox",
  "parts", // of one batch, in a recursive statement
]);

/** Why one step of a plan is too expensive. Null: it is not. */
function fault(statement: string, detail: string): string | null {
  const isLimited = /\bLIMIT\b/.test(statement) || /\bmin\(/.test(statement);
  const [, scanned = "", how] = /^SCAN (\w+)(?: USING (.+))?$/.exec(detail) ?? [];
  if (scanned !== "" && !SMALL.has(scanned)) {
    if (how === undefined) return "walks through a table";
    if (!isLimited) return "walks through an index to its end";
  }
  const isOpenEnded = /^SEARCH \w+ USING INTEGER PRIMARY KEY \(rowid>\?\)$/.test(detail);
  if (isOpenEnded && !isLimited) return "reads from a row to the end of the table";
  const sorts = detail.startsWith("USE TEMP B-TREE") && /\b(batches|files|attempts)\b/.test(statement);
  return sorts ? "sorts rows that no index brings in order" : null;
}

async function faults(asked: Iterable<string>): Promise<string[]> {
  return inFreshObject(({ sql }) =>
    [...asked]
      .filter((statement) => /^(SELECT|INSERT|UPDATE|DELETE|WITH)\b/.test(statement))
      .flatMap((statement) =>
        planOf(sql, statement).map((detail) => {
          const wrong = fault(statement, detail);
          return wrong === null ? null : `${wrong}: ${statement} (${detail})`;
        }),
      )
      .filter((wrong) => wrong !== null),
  );
}

function planOf(sql: SqlStorage, statement: string): string[] {
  const bindings = statement.replaceAll(/'[^']*'/g, "").split("?").length - 1;
  // JSON text, because json_each needs it and other parameters accept it.
  const values = Array<string>(bindings).fill("[]");
  try {
    const plan = sql.exec<{ detail: string }>(`EXPLAIN QUERY PLAN ${statement}`, ...values);
    return plan.toArray().map(({ detail }) => detail);
  } catch (error) {
    // The registry is another Durable Object with other tables.
    if (String(error).includes("no such table")) return [];
    throw error;
  }
}

const PLACE = { at: 1, batch: 1 };
const BULK = {
  kind: "retry_all", actor: "token", note: null, args_json: "{}", cursor_json: "{}", changed: 0, skipped: 0, begun_at: 1,
}; // prettier-ignore

/** Methods that only rare events call. */
function callTheRest(store: RunStore): void {
  const { totals, duplicates, leases, batches, attempts, inherited, listing, named, bulk, stranded, live, rays, sendable } = store; // prettier-ignore
  store.transaction(() => {
    stranded.setAside(1, 1, "test", Date.now());
    stranded.waitAgain(1, 1, Date.now());
    stranded.splitIn(1, 1);
    stranded.leasedIn(1, 1);
    stranded.discard(1, 1, { reason_code: "test", reason_detail: null });
    batches.settled(1, 0);
    inherited.addChoices([{ key: "key", choices_json: "{}" }]);
    inherited.earlierChoices();
    named.add("other", ["key"]);
    named.begin();
    named.show();
    named.forget("late_file");
    listing.some({ from: 0, to: 9 }, 1);
    duplicates.keys(5);
    duplicates.release(9, 5);
    live.due(1, 5);
    live.nextCheckAt();
    live.countOverdue();
    live.releaseOverdue(1);
    live.unproven(5);
    live.openAndMarked();
    live.toRecheck(5);
    live.alike([1]);
    live.ofKeys(["key"]);
    live.addInherited([{ key: "key", live_json: "{}" }]);
    if (!inherited.has("key")) live.inheritedOf("key");
    live.leftOut();
    rays.filesIn(0, 1);
    rays.countSuperseded(1, 1);
    store.forgetUpload("upload-1");
    batches.insertPart(batches.get(1)!, 100, { from: 0, lines: 2 }, Date.now());
    batches.countSplitPosts(1, 2);
    batches.partsOf(1);
    for (const state of ["held", "discarded"] as const) sendable.tried(state, 3);
    bulk.all();
    bulk.insert(BULK);
    bulk.progress(1, {}, 1, 0);
    bulk.remove(1);
    bulk.lastSetAside("held");
    bulk.rangeEnd("held", PLACE, PLACE);
    bulk.setAside("held", PLACE, PLACE, "file_goes_on", 5);
    bulk.lastSetAside("pending");
    bulk.rangeEnd("pending", PLACE, PLACE);
    bulk.setAside("pending", PLACE, PLACE, "waits_after_uncertain", 5);
    batches.leasedFiles();
    sendable.putOff(1, 1, 2, 5);
    sendable.firstDueOfOpenFile(1);
    store.reports.begin(9, 1);
    store.reports.complete(9);
    store.reports.downloaded(9);
    store.reports.lastBegunAt();
    store.reports.superfluous();
    store.reports.remove(9);
    store.files.between({ state: "failed", after: 0, until: 9 }, [], 5);
    batches.forget(2, 1);
    store.staged.drop(1);
    attempts.forget(900, 1);
    attempts.withOwner({ batch: 0, attempt: 0 }, 5);
    store.assumed.countSome({ upTo: { batch: -1, status: 0 }, sums: {} }, 5);
    inherited.rangeEnd({ key: "", digest: "", ordinal: -1 }, 5);
    inherited.handedOn({ key: "", digest: "", ordinal: -1 }, null);
    batches.renew(1, 1, Date.now());
    leases.endOf(1);
    leases.batches();
    batches.ofFile(1, 2);
    attempts.sums();
    attempts.ofAnswers({ batch: 0, attempt: -1 }, 5);
    attempts.anyOfAnswer("answer_does_not_match");
    store.assumed.add(1, 429, 5);
    store.assumed.ofMany([1]);
    attempts.ofMany([1]);
    attempts.of(1);
    batches.setAside("held", 5);
    inherited.add([{ key: "key", ordinal: 0, digest: "digest", state: "done" }]);
    const times = { now: Date.now(), backMs: 1, longestMs: 1, otherwise: Date.now() };
    store.waiting.setBackRetries(times);
    store.waiting.setBackFiles("enqueue_at", times);
    store.waiting.setBackFiles("parse_lease_ends_at", times);
    store.waiting.clearFailedReads(Date.now());
    leases.setBack(times);
    store.map.groups(9, 1);
    store.map.setAside();
    store.series.add({ at: 0, tens: [] });
    Array.from(store.series.newestFirst(0));
    store.series.tensSince(0);
    store.outbox.withdrawTopic("run.suspended");
    for (const call of ["attempted", "withdraw"] as const) store.outbox[call](9);
    store.outbox.givenUp(9, "channel");
    store.outbox.setBack(Date.now(), 1, 1);
    store.series.setBack(60_000);
    store.calls.set("sender", { call: 1, permits: [] });
    store.calls.discard();
    totals.discard();
    leases.discard();
  });
}

describe("the statements of a run", () => {
  it("use an index while it lists, parses, sends, retries, splits, and shows itself", async () => {
    await opened(run, [[5, 5, 5], [4]]);
    await reportOutcome(run, await permitOf(run), TIMEOUT);
    await reportOutcome(run, await permitOf(run), answered(503));
    await reportOutcome(run, await permitOf(run), answered(400));
    await reportOutcome(run, await permitOf(run), PACK_MISSING);
    const lost = await permitOf(run);
    await run.wait(31_000);
    await reportOutcome(run, lost, OK);
    for (const states of [[], ["open"], ["open", "closed"]])
      await run.api.listFiles({ states, cursor: "1", limit: 10 });
    await run.api.listBatches({ states: ["done"], cursor: null, limit: 10 });
    await run.api.listEvents({ states: [], cursor: null, limit: 10 });
    await run.api.raw();
    await run.api.status();
    await run.api.inheritance(0);
    await run.api.abort({ force: false, actor: "token" });
    await run.settle();
    expect(await faults(statements)).toEqual([]);
  });

  it("use an index while a manifest comes in pages, and uploads and samples are kept", async () => {
    await listed(run, 1);
    const { attempt } = await claim(run, 1);
    await run.api.uploadStarted(1, attempt, "upload-1");
    const entries = entriesOf([3, 3]);
    const sample = { line: 1, reason: "not_json" as const, bytes: "x" };
    const counts = countsOf(6, { samples: [sample] });
    for (const page of [0, 1])
      await run.api.queued(manifestOf(1, attempt, [entries[page]!], { page, pages: 2, batches: 2, counts }));
    await sendAll(run);
    await run.wait(60_000);
    expect(await faults(statements)).toEqual([]);
  });

  it("use an index while a dry run is hashed, and while a run made from it is compared", async () => {
    await putLogs(run, 2);
    const plan = await counted(run);
    await startFrom(run, plan);
    await run.settle();
    expect((await run.status()).plan).toMatchObject({ compared: "equal" });
    const { attempt } = await claim(run, 1);
    await run.api.queued(manifestOf(1, attempt, []));
    expect(await faults(statements)).toEqual([]);
  });

  it("are all covered: no method of the store is left out", async () => {
    await opened(run, [[5, 5]]);
    await runInDurableObject(run.stub, (_object, { storage }) => callTheRest(new RunStore(storage)));
    const all = await inFreshObject((storage) =>
      parts(new RunStore(storage)).flatMap(([part, prototype]) =>
        methods(prototype).map((method) => `${part}.${method}`),
      ),
    );
    expect(all.filter((method) => !called.has(method))).toEqual([]);
    expect(await faults(statements)).toEqual([]);
  });

  it("are reported as scans when they are scans", async () => {
    const walks = [
      "SELECT count(*) FROM batches",
      "SELECT * FROM batches WHERE file = ?",
      "SELECT * FROM batches WHERE batch > ?",
      "UPDATE files SET reason_code = ? WHERE size = ?",
      "SELECT file FROM files WHERE state = ? ORDER BY size",
    ];
    expect(await faults(walks)).toHaveLength(walks.length);
  });
});
