// Turns the R2 object of a claimed file into a pack, and into the entries of its manifest.
import type { FileCounts } from "../contract/file-counts.ts";
import type { ManifestEntry } from "../contract/parsing.ts";
import { slabsOf } from "../platform/slabs.ts";
import { liveParse } from "../pipeline/live-index.ts";
import { parseFile } from "../pipeline/parse.ts";
import type { Batch, ParseOutcome } from "../pipeline/types.ts";
import { Superseded, type ClaimedFile } from "./claimed-file.ts";
import type { LiveWork } from "./live-claim.ts";
import { NoPack, PackWriter } from "./pack-writer.ts";

interface ObjectParse {
  outcome: ParseOutcome;
  /** The batches that are in the pack. */
  entries: ManifestEntry[];
  pack: PackWriter | NoPack;
}

/** Gets the R2 object that the run listed. If another object has its key now, gets only the facts of that object. An
 * empty etag means any R2 object with this key. */
export async function listedObject(
  bucket: R2Bucket,
  key: string,
  etag: string,
): Promise<R2ObjectBody | R2Object | null> {
  return etag === "" ? bucket.get(key) : bucket.get(key, { onlyIf: { etagMatches: etag } });
}

/** The pack is complete when the object is not corrupt. There is no pack when it is corrupt.
 * @throws Superseded when the lease is lost. Then there is no pack either. */
export async function parseObject(
  bucket: R2Bucket,
  file: ClaimedFile,
  object: R2ObjectBody,
  live: LiveWork | null,
): Promise<ObjectParse> {
  let parsed = await parseBody(bucket, file, object, { live, skips: true });
  if (live && parsed.outcome.kind === "ok" && skippedBlindly(parsed.outcome.counts)) {
    // It is not known which records were skipped. So the file is parsed again, and no record is skipped.
    await parsed.pack.abandon();
    const again = await listedObject(bucket, file.claim.key, object.etag);
    if (again === null || !("body" in again)) throw new Error("the object changed between two parses");
    parsed = await parseBody(bucket, file, again, { live, skips: false });
  }
  if (parsed.outcome.kind === "ok") await parsed.pack.close();
  else await parsed.pack.abandon();
  return parsed;
}

async function parseBody(
  bucket: R2Bucket,
  file: ClaimedFile,
  { body }: R2ObjectBody,
  { live, skips }: { live: LiveWork | null; skips: boolean },
): Promise<ObjectParse> {
  const { key, packKey, parse: spec } = file.claim;
  const pack =
    packKey === null
      ? new NoPack()
      : new PackWriter(bucket, packKey, (uploadId) => file.uploadStarted(uploadId));
  const entries: ManifestEntry[] = [];
  const take = async (batch: Batch): Promise<void> => {
    file.assertLease();
    entries.push({ ...factsOf(batch), ...pack.place(batch.body) });
    await pack.add(batch.body);
  };
  const rest = async (): Promise<void> => {
    file.assertLease();
    // In a Worker, only a return to the event loop lets other work run. `wait(0)` does not return to it.
    await scheduler.wait(1);
  };
  try {
    const slabs = slabsOf(body as ReadableStream<Uint8Array>);
    const markers = live ? liveParse(live.claim.batchSize, live.markers, skips) : undefined;
    const outcome = await parseFile(slabs, { key }, spec, take, { now: () => Date.now(), rest }, markers);
    return { outcome, entries, pack };
  } catch (error) {
    // After any other error this parser may still have the lease. The run then deletes the pack.
    if (error instanceof Superseded) await pack.abandon();
    throw error;
  }
}

function skippedBlindly({ dropped, live }: FileCounts): boolean {
  return live !== undefined && live.borders !== "known" && (dropped.delivered_live ?? 0) > 0;
}

function factsOf(batch: Batch): Omit<ManifestEntry, "offset" | "length"> {
  const { ordinal, lines, digest, rawBytes, firstRayId, lastRayId } = batch;
  return { ordinal, lines, digest, rawBytes, firstRayId, lastRayId };
}
