// GET /runs/:id/evidence.zip: the report of an ended run as one archive, with the script that verifies it. Streams: one
// chunk of one part at a time, whatever the run's size. Never writes; a report that is not complete is refused.
import { Zip, ZipDeflate } from "fflate";
import type { ArchivePart } from "../../durable-objects/backfill-run/archive-keys.ts";
import verifyScript from "../evidence/verify-evidence.txt";
import { answerStream, type Context } from "./context.ts";
import { refuseParameters } from "./list-query.ts";
import { problem } from "./problems.ts";
import { withRun, type RunRoute } from "./run-route.ts";

/** Parts are text: the fastest level already takes nine tenths off. */
const LEVEL = 1;

export async function exportEvidence(route: RunRoute, context: Context): Promise<Response> {
  const parameters = refuseParameters(new URL(route.url).searchParams);
  if (parameters) return problem(parameters);
  return withRun(route, context, async (run, id) => {
    const bucket = context.env.LOGS;
    // While it is written anew, the one before says something else than the ledger. What is named here is complete, and
    // nothing below its prefix is written any more: a slow reader gets this report, whatever is decided meanwhile.
    const known = await run.status();
    const report = known.ok ? (known.status["report"] as Partial<WrittenReport> | undefined) : undefined;
    if (!report?.complete || !report.prefix) return problem({ code: "report_not_written", run: id });
    const { prefix } = report;
    const chain = await bucket.get(`${prefix}chain.json`);
    if (chain === null) return problem({ code: "report_not_written", run: id });
    const text = await chain.text();
    const { parts } = JSON.parse(text) as { parts: ArchivePart[] };
    const entries = evidenceOf(bucket, prefix, text, parts);
    const headers = { "Content-Disposition": `attachment; filename="${id}-evidence.zip"` };
    return answerStream("application/zip", zipped(entries), headers);
  });
}

/** What the status says of the report. */
interface WrittenReport {
  prefix: string;
  complete: boolean;
}

interface Entry {
  name: string;
  chunks: AsyncIterable<Uint8Array>;
}

async function* evidenceOf(
  bucket: R2Bucket,
  prefix: string,
  chain: string,
  parts: ArchivePart[],
): AsyncGenerator<Entry> {
  yield { name: "chain.json", chunks: textChunks(chain) };
  yield { name: "verify-evidence.mjs", chunks: textChunks(verifyScript) };
  for (const { name } of parts) {
    const object = await bucket.get(prefix + name);
    if (object === null) throw new Error(`the report lacks ${name}`);
    yield { name, chunks: object.body as ReadableStream<Uint8Array> & AsyncIterable<Uint8Array> };
  }
}

async function* textChunks(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}

/** Each pull compresses until there is something to hand out. */
function zipped(entries: AsyncGenerator<Entry>): ReadableStream<Uint8Array> {
  const ready: Uint8Array[] = [];
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    if (chunk.length > 0) ready.push(chunk);
  });
  const work = compress(zip, entries);
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        let isOver = false;
        while (ready.length === 0 && !isOver) isOver = (await work.next()).done === true;
        for (const chunk of ready.splice(0)) controller.enqueue(chunk);
        if (isOver) controller.close();
      },
      async cancel() {
        await work.return();
      },
    },
    { highWaterMark: 0 },
  );
}

/** Yields after each chunk that went in. */
async function* compress(zip: Zip, entries: AsyncGenerator<Entry>): AsyncGenerator<void, void> {
  for await (const { name, chunks } of entries) {
    const file = new ZipDeflate(name, { level: LEVEL });
    zip.add(file);
    for await (const chunk of chunks) {
      file.push(chunk);
      yield;
    }
    file.push(new Uint8Array(0), true);
    yield;
  }
  zip.end();
}
