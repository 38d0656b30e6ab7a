// Makes a run large: adds many files and batches and marks them as delivered. Uses the run's own methods and store,
// so the rows are the same as in a real run of that size.
import type { BackfillRunApi } from "../../src/contract/run.ts";
import { compactSecond } from "../../src/contract/run-id.ts";
import type { FileClaim, ManifestEntry, ManifestPage } from "../../src/contract/parsing.ts";
import type { RunStore } from "../../durable-objects/backfill-run/ledger/store.ts";

export const LINES_PER_BATCH = 1_000;
const SPAN_MS = 8_640;
const PACKED_BYTES = 143_000;

type Parsing = Pick<BackfillRunApi, "claimFile" | "queued">;

/** Adds `count` listed files, the first with the number `first`. Afterwards reports each file as parsed into
 * `batches` batches. */
export async function fill(
  run: Parsing,
  store: RunStore,
  { first, count, batches }: { first: number; count: number; batches: number },
): Promise<void> {
  const window = store.run.spec(store.run.read()!).parse;
  const { startMs } = window;
  store.transaction(() => {
    store.files.insertListed(
      Array.from({ length: count }, (_, n) => {
        const range = {
          range_start: startMs + (first + n) * SPAN_MS,
          range_end: startMs + (first + n + 1) * SPAN_MS,
        };
        return {
          file: first + n,
          key: keyOf(range),
          size: 22_000_000,
          etag: `etag-${first + n}`,
          uploaded_at: 0,
          ...range,
        };
      }),
      window,
    );
    store.run.update({ next_file: first + count });
  });
  for (let file = first; file < first + count; file += 1) await open(run, file, entries(file, batches));
}

function keyOf({ range_start, range_end }: { range_start: number; range_end: number }): string {
  return `logs/${compactSecond(range_start).slice(0, 8)}/${compactSecond(range_start)}_${compactSecond(range_end)}_${range_start.toString(16)}.log.gz`;
}

export function entries(file: number, batches: number): ManifestEntry[] {
  return Array.from({ length: batches }, (_, ordinal) => ({
    ordinal,
    lines: LINES_PER_BATCH,
    digest: (file * 1_000_003 + ordinal).toString(16).padStart(64, "0"),
    rawBytes: 793_000,
    offset: ordinal * PACKED_BYTES,
    length: PACKED_BYTES,
    firstRayId: (file * 4_096 + ordinal).toString(16).padStart(16, "0"),
    lastRayId: (file * 4_096 + ordinal).toString(16).padStart(16, "f"),
  }));
}

async function open(run: Parsing, file: number, manifest: ManifestEntry[]): Promise<void> {
  const claim = await run.claimFile(file);
  if (!claim.ok) throw new Error(claim.detail);
  const answer = await run.queued(pageOf(claim, file, manifest));
  if (!answer.ok) throw new Error(answer.detail);
}

/** The only page of the file's manifest, as a parser reports it. */
export function pageOf(claim: FileClaim, file: number, manifest: ManifestEntry[]): ManifestPage {
  const kept = manifest.length * LINES_PER_BATCH;
  return {
    file,
    attempt: claim.attempt,
    page: 0,
    pages: 1,
    batches: manifest.length,
    entries: manifest,
    etag: claim.etag,
    counts: {
      bytesRead: 22_000_000,
      rawBytes: 227_000_000,
      linesRead: kept * 2,
      emptyLines: 0,
      kept,
      malformed: 0,
      dropped: { not_top_level: kept, invalid_timestamp: 0, outside_window: 0, repeated_ray_id: 0 },
      sanitizedFields: 0,
      repeatedRayIds: 0,
      untrackedRayIds: 0,
      firstKeptMs: claim.parse.startMs,
      lastKeptMs: claim.parse.startMs,
      readableTimestamps: kept,
      parentRayIdAbsent: 0,
      samples: [],
    },
    salvaged: null,
  };
}

/** Sets the files [from, to) to the state that they have when every batch was delivered at its first attempt. */
export function deliver(store: RunStore, from: number, to: number): void {
  store.transaction(() => {
    for (let number = from; number < to; number += 1) {
      const file = store.files.get(number)!;
      for (const batch of store.batches.ofFile(file.first_batch!, file.batch_count)) {
        if (batch.state === "pending") store.moveBatch(batch, "done", { attempt: 1, done_attempt: 1 });
      }
      store.files.update(number, { fresh: null, posted: 1 });
    }
  });
}
