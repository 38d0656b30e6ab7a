// A fiftieth of the scale simulation (npm run bench -- --scale): 1,400 files and 70,000 batches in one Durable
// Object. The cost of a claim, a status or a page must not depend on the size or progress of the run.
import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, expect, it } from "vitest";
import { drive, type Driven } from "../../bench/scale/drive.ts";
import { LINES_PER_BATCH, deliver, fill } from "../../bench/scale/fill.ts";
import type { BackfillRunApi } from "../../src/contract/run.ts";
import { RunStore } from "../../durable-objects/backfill-run/ledger/store.ts";
import { countRows } from "../support/count-rows.ts";
import { RunUnderTest } from "../support/run-under-test.ts";
import { RECEIVER } from "../support/run-work.ts";

const FILES = 1_400;
const BATCHES = 50;
const TRANSITIONS = 300;
/** Files in one turn that fills or delivers. */
const CHUNK = 100;
/** How much more a claim may cost at the end of the run than at its beginning. The bench has the same bound for its
 * time. The test counts rows, because times of a shared machine vary. */
const MOST_GROWTH = 1.3;
/** A status reads the rows of sums, and at most 100 problems of each kind. */
const STATUS_ROWS = 1_000;

const run = new RunUnderTest();
beforeEach(() => run.setUp());
afterEach(() => run.tearDown());

type Work<T> = (object: BackfillRunApi, store: RunStore, storage: DurableObjectStorage) => T | Promise<T>;

function inside<T>(work: Work<T>): Promise<T> {
  return runInDurableObject(run.stub, (object, { storage }) =>
    work(object as unknown as BackfillRunApi, new RunStore(storage), storage),
  );
}

function driven(views: boolean): Promise<Driven> {
  const load = { transitions: TRANSITIONS, lanes: 6, files: FILES, batches: FILES * BATCHES };
  return drive(run.api, { ...load, receiver: RECEIVER, views });
}

/** The rows that SQLite read for this many claims and reports. */
async function rowsRead(): Promise<number> {
  return (await countRows(run.stub, () => driven(false))).read;
}

/** The rows that SQLite reads for one status. */
async function statusRows(): Promise<number> {
  return (await countRows(run.stub, () => run.api.status())).read;
}

it("costs the same for a claim, a status and a page at the beginning and end of a large run", async () => {
  await run.start({ maxLinesPerSecond: 1_000_000_000, maxInFlight: 1_000 });
  for (let first = 1; first <= FILES; first += CHUNK)
    await inside((object, store) => fill(object, store, { first, count: CHUNK, batches: BATCHES }));
  await driven(true);
  const beginning = await rowsRead();
  const spare = Math.ceil((TRANSITIONS * 3) / BATCHES);
  for (let at = 1; at < FILES - spare; at += CHUNK)
    await inside((_object, store) => deliver(store, at, Math.min(FILES - spare, at + CHUNK)));
  await driven(true);
  const end = await rowsRead();

  expect(beginning).toBeGreaterThan(TRANSITIONS);
  expect(end / beginning).toBeLessThanOrEqual(MOST_GROWTH);
  // This test counts rows. The bench measures the time.
  expect(await statusRows()).toBeLessThanOrEqual(STATUS_ROWS);
  await run.settle();
  const { lines } = await run.status();
  expect(lines.sent + lines.pending).toBe(FILES * BATCHES * LINES_PER_BATCH);
}, 60_000);
