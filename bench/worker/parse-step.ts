// The Worker of the parse step's measurement. One request parses a raw object of the local bucket once. The Worker
// offers this project's parse step, the simple implementation, and two lower bounds for any JSON parser in this
// runtime. A process outside measures the CPU time.
import { createGunzip } from "node:zlib";
import { Buffer, isAscii } from "node:buffer";
import { pipeline } from "node:stream/promises";
import { parseFile } from "../../src/pipeline/parse.ts";
import type { LiveParse } from "../../src/pipeline/types.ts";
import type { ParseSpec } from "../../src/contract/parse-spec.ts";
import { slabsOf } from "../../src/platform/slabs.ts";
import { straightforward } from "../straightforward/parse.ts";

export interface PassResult {
  kept: number;
  rawBytes: number;
  gzipBytes: number;
}

/** `pauseMs`: how long the consumer needs for each batch. */
type Pass = (
  body: ReadableStream<Uint8Array>,
  spec: ParseSpec,
  pauseMs: number,
  live?: LiveParse,
) => Promise<PassResult>;

const PASSES: Record<string, Pass> = {
  async ours(body, spec, pauseMs, live) {
    const sum = { rawBytes: 0, gzipBytes: 0 };
    const outcome = await parseFile(
      slabsOf(body),
      { key: "bench.log.gz" },
      spec,
      async (batch) => {
        sum.rawBytes += batch.rawBytes;
        sum.gzipBytes += batch.body.length;
        if (pauseMs > 0) await scheduler.wait(pauseMs);
      },
      { now: () => Date.now(), rest: () => scheduler.wait(1) },
      live,
    );
    if (outcome.kind !== "ok") throw new Error(outcome.detail);
    return { kept: outcome.counts.kept, ...sum };
  },
  async straightforward(body, spec) {
    const sum = { rawBytes: 0, gzipBytes: 0 };
    const counts = await straightforward(body, spec, (member, rawBytes) => {
      sum.rawBytes += rawBytes;
      sum.gzipBytes += member.length;
    });
    return { kept: counts.kept, ...sum };
  },
  read: async (body) => {
    let bytes = 0;
    for await (const slab of slabsOf(body)) bytes += slab.length;
    return { kept: 0, rawBytes: bytes, gzipBytes: 0 };
  },
  split: (body) => eachLine(body, () => undefined),
  json: (body) => eachLine(body, (map, start, end) => void JSON.parse(map.slice(start, end))),
};

/** Decompresses and searches for line ends, as fast as this runtime can. */
async function eachLine(
  body: ReadableStream<Uint8Array>,
  line: (text: string, start: number, end: number) => void,
): Promise<PassResult> {
  const result = { kept: 0, rawBytes: 0, gzipBytes: 0 };
  let tail: Buffer = Buffer.alloc(0);
  await pipeline(
    slabsOf(body),
    createGunzip({ chunkSize: 256 * 1024 }),
    async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) {
        result.rawBytes += chunk.length;
        const lastLf = chunk.lastIndexOf(10) + 1;
        const first = chunk.indexOf(10) + 1;
        const joined = first === 0 ? tail.subarray(0, 0) : Buffer.concat([tail, chunk.subarray(0, first)]);
        for (const block of [joined, chunk.subarray(first, lastLf)]) {
          const map = isAscii(block) ? block.toString("latin1") : block.toString("utf8");
          for (let start = 0, lf = map.indexOf("\n"); lf >= 0; lf = map.indexOf("\n", start)) {
            line(map, start, lf);
            result.kept += 1;
            start = lf + 1;
          }
        }
        tail = lastLf === 0 ? Buffer.concat([tail, chunk]) : Buffer.from(chunk.subarray(lastLf));
      }
    },
  );
  return result;
}

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    const pass = PASSES[url.pathname.slice(1)];
    if (pass === undefined) return new Response("which pass?", { status: 404 });
    const spec: ParseSpec = JSON.parse(url.searchParams.get("spec") ?? "");
    const object = await env.LOGS.get(url.searchParams.get("key") ?? "");
    if (object === null) return new Response("no such object", { status: 404 });
    const liveJson = url.searchParams.get("live") ?? "";
    const live = liveJson === "" ? undefined : (JSON.parse(liveJson) as LiveParse);
    const pauseMs = Number(url.searchParams.get("pause") ?? 0);
    return Response.json(await pass(object.body as ReadableStream<Uint8Array>, spec, pauseMs, live));
  },
} satisfies ExportedHandler<{ LOGS: R2Bucket }>;
