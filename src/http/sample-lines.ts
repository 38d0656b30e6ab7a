// GET /runs/:id/sample: shows a few lines as the receiver would get them. Parses the first files of the run for
// each request. So it works for a dry run, which keeps no lines, and after the packs of a run are deleted.
import type { ParseSpec } from "../contract/parse-spec.ts";
import { parseFile } from "../pipeline/parse.ts";
import type { Batch } from "../pipeline/types.ts";
import { slabsOf } from "../platform/slabs.ts";
import { answer, type Context } from "./context.ts";
import { readCount } from "./list-query.ts";
import { problem } from "./problems.ts";
import { type RunRoute, withRun } from "./run-route.ts";

const LINES = { parameter: "n", min: 1, max: 100, default: 10 };
/** After this time, no further file is begun, and a file without a kept line is given up. */
const MAX_MS = 5_000;

interface SampleLine {
  file: number;
  key: string;
  /** The number of the line among the lines that the file gives, from 1. */
  line: number;
  ray_id: string;
  text: string;
}
interface Unread {
  file: number;
  key: string;
  reason: string;
}

export async function showSample(route: RunRoute, context: Context): Promise<Response> {
  const read = readCount(new URL(route.url).searchParams, LINES);
  if (!read.ok) return problem(read.refusal);
  return withRun(route, context, async (run, id) => {
    const source = await run.sampleSource();
    if (!source.ok) return problem({ code: "start_unconfirmed", run: id });
    const items: SampleLine[] = [];
    const unread: Unread[] = [];
    const until = Date.now() + MAX_MS;
    for (const { file, key, etag, parse } of source.files) {
      const left = read.query - items.length;
      if (left === 0 || Date.now() >= until) break;
      const found = await linesOf(context.env.LOGS, { key, etag, parse }, left, until);
      items.push(...found.lines.map((line) => ({ file, key, ...line })));
      if (found.reason !== null) unread.push({ file, key, reason: found.reason });
    }
    return answer(200, { items, unread });
  });
}

class Enough extends Error {}

/** The first `count` lines of one object. `reason` says why there may be more lines. */
async function linesOf(
  bucket: R2Bucket,
  { key, etag, parse }: { key: string; etag: string; parse: ParseSpec },
  count: number,
  until: number,
): Promise<{ lines: Omit<SampleLine, "file" | "key">[]; reason: string | null }> {
  const object = await bucket.get(key, etag === "" ? {} : { onlyIf: { etagMatches: etag } });
  if (object === null) return { lines: [], reason: "missing" };
  if (!("body" in object)) return { lines: [], reason: "changed" };
  const lines: Omit<SampleLine, "file" | "key">[] = [];
  const take = async (batch: Batch): Promise<void> => {
    const text = new TextDecoder().decode(batch.body).replace(/\n$/, "");
    lines.push({ line: lines.length + 1, ray_id: batch.firstRayId, text });
    if (lines.length === count) throw new Enough();
  };
  const rest = async (): Promise<void> => {
    if (Date.now() >= until) throw new Enough();
    // `wait(0)` would not return to the event loop, and the clock advances only there.
    await scheduler.wait(1);
  };
  // Each batch has one line and is not compressed, so its bytes are the line.
  const spec = { ...parse, batchLines: 1, gzipLevel: null };
  try {
    const slabs = slabsOf(object.body as ReadableStream<Uint8Array>);
    const outcome = await parseFile(slabs, { key }, spec, take, { now: () => Date.now(), rest });
    return { lines, reason: outcome.kind === "corrupt" ? outcome.reason : null };
  } catch (error) {
    if (!(error instanceof Enough)) throw error;
    return { lines, reason: lines.length === count ? null : "out_of_time" };
  }
}
