// GET /runs/:id/evidence.zip: the evidence of an ended run as one archive, with the script that verifies it. Streams
// one chunk of one part at a time, whatever the run's size. Never writes. Refuses evidence that is incomplete, or
// that differs from the ledger, because anyone who may write to the bucket could have replaced it.
import { createHash } from "node:crypto";
import { Zip, ZipDeflate } from "fflate";
import type { ArchivePart, EvidenceView } from "../../contract/report.ts";
import verifyScript from "../../evidence/verify-evidence.txt";
import { checkChain, maxChainBytes, partFault, type WrittenReport } from "./check-chain.ts";
import { answerStream, type Context } from "../context.ts";
import { refuseParameters } from "../requests/list-query.ts";
import { problem } from "../problems/problems.ts";
import { type RunRoute, withRun } from "./run-route.ts";

/** The zlib level of the archive. The parts are text, and the fastest level already saves nine tenths. */
const LEVEL = 1;
/** Parts that are checked at once. An invocation has six connections. */
const PARALLEL_READS = 4;

export async function exportEvidence(route: RunRoute, context: Context): Promise<Response> {
  const parameters = refuseParameters(new URL(route.url).searchParams);
  if (parameters) return problem(parameters);
  return withRun(route, context, async (run, id) => {
    const bucket = context.env.LOGS;
    // While evidence is being rewritten, the previous generation differs from the ledger. A complete
    // generation is never written again, so a slow reader gets a consistent archive.
    const known = await run.status();
    const report = known.ok ? known.status.report : null;
    if (!isWritten(report)) return problem({ code: "report_not_written", run: id });
    // From here on the run keeps this generation, whatever is written later.
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
    // Checks all parts before the first byte is sent, because an answer that has begun cannot be refused.
    const fault = await firstFault(bucket, prefix, chain.parts);
    if (fault !== null) return damaged(fault);
    const entries = evidenceOf(bucket, prefix, text, chain.parts);
    const headers = { "Content-Disposition": `attachment; filename="${id}-evidence.zip"` };
    return answerStream("application/zip", zipped(entries), headers);
  });
}

function isWritten(report: EvidenceView | null): report is WrittenReport {
  return report?.complete === true && report.prefix !== null;
}

async function chainText(bucket: R2Bucket, report: WrittenReport): Promise<string | null> {
  const object = await bucket.get(`${report.prefix}chain.json`);
  if (object === null) return null;
  // R2Object.text() would remove a byte order mark, which a run never writes.
  const decoder = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });
  if (object.size <= maxChainBytes(report)) return decoder.decode(await object.arrayBuffer());
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

/** Hashes an R2 object of the evidence. If the size differs, the R2 object was replaced. A replaced R2 object is
 * not hashed, because it may be very large. */
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

/** Checks each part again on the way out. If an R2 object changed after the first check, the download ends with an
 * error, and the archive cannot be opened. */
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

/** Each time the reader asks for data, compresses until there is output. */
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

/** Yields after each chunk of input. */
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
