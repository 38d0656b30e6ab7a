// Lists and reads a small part of the bucket. Writes nothing.
import { largestIndex } from "../../contract/live.ts";
import { parseLogKey } from "../../pipeline/log-keys.ts";
import type { Config } from "../../platform/config.ts";
import { byKind, listMarkers } from "../../platform/live-markers.ts";
import { errorText } from "../../platform/log.ts";
import type { BucketFacts, SampledFile } from "./facts.ts";
import { readSample } from "./read-sample.ts";
import { DAY_MS } from "../../contract/time-units.ts";

/** How many files are read: the first, the middle and the last file of the newest page. Each file costs one get and
 * one list operation. */
const SAMPLES = 3;
const UNNAMED_SHOWN = 3;
/** The longest part of a key that is shown, because other programs choose the keys and may choose long ones. */
const MAX_KEY_CHARS = 200;

type Bucket = Pick<R2Bucket, "list" | "get">;

export async function gatherBucket(bucket: Bucket, config: Config, now: number): Promise<BucketFacts> {
  const { logPrefix, livePrefix, liveBatchSize } = config;
  const nothing: BucketFacts = {
    listFailed: null,
    logPrefix,
    keys: 0,
    unnamed: [],
    unnamedCount: 0,
    newestUploadedAt: null,
    samples: [],
    livePrefix,
    liveBatchSize,
    hasMarkers: null,
  };
  let page: R2Object[];
  try {
    page = await newestPage(bucket, logPrefix, now);
  } catch (error) {
    return { ...nothing, listFailed: errorText(error).slice(0, MAX_KEY_CHARS) };
  }
  const named = page.filter(({ key }) => parseLogKey(key) !== null);
  const unnamed = page
    .filter(({ key }) => parseLogKey(key) === null)
    .map(({ key }) => key.slice(0, MAX_KEY_CHARS));
  const [samples, hasMarkers] = await Promise.all([
    sampled(bucket, spread(named), config),
    anyMarker(bucket, livePrefix),
  ]);
  return {
    ...nothing,
    keys: page.length,
    unnamed: unnamed.slice(0, UNNAMED_SHOWN),
    unnamedCount: unnamed.length,
    newestUploadedAt: page.length === 0 ? null : Math.max(...page.map(({ uploaded }) => uploaded.getTime())),
    samples,
    hasMarkers,
  };
}

/** Returns one page of keys, with at most four list operations. Tries the folder of the newest day first, then files
 * outside of folders since yesterday, then the oldest keys. */
async function newestPage(bucket: Bucket, prefix: string, now: number): Promise<R2Object[]> {
  const root = await bucket.list({ prefix, delimiter: "/" });
  const days = root.delimitedPrefixes.filter((folder) => /(^|\/)\d{8}\/$/.test(folder)).toSorted();
  const newest = days.at(-1);
  if (newest !== undefined) {
    const { objects } = await bucket.list({ prefix: newest });
    if (objects.length > 0) return objects;
  }
  const yesterday = new Date(now - DAY_MS).toISOString().slice(0, 10).replaceAll("-", "");
  const recent = await bucket.list({ prefix, startAfter: `${prefix}${yesterday}`, delimiter: "/" });
  if (recent.objects.some(({ key }) => parseLogKey(key) !== null)) return recent.objects;
  if (root.objects.length > 0 || root.delimitedPrefixes.length === 0) return root.objects;
  // The prefix has only folders whose names are not days. The R2 objects in these folders show what the prefix
  // contains.
  return (await bucket.list({ prefix })).objects;
}

function spread<T>(items: readonly T[]): T[] {
  const last = items.length - 1;
  const places = new Set(Array.from({ length: SAMPLES }, (_, n) => Math.round((n * last) / (SAMPLES - 1))));
  return [...places].flatMap((place) => items.slice(place, place + 1));
}

async function sampled(bucket: Bucket, objects: readonly R2Object[], config: Config): Promise<SampledFile[]> {
  const files: SampledFile[] = [];
  // Reads one file after the other, because each may need 10 MB of memory.
  for (const object of objects) {
    const markers = await listMarkers((options) => bucket.list(options), config.livePrefix, object.key);
    const maxMarker = largestIndex(byKind(markers));
    files.push(await readSample(bucket, object, config, maxMarker));
  }
  return files;
}

async function anyMarker(bucket: Bucket, prefix: string): Promise<boolean | null> {
  try {
    return (await bucket.list({ prefix, limit: 10 })).objects.some(({ key }) =>
      /-\d+\.txt(\.done)?$/.test(key),
    );
  } catch {
    return null;
  }
}
