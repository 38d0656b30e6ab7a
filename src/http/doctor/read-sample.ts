// Reads the first records of one raw file. Reads all records if the file has markers of a live worker. Time and size
// are limited.
import { liveParse } from "../../pipeline/live-index.ts";
import { NO_MARKERS } from "../../contract/live.ts";
import { unsetParent, isWorkerSubrequest } from "../../pipeline/filter.ts";
import { parseLogKey } from "../../pipeline/log-keys.ts";
import { parseFileWith } from "../../pipeline/parse.ts";
import type { ParseWatch, SeenRecord } from "../../pipeline/types.ts";
import { defaultRun } from "../../platform/default-run.ts";
import type { Config } from "../../platform/config.ts";
import { slabsOf } from "../../platform/slabs.ts";
import type { SampledFile } from "./facts.ts";
import { timestampForm } from "./timestamp-form.ts";
import { DAY_MS } from "../../contract/time-units.ts";

/** How many records are enough to see the form of a file. */
const RECORDS = 200;
/** A file with markers is read to its end only up to this compressed size. */
const MAX_WHOLE_BYTES = 16_777_216;
/** The longest time for one file, in ms. */
const MAX_MS = 4_000;
/** The latest instant that a JavaScript Date can represent, in epoch ms. */
const LAST_MS = 8.64e15;
const USUAL_PARENT = "00";

class Enough extends Error {}

export async function readSample(
  bucket: Pick<R2Bucket, "get">,
  { key, size }: Pick<R2Object, "key" | "size">,
  config: Config,
  maxMarker: number | null,
): Promise<SampledFile> {
  const until = Date.now() + MAX_MS;
  const wantsAll = maxMarker !== null && size <= MAX_WHOLE_BYTES;
  const file = emptySample(key, maxMarker);
  const object = await bucket.get(key);
  if (object === null) return { ...file, unread: "the object is gone" };
  const rest = async (): Promise<void> => {
    if (Date.now() >= until) throw new Enough();
    // `wait(0)` does not return to the event loop. Date.now() advances only after a return to the event loop.
    await scheduler.wait(1);
  };
  const asked = {
    startMs: 0,
    endMs: LAST_MS,
    actor: "",
    note: null,
    maxLinesPerSecond: config.maxLinesPerSecond,
  };
  const spec = { ...defaultRun(config, asked).parse, gzipLevel: null };
  // Only the number of records is used, and it does not depend on the batch size. So any batch size will do.
  const live = wantsAll ? liveParse(config.liveBatchSize ?? 1_000, NO_MARKERS, false) : undefined;
  const parseFile = parseFileWith({
    rejectEarly: false,
    watch: new Watch(file, wantsAll ? Infinity : RECORDS),
  });
  try {
    const slabs = slabsOf(object.body as ReadableStream<Uint8Array>);
    const clock = { now: () => Date.now(), rest };
    const outcome = await parseFile(slabs, { key }, spec, async () => {}, clock, live);
    if (outcome.kind === "corrupt") return { ...file, unread: outcome.reason };
    const { live: seen } = outcome.counts;
    const isKnown = seen?.borders === "known";
    return {
      ...file,
      isWhole: true,
      borders: seen?.borders ?? null,
      liveRecords: isKnown ? seen.records : null,
    };
  } catch (error) {
    if (!(error instanceof Enough)) throw error;
    return file;
  }
}

function emptySample(key: string, maxMarker: number | null): SampledFile {
  const { startMs = 0, endMs = 0 } = parseLogKey(key) ?? {};
  return {
    key,
    startMs: Math.min(startMs, endMs),
    endMs: Math.max(startMs, endMs),
    unread: null,
    isWhole: false,
    records: 0,
    malformed: 0,
    forms: {},
    farRecords: 0,
    parents: { usual: 0, absent: 0, zeros: {}, parents: 0 },
    liveRecords: null,
    borders: null,
    maxMarker,
  };
}

/** Counts records and their forms into `file`. Ends the parse after `most` records. */
class Watch implements ParseWatch {
  readonly #file: SampledFile;
  readonly #most: number;

  constructor(file: SampledFile, most: number) {
    this.#file = file;
    this.#most = most;
  }

  wants(): boolean {
    return true;
  }

  record({ record }: SeenRecord): void {
    const file = this.#file;
    file.records += 1;
    const { form, ms } = timestampForm(record.EdgeStartTimestamp);
    file.forms[form] = (file.forms[form] ?? 0) + 1;
    if (ms !== null && (ms < file.startMs - DAY_MS || ms > file.endMs + DAY_MS)) file.farRecords += 1;
    if (!isWorkerSubrequest(record)) this.#countParent(record.ParentRayID, unsetParent(record));
    this.#endAfter();
  }

  malformed(): void {
    this.#file.malformed += 1;
    this.#endAfter();
  }

  #countParent(parent: unknown, unset: "absent" | "zeros" | null): void {
    const { parents } = this.#file;
    const text = typeof parent === "string" || typeof parent === "number" ? `${parent}` : "";
    if (text === USUAL_PARENT) parents.usual += 1;
    else if (unset === "absent") parents.absent += 1;
    else if (unset === "zeros") parents.zeros[text] = (parents.zeros[text] ?? 0) + 1;
    else parents.parents += 1;
  }

  #endAfter(): void {
    if (this.#file.records + this.#file.malformed >= this.#most) throw new Enough();
  }
}
