// GET /runs/:id/sample: shows a few lines as the receiver would get them. Parses the first files of the run for
// each request. So it works for a dry run, which keeps no lines, and after the packs of a run are deleted.
import type { SampleAnswer } from "../../contract/api/api-types.ts";
import type { SampleFile } from "../../contract/run.ts";
import { liveParse } from "../../pipeline/live-index.ts";
import { parseFileWith } from "../../pipeline/parse.ts";
import { text, withoutControls } from "../../pipeline/transform/text.ts";
import type { ParseWatch, SeenRecord } from "../../pipeline/types.ts";
import { slabsOf } from "../../platform/slabs.ts";
import { answer, type Context } from "../context.ts";
import { readCount } from "../requests/list-query.ts";
import { problem } from "../problems/problems.ts";
import { type RunRoute, withRun } from "./run-route.ts";

const LINES = { parameter: "n", min: 1, max: 100, default: 10 };
/** After this time, the parse of a file without a kept line ends, and no further file is begun. */
const MAX_MS = 5_000;
const MAX_RAY_ID_CHARS = 64;

type SampleLine = SampleAnswer["items"][number];

export async function showSample(route: RunRoute, context: Context): Promise<Response> {
  const read = readCount(new URL(route.url).searchParams, LINES);
  if (!read.ok) return problem(read.refusal);
  return withRun(route, context, async (run, id) => {
    const source = await run.sampleSource();
    if (!source.ok) return problem({ code: "start_unconfirmed", run: id });
    const { items, unread }: SampleAnswer = { items: [], unread: [] };
    const until = Date.now() + MAX_MS;
    for (const sampled of source.files) {
      const { file, key } = sampled;
      const left = read.query - items.length;
      if (left === 0 || Date.now() >= until) break;
      const found = await linesOf(context.env.LOGS, sampled, left, until);
      items.push(...found.lines.map((line) => ({ file, key, ...line })));
      if (found.reason !== null) unread.push({ file, key, reason: found.reason });
    }
    return answer(200, { items, unread });
  });
}

class Enough extends Error {}

type Line = Omit<SampleLine, "file" | "key">;

/** Takes the first `count` kept lines, then ends the parse. */
class FirstLines implements ParseWatch {
  readonly lines: Line[] = [];
  readonly #count: number;

  constructor(count: number) {
    this.#count = count;
  }

  wants(): boolean {
    return false;
  }

  record({ record, line, text: formatted }: SeenRecord): void {
    if (formatted === null) return;
    const rayId = withoutControls(text(record.RayID)).slice(0, MAX_RAY_ID_CHARS);
    this.lines.push({ line, ray_id: rayId, text: formatted.slice(0, -1) });
    if (this.lines.length === this.#count) throw new Enough();
  }

  malformed(): void {}
}

/** The first `count` lines of one raw log object. `reason`: why the R2 object may have more lines. */
async function linesOf(
  bucket: R2Bucket,
  { key, etag, parse, live }: SampleFile,
  count: number,
  until: number,
): Promise<{ lines: Line[]; reason: string | null }> {
  const object = await bucket.get(key, etag === "" ? {} : { onlyIf: { etagMatches: etag } });
  if (object === null) return { lines: [], reason: "missing" };
  if (!("body" in object)) return { lines: [], reason: "changed" };
  const watch = new FirstLines(count);
  const { lines } = watch;
  const rest = async (): Promise<void> => {
    if (Date.now() >= until) throw new Enough();
    // In a Worker, Date.now() advances only after a return to the event loop. `wait(0)` does not return to it.
    await scheduler.wait(1);
  };
  const skips = live ? liveParse(live.batchSize, live.markers, live.skips) : undefined;
  try {
    const slabs = slabsOf(object.body as ReadableStream<Uint8Array>);
    const clock = { now: () => Date.now(), rest };
    const spec = { ...parse, gzipLevel: null };
    const parseFile = parseFileWith({ rejectEarly: true, watch });
    const outcome = await parseFile(slabs, { key }, spec, async () => {}, clock, skips);
    return { lines, reason: outcome.kind === "corrupt" ? outcome.reason : null };
  } catch (error) {
    if (!(error instanceof Enough)) throw error;
    return { lines, reason: lines.length === count ? null : "out_of_time" };
  }
}
