// GET /runs/:id/evidence.zip: the report of an ended run as one archive, with the script that verifies it. Streams: one
// chunk of one part at a time, whatever the run's size. Never writes; a report that is not complete is refused, and so is
// one that is not what the run wrote: the bucket is only where it lies, the ledger says what it is.
import { createHash } from "node:crypto";
import { Zip, ZipDeflate } from "fflate";
import type { ArchivePart } from "../contract/report.ts";
import verifyScript from "../evidence/verify-evidence.txt";
import { checkChain, maxChainBytes, partFault, type WrittenReport } from "./check-chain.ts";
import { answerStream, type Context } from "./context.ts";
import { refuseParameters } from "./list-query.ts";
import { problem } from "./problems.ts";
import { type RunRoute, withRun } from "./run-route.ts";

/** Parts are text: the fastest level already takes nine tenths off. */
const LEVEL = 1;
/** Parts read at once while they are checked: an invocation has six connections. */
const PARALLEL_READS = 4;

export async function exportEvidence(route: RunRoute, context: Context): Promise<Response> {
  const parameters = refuseParameters(new URL(route.url).searchParams);
  if (parameters) return problem(parameters);
  return withRun(route, context, async (run, id) => {
    const bucket = context.env.LOGS;
    // While it is written anew, the one before says something else than the ledger. What is named here is complete, and
    // nothing below its prefix is written any more: a slow reader gets this report, whatever is decided meanwhile.
    const known = await run.status();
    const report = known.ok ? (known.status["report"] as Partial<WrittenReport> | undefined) : undefined;
    if (!isWritten(report)) return problem({ code: "report_not_written", run: id });
    // from here on it stays, whatever is written after it
    const isKept = report.generation === null || (await run.reportRead(report.generation));
    if (!isKept) return problem({ code: "report_not_written", run: id });
    const { prefix } = report;
    const damaged = (detail: string) => {
      context.log("error", "http.report_damaged", { run: id, prefix, detail });
      return problem({ code: "report_damaged", run: id, prefix, detail });
    };
    const text = await chainText(bucket, report);
    if (text === null) return damaged("chain.json is missing, or longer than any that a run writes");
    const chain = checkChain(text, id, report);
    if (!chain.ok) return damaged(chain.detail);
    // All of it before the first byte leaves: an answer that has begun cannot be refused any more.
    const fault = await firstFault(bucket, prefix, chain.parts);
    if (fault !== null) return damaged(fault);
    const entries = evidenceOf(bucket, prefix, text, chain.parts);
    const headers = { "Content-Disposition": `attachment; filename="${id}-evidence.zip"` };
    return answerStream("application/zip", zipped(entries), headers);
  });
}

function isWritten(report: Partial<WrittenReport> | undefined): report is WrittenReport {
  return report?.complete === true && typeof report.prefix === "string" && typeof report.parts === "number";
}

async function chainText(bucket: R2Bucket, report: WrittenReport): Promise<string | null> {
  const object = await bucket.get(`${report.prefix}chain.json`);
  if (object === null) return null;
  if (object.size <= maxChainBytes(report)) return object.text();
  await object.body.cancel();
  return null;
}

/** Reads each part once, a chunk at a time. */
async function firstFault(bucket: R2Bucket, prefix: string, parts: ArchivePart[]): Promise<string | null> {
  const waiting = parts.values();
  const faults: string[] = [];
  const lane = async () => {
    for (const part of waiting) {
      if (faults.length > 0) return;
      const fault = partFault(part, await digestOf(bucket, prefix + part.name, part.bytes));
      if (fault !== null) faults.push(fault);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL_READS }, lane));
  return faults[0] ?? null;
}

/** The hash is left empty where the size decides already: somebody else's object may be of any size. */
async function digestOf(bucket: R2Bucket, key: string, expectedBytes: number) {
  const object = await bucket.get(key);
  if (object === null) return null;
  if (object.size !== expectedBytes) {
    await object.body.cancel();
    return { bytes: object.size, sha256: "" };
  }
  const hash = createHash("sha256");
  for await (const chunk of object.body as Chunks) hash.update(chunk);
  return { bytes: object.size, sha256: hash.digest("hex") };
}

type Chunks = ReadableStream<Uint8Array> & AsyncIterable<Uint8Array>;

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
  for (const part of parts) yield { name: part.name, chunks: checkedChunks(bucket, prefix, part) };
}

/** Once more on the way out: an object that was changed after the check breaks the answer off, and it does not unzip. */
async function* checkedChunks(
  bucket: R2Bucket,
  prefix: string,
  part: ArchivePart,
): AsyncGenerator<Uint8Array> {
  const object = await bucket.get(prefix + part.name);
  if (object === null || object.size !== part.bytes) throw new Error(`the report lacks ${part.name}`);
  const hash = createHash("sha256");
  for await (const chunk of object.body as Chunks) {
    hash.update(chunk);
    yield chunk;
  }
  const fault = partFault(part, { bytes: object.size, sha256: hash.digest("hex") });
  if (fault !== null) throw new Error(fault);
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
