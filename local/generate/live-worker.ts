// Writes the R2 objects that a live worker would have left in the bucket, and the expected result. Shares no code
// with the product, because tests compare the product with this file. So this file
// repeats the rules for the names of markers and for the ends of batches.
import { createWriteStream, existsSync, readdirSync } from "node:fs";
import { link, mkdir, stat, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { dirname, join, resolve } from "node:path";
import { batchStates, liveBatchSize, planLive, type BatchState, type Fate, type LiveOptions } from "./live-plan.ts"; // prettier-ignore
import { coverageTruth, type LiveFileTruth } from "./live-truth.ts";
import type { LogFilePlan } from "./log-file.ts";

interface Bucket {
  outDir: string;
  startMs: number;
  endMs: number;
}

export class LiveWorker {
  readonly plans: LogFilePlan[];
  readonly #options: LiveOptions;
  readonly #bucket: Bucket;
  readonly #fates: Map<string, { plan: LogFilePlan; fate: Fate }>;
  readonly #files: LiveFileTruth[] = [];
  /** The path of the first marker. Further markers are links to this file. */
  #marker: string | null = null;
  #markers = 0;
  #foreign = 0;

  constructor(options: LiveOptions, bucket: Bucket, plans: readonly LogFilePlan[]) {
    this.#options = options;
    this.#bucket = bucket;
    const folder = join(bucket.outDir, this.#prefix());
    // Markers of earlier calls would make the expected result wrong.
    if (existsSync(folder) && readdirSync(folder).length > 0) throw new Error(`${folder} is not empty`);
    const planned = planLive(options, plans);
    this.plans = planned.map(({ plan }) => plan);
    this.#fates = new Map(planned.map((one) => [one.plan.key, one]));
  }

  /** Writes the R2 objects of one raw file: its markers and waiting batches. `rayIds` has one entry for each JSON
   * line of the file, in file order, subrequests included. */
  async deliver(key: string, rayIds: readonly string[]): Promise<void> {
    const { plan, fate } = this.#fates.get(key)!;
    const size = liveBatchSize(this.#options);
    const states = batchStates(fate, Math.ceil(rayIds.length / size), key);
    for (const [index, state] of states.entries()) await this.#leave(key, index, state);
    const inState = (...wanted: BatchState[]) =>
      rayIds.filter((rayId, record) => rayId !== "" && wanted.includes(states[Math.floor(record / size)]!));
    this.#files.push({
      key,
      safe_key: safeKey(key),
      start: iso(plan.fromSecond),
      end: iso(plan.toSecond),
      bytes: (await stat(plan.path)).size,
      records: rayIds.length,
      batches: states.join(""),
      delivered_ray_ids: inState("d", "x"),
      waiting_ray_ids: inState("w"),
      missing_ray_ids: inState("n"),
    });
  }

  /** Writes the truth file and returns its path. */
  async finish(): Promise<string> {
    if (this.#options.foreign) await this.#addForeign();
    const path = this.#options.truthPath ?? `${resolve(this.#bucket.outDir)}.live.ndjson`;
    await mkdir(dirname(path), { recursive: true });
    const coverage = coverageTruth(this.#files, {
      startSecond: this.#bucket.startMs / 1_000,
      endSecond: this.#bucket.endMs / 1_000,
      expiredBefore: this.#options.expiredBefore ?? null,
      isThin: (second) => (this.#options.thin ?? []).some(({ from, to }) => second >= from && second < to),
    });
    const out = createWriteStream(path);
    const head = {
      kind: "coverage",
      live_prefix: this.#prefix(),
      live_batch_size: liveBatchSize(this.#options),
      markers: this.#markers,
      foreign: this.#foreign,
      asked_holes: (this.#options.holes ?? []).map(({ from, to }) => ({ start: iso(from), end: iso(to) })),
      ...coverage,
    };
    out.write(`${JSON.stringify(head)}\n`);
    for (const file of this.#files) {
      if (!out.write(`${JSON.stringify({ kind: "file", ...file })}\n`)) await once(out, "drain");
    }
    out.end();
    await once(out, "close");
    return path;
  }

  #prefix(): string {
    return this.#options.prefix ?? "processed/";
  }

  /** Writes the R2 object of one batch: a marker for a delivered batch, a text for a waiting batch. */
  async #leave(key: string, index: number, state: BatchState): Promise<void> {
    if (state === "n" || state === "x") return;
    const path = join(this.#bucket.outDir, `${this.#prefix()}${safeKey(key)}-${index}.txt`);
    this.#markers += 1;
    if (state === "d") return this.#mark(`${path}.done`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `batch ${index} of ${key}\n`);
  }

  /** Writes a marker. All markers are links to one file, because separate files would take 4 KB of disk each. */
  async #mark(path: string): Promise<void> {
    if (this.#marker !== null) {
      try {
        return await link(this.#marker, path);
      } catch {
        // The file system has no links, or allows no more links to this file.
      }
    }
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, "1");
    this.#marker = path;
  }

  /** Adds R2 objects of other programs below the prefix. None of these R2 objects is a marker of a raw file of this
   * bucket. */
  async #addForeign(): Promise<void> {
    const safe = safeKey(this.plans[0]?.key ?? "logs/");
    const names = [
      "README.md",
      "-0.txt.done",
      `${safe}.txt.done`,
      `${safe}-x.txt.done`,
      `${safe}-00.txt.done`,
      `${safe}-0.txt.failed`,
      `backup/${safe}-0.txt.done`,
      "dns_logs_20260422_20260422T000000Z_20260422T000030Z_0a1b2c3d_log_gz-0.txt.done",
    ];
    for (const name of names) {
      const path = join(this.#bucket.outDir, this.#prefix(), name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, "1");
    }
    this.#foreign = names.length;
  }
}

/** The live worker's own rule. Any character but a letter, a digit, "_" and "-" becomes "_". */
function safeKey(key: string): string {
  return key
    .split("")
    .map((char) => (/[a-zA-Z0-9_-]/.test(char) ? char : "_"))
    .join("");
}

function iso(second: number): string {
  return new Date(second * 1_000).toISOString().replace(".000Z", "Z");
}
