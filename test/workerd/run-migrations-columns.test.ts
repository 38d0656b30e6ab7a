// Migration 0012 gives each time and each reason its own column. A run under way has batches and files in every state
// that 0012 changes. After the migration it must continue like a run that began with the new columns.
import { afterEach, beforeEach, expect, it } from "vitest";
import { leftBy } from "../support/earlier-schema.ts";
import { continued } from "../support/continue-play.ts";
import { acted, openFile } from "../support/operator-play.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import {
  OK,
  PACK_MISSING,
  TIMEOUT,
  answered,
  claim,
  countsOf,
  entriesOf,
  permitOf,
  permitsOf,
  listed,
  manifestOf,
  sendAll,
  reportOutcome,
} from "../support/run-work.ts";

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());
const LINES = 100;
const HOUR = 3_600_000;
const NO_COUNTS = { detail: "", counts: null, seen: null };

/** The earlier run delivers the first batch of file 1 and leaves the second uncertain. */
async function playEarlierRun(): Promise<string> {
  await listed(run, 10);
  await openFile(run, 1, [LINES, LINES, LINES]);
  await reportOutcome(run, await permitOf(run), OK);
  await reportOutcome(run, await permitOf(run), TIMEOUT);
  return continued(run, { onRefused: "split" });
}

async function parseFails(file: number, state: "failed" | "missing", reason: string): Promise<void> {
  await run.settle();
  const { attempt } = await claim(run, file);
  await run.api.fileFailed({ ...NO_COUNTS, file, attempt, state, reason });
}

/** Files 1 to 5: inherited, twin and superseded, split and refused, stranded, accepted batches. */
async function playSettled(): Promise<void> {
  await openFile(run, 1, [LINES, LINES, LINES]);
  await reportOutcome(run, await permitOf(run), OK);

  await openFile(run, 2, [LINES, LINES]);
  await reportOutcome(run, await permitOf(run), OK);
  await reportOutcome(run, await permitOf(run), PACK_MISSING);
  await run.settle();
  const { attempt } = await claim(run, 2);
  await run.api.queued(manifestOf(2, attempt, entriesOf([LINES], "other-")));
  await acted(run, { do: "retry_file", file: 2, allowDuplicates: true }, "the object was replaced");
  const [same] = entriesOf([LINES], "f1-");
  const [, other] = entriesOf([LINES, LINES], "new-");
  const again = await claim(run, 2);
  await run.api.queued(manifestOf(2, again.attempt, [same!, other!]));
  await reportOutcome(run, await permitOf(run), OK);

  await openFile(run, 3, [4, 1]);
  await reportOutcome(run, await permitOf(run), answered(400, { bodyStart: "bad: line" }));
  await reportOutcome(run, await permitOf(run), OK);
  await reportOutcome(run, await permitOf(run), OK);
  await reportOutcome(run, await permitOf(run), answered(400));

  await openFile(run, 4, [LINES, LINES]);
  await reportOutcome(run, await permitOf(run), PACK_MISSING);
  await parseFails(4, "missing", "not_found");

  await openFile(run, 5, [LINES]);
  await reportOutcome(run, await permitOf(run), PACK_MISSING);
  await parseFails(5, "failed", "crc_mismatch");
  await acted(run, { do: "accept_file", file: 5 }, "lost: the source has no copy");
}

async function openSuspicious(file: number): Promise<void> {
  const { attempt } = await claim(run, file);
  const counts = countsOf(LINES, { malformed: 90, linesRead: LINES + 92 });
  const page = manifestOf(file, attempt, entriesOf([LINES], `f${file}-`), { counts });
  expect(await run.api.queued(page)).toEqual({ ok: true, state: "suspicious" });
}

/** Files 6 to 10: resolved, waiting, leased and held batches; files that are suspicious, parsed, and wait for R2. */
async function playUnderWay(): Promise<void> {
  await openSuspicious(10);
  await openSuspicious(6);
  await acted(run, { do: "accept_file", file: 6, send: true }, "known; accepted before");
  const discarded = await permitOf(run);
  await reportOutcome(run, discarded, answered(502));
  await acted(run, { do: "resolve_batch", batch: discarded.batch, outcome: "discard" }, "not wanted");

  await openFile(run, 7, [LINES, LINES, LINES, LINES]);
  const [delivered, waiting] = await permitsOf(run, 3);
  await reportOutcome(run, delivered!, answered(502));
  await acted(
    run,
    { do: "resolve_batch", batch: delivered!.batch, outcome: "delivered" },
    "the partner has it",
  );
  await claim(run, 8);
  const { attempt } = await claim(run, 9);
  await run.api.fileFailed({
    ...NO_COUNTS,
    file: 9,
    attempt,
    state: "gave_up",
    reason: "io",
    detail: "R2: down",
  });
  await reportOutcome(run, waiting!, answered(503));
}

/** A bulk command's walk between two turns. */
async function beginWalk(): Promise<void> {
  const [last] = await run.rows<{ at: number; batch: number }>(
    "SELECT set_aside_at AS at, batch FROM batches WHERE state = 'held' ORDER BY set_aside_at DESC, batch DESC LIMIT 1",
  );
  const cursor = { files: [], batches: [{ state: "held", after: { at: 0, batch: 0 }, until: last }] };
  await run.rows(
    `INSERT INTO bulk_commands (kind, actor, args_json, cursor_json, changed, skipped, begun_at)
     VALUES ('retry_all', 'token', '{}', '${JSON.stringify(cursor)}', 0, 0, ${Date.now()})`,
  );
}

/** Rows as they are stored, as the API shows them, and as a continuation receives them. */
async function everything(earlier: string): Promise<unknown> {
  const query = { states: [], cursor: null, limit: 1_000 };
  const [batches, files, commands] = await Promise.all(
    ["batches ORDER BY batch", "files ORDER BY file", "bulk_commands"].map((table) =>
      run.rows(`SELECT * FROM ${table}`),
    ),
  );
  const shown = [await run.api.listFiles(query), await run.api.listBatches(query)];
  const [totals] = await run.rows<{ progress_json: string }>("SELECT progress_json FROM totals");
  const progress = JSON.parse(totals!.progress_json) as Record<string, { settled: number; fresh?: number }>;
  for (const row of files as { file: number; unsettled: number; fresh: number | null; posted: number }[]) {
    const { settled = 0, fresh } = progress[row.file] ?? {};
    row.unsettled += settled;
    if (fresh !== undefined) Object.assign(row, { fresh, posted: 1 });
  }
  const found = { batches, files, commands, shown, inheritance: await run.api.inheritance(0) };
  return withoutIds(found, earlier);
}

/** Another run of the same scenario has other ids, another receiver key, and R2 objects of another time. */
function withoutIds(found: object, earlier: string): unknown {
  const text = JSON.stringify(found).replaceAll(run.id, "this run").replaceAll(earlier, "the earlier run");
  return JSON.parse(
    text
      .replaceAll(/"(key|print|head)":"[0-9a-f-]{36,}"/g, '"$1":"of this run"')
      .replaceAll(/"uploaded_at":("[^"]*"|\d+)/g, '"uploaded_at":0'),
  );
}

async function playToTheEnd(): Promise<void> {
  const [leased] = await run.rows<{ batch: number; attempt: number }>(
    "SELECT batch, attempt FROM batches WHERE state = 'leased'",
  );
  await reportOutcome(run, leased!, OK);
  await run.api.queued(manifestOf(8, 1, entriesOf([LINES], "f7-")));
  await run.settle();
  await openFile(run, 9, [LINES]);
  await acted(run, { do: "retry_file", file: 4, allowDuplicates: false }, "it is back");
  await openFile(run, 4, [LINES, LINES]);
  await acted(run, { do: "accept_file", file: 10, send: false }, "broken");
  await acted(run, { do: "retry_all" });
  await run.settle();
  await sendAll(run);
  await run.wait(HOUR);
}

const CODES = [
  "file_accepted",
  "http_400",
  "http_503",
  "inherited_delivered",
  "inherited_uncertain",
  "resolved_delivered",
  "resolved_discarded",
  "same_as",
  "stranded",
  "superseded",
];

async function reasonCodes(): Promise<string[]> {
  const rows = await run.rows<{ code: string }>(
    "SELECT DISTINCT reason_code AS code FROM batches WHERE reason_code IS NOT NULL ORDER BY 1",
  );
  return rows.map(({ code }) => code);
}

const NO_WORK = {
  lines_per_second_peak: null, sending_seconds: null, bytes: null, operations: null, cost_usd: null,
}; // prettier-ignore

/** Plays the scenario. With `last`, code of that migration wrote the rows of the first half. */
async function play(last: "0011-suspects" | null): Promise<{ halfWay: unknown; end: unknown }> {
  const earlier = await playEarlierRun();
  await playSettled();
  await playUnderWay();
  await beginWalk();
  const before = await everything(earlier);
  expect(await reasonCodes()).toEqual(CODES);
  if (last !== null) {
    await leftBy(run, last);
    const [waits] = await run.rows<{ n: number }>(
      "SELECT count(*) AS n FROM batches WHERE due_at IS NOT NULL",
    );
    expect(waits!.n).toBeGreaterThan(3);
  }
  await run.evict();
  await run.api.status();
  const halfWay = await everything(earlier);
  expect(halfWay).toEqual(before);
  await run.expectBalanced();
  await playToTheEnd();
  await run.expectBalanced();
  const status = await run.status();
  // A run that older code started has not stored its minutes without a file or the cost of its work.
  const summary = status.summary.replace(/; \d+ of \d+ minutes have no raw file/, "");
  const comparable = { ...status, summary, uncovered: null, uncovered_seconds: null, ...NO_WORK };
  return { halfWay, end: [await everything(earlier), withoutIds(comparable, earlier)] };
}

it("keeps every row and every shown reason, and ends as a run that began with the new columns", async () => {
  const control = await play(null);
  expect(await run.stage()).toBe("sent_waiting_cleanup");
  run.fresh();
  const migrated = await play("0011-suspects");
  expect(migrated).toEqual(control);
});
