// GET /runs/:id/rays/:ray: shows whether the run sent one request. Parses the raw files again, which gives the same
// batches, so the packs are not needed. One call of the route has a time limit. The next request continues with the
// next file.
import type { RayAnswer } from "../../contract/api/api-types.ts";
import { markerPrefix } from "../../contract/live.ts";
import type { BackfillRunApi } from "../../contract/run.ts";
import type { RayDelivery, RayFile, RayVerdict } from "../../contract/rays.ts";
import { liveParse } from "../../pipeline/live-index.ts";
import { RaySearch, searchFile, type RayFound } from "../../pipeline/ray-search.ts";
import type { ParseOutcome, WorkClock } from "../../pipeline/types.ts";
import { slabsOf } from "../../platform/slabs.ts";
import { answer, type Context } from "../context.ts";
import { problem, type Refusal } from "../problems/problems.ts";
import { readRayQuery } from "./ray-query.ts";
import { badCursorProblem, type RunRoute, withRun } from "./run-route.ts";

/** A search is given up after this time, also within a file. A file of a million records takes about 15 s. */
const MAX_MS = 20_000;
/** The most places of the RayID, over all files, that one answer lists. */
const MAX_FOUND = 50;
const MAX_CHARS = 2_000_000;

type LookedAt = RayAnswer["looked_at"][number];

export async function findRay(route: RunRoute, context: Context): Promise<Response> {
  const read = readRayQuery(route.params["ray"] ?? "", new URL(route.url).searchParams);
  if (!read.ok) return problem(read.refusal);
  const { rayId, files } = read.query;
  return withRun(route, context, async (run, id) => {
    const listed = await run.rayFiles(files);
    if (!listed.ok) return refused(listed, id);
    const search = new Search(context.env.LOGS, rayId);
    let deliveries: RayDelivery[] = [];
    try {
      await search.through(listed.files, listed.isLast);
    } finally {
      // Ends the search also after a failure, so that the run allows the next search.
      deliveries = await deliveriesOf(run, search.found);
    }
    const found = search.found.map(({ file, hit }) => foundView(file, hit, deliveries));
    const { lookedAt, nextCursor } = search;
    const said: RayAnswer = { ray_id: rayId, found, looked_at: lookedAt, next_cursor: nextCursor };
    return answer(200, said);
  });
}

function refused(
  { code, detail }: { code: "unknown_run" | "bad_cursor" | "at_outside" | "query_under_way"; detail: string },
  run: string,
): Response {
  switch (code) {
    case "bad_cursor":
      return badCursorProblem();
    case "unknown_run":
      return problem({ code: "start_unconfirmed", run });
    case "query_under_way":
      return problem({ code, run });
    case "at_outside": {
      const refusal: Refusal = { code: "invalid_query", errors: [{ parameter: "at", detail }] };
      return problem(refusal);
    }
  }
}

class OutOfTime extends Error {}

interface FoundIn {
  file: RayFile;
  hit: RayFound;
}

class Search {
  readonly found: FoundIn[] = [];
  readonly lookedAt: LookedAt[] = [];
  nextCursor: string | null = null;
  readonly #bucket: R2Bucket;
  readonly #rayId: string;
  readonly #until = Date.now() + MAX_MS;
  #chars = 0;

  constructor(bucket: R2Bucket, rayId: string) {
    this.#bucket = bucket;
    this.#rayId = rayId;
  }

  /** Sets `nextCursor` when files are left. If the time ends within a file, the next request searches this file
   * again. If the file was the first of this request, the next request goes on after the file. */
  async through(files: readonly RayFile[], isLast: boolean): Promise<void> {
    for (const [n, file] of files.entries()) {
      const isFull = this.found.length >= MAX_FOUND;
      if (n > 0 && (isFull || Date.now() >= this.#until)) return;
      if (!(await this.#file(file, n === 0))) return;
      this.nextCursor = isLast && n === files.length - 1 ? null : file.cursor;
    }
  }

  /** Searches one file. False: the file must be searched again. */
  async #file(file: RayFile, isFirst: boolean): Promise<boolean> {
    const { key, etag } = file;
    const object = await this.#bucket.get(key, etag === "" ? {} : { onlyIf: { etagMatches: etag } });
    if (object === null)
      return this.#looked(file, "raw_object_gone", "the object is no longer in the bucket");
    if (!("body" in object))
      return this.#looked(file, "raw_object_changed", "the object is another one than the run parsed");
    const bounds = { occurrences: MAX_FOUND - this.found.length, chars: MAX_CHARS - this.#chars };
    const search = new RaySearch(this.#rayId, bounds, file.live?.batchSize ?? null);
    const clock: WorkClock = { now: () => Date.now(), rest: () => this.#rest() };
    const slabs = slabsOf(object.body as ReadableStream<Uint8Array>);
    const live = file.live && liveParse(file.live.batchSize, file.live.markers, file.live.skips);
    let outcome: ParseOutcome;
    try {
      outcome = await searchFile(slabs, { key }, file.parse, search, clock, live ?? undefined);
    } catch (error) {
      if (!(error instanceof OutOfTime)) throw error;
      if (!isFirst) return false;
      this.#keep(file, search);
      return this.#looked(file, "out_of_time", "the file takes too long to search", search);
    }
    this.#keep(file, search);
    if (outcome.kind === "corrupt")
      return this.#looked(file, "damaged", `${outcome.reason}: ${outcome.detail}`, search);
    const { salvaged } = outcome;
    const part = salvaged && `only the first ${salvaged.lines} lines can be read`;
    return this.#looked(file, "searched", part, search);
  }

  async #rest(): Promise<void> {
    if (Date.now() >= this.#until) throw new OutOfTime();
    // In a Worker, Date.now() advances only after a return to the event loop. `wait(0)` does not return to it.
    await scheduler.wait(1);
  }

  #keep(file: RayFile, { found }: RaySearch): void {
    this.found.push(...found.map((hit) => ({ file, hit })));
    for (const { text } of found) this.#chars += text?.length ?? 0;
  }

  #looked(
    { file, key, state, earlierObjectBatches }: RayFile,
    result: LookedAt["result"],
    detail: string | null,
    search: RaySearch | null = null,
  ): true {
    const occurrences = search?.occurrences ?? 0;
    const row = { file, key, state, result, detail, occurrences };
    this.lookedAt.push({ ...row, earlier_object_batches: earlierObjectBatches });
    return true;
  }
}

/** The run's answers about the kept lines, in their order. */
async function deliveriesOf(run: BackfillRunApi, found: readonly FoundIn[]): Promise<RayDelivery[]> {
  const kept = found.filter(({ hit }) => hit.fate === "kept");
  const lines = kept.map(({ file, hit }) => ({ file: file.file, place: hit.place }));
  const answered = await run.rayDeliveries(lines);
  return answered.ok ? answered.deliveries : [];
}

/** Takes the next entry of `deliveries` for a kept line. */
function foundView(
  { file, key, live }: RayFile,
  hit: RayFound,
  deliveries: RayDelivery[],
): RayAnswer["found"][number] {
  const { line, fate, reason, text, liveBatch } = hit;
  const delivery = fate === "kept" ? deliveries.shift() : undefined;
  const marker =
    live === null || liveBatch === null ? null : `${markerPrefix(live.prefix, key)}${liveBatch}.txt.done`;
  const verdict: RayVerdict =
    reason === "delivered_live" ? "sent_by_live_worker" : fate === "kept" ? "unknown" : "not_sent";
  const detail = marker === null ? `${fate}: ${reason}` : `the live worker delivered it: ${marker}`;
  const dropped = {
    verdict,
    detail,
    deliveries: { certain: 0, possible: 0 },
    batch: null,
    digest: null,
    line_in_batch: null,
    batches: [],
  };
  return { file, key, line, fate, reason, live_marker: marker, ...(delivery ?? dropped), text };
}
