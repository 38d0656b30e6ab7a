// Shared by the pipeline's tests: golden rows, a specification, slabs, and a parse step whose batches an independent
// decoder opens.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect } from "vitest";
import { parseFile } from "../../../src/pipeline/parse.ts";
import type { Batch, LiveParse, ParseFile, ParseOutcome } from "../../../src/pipeline/types.ts";
import type { FileCounts } from "../../../src/contract/file-counts.ts";
import type { ParseSpec } from "../../../src/contract/parse-spec.ts";

export const START_MS = 1_776_866_400_000;
export const END_MS = 1_776_870_000_000;

export const SPEC: ParseSpec = {
  startMs: START_MS,
  endMs: END_MS,
  endExclusive: false,
  batchLines: 1000,
  maxBatchBytes: 4 * 1024 * 1024,
  gzipLevel: 1,
  formatVersion: "cf_vod_v3.0",
  topLevelParentRayIds: ["00"],
  dedupe: "off",
  onCorrupt: "fail",
  maxLineBytes: 1024 * 1024,
  parseVersion: 2,
};

export function golden<Row>(file: string): Row[] {
  return goldenText(file)
    .split("\n")
    .filter((line) => line !== "")
    .map((line): Row => JSON.parse(line));
}

export function goldenText(file: string): string {
  return readFileSync(join(import.meta.dirname, "../../fixtures/golden", file), "utf8");
}

/** A top-level record inside the window. `changes` replace its fields. */
export function record(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    ClientIP: "203.0.113.7",
    ClientRequestHost: "img.example.cn",
    ClientRequestScheme: "https",
    ClientRequestURI: "/p?v=1",
    EdgeStartTimestamp: 1776866460,
    ParentRayID: "00",
    RayID: "7d3c1a2b3c4d5e6f",
    WorkerSubrequest: false,
    ...changes,
  };
}

export function ndjson(records: unknown[]): string {
  return records.map((value) => `${JSON.stringify(value)}\n`).join("");
}

export async function* slabs(bytes: Uint8Array, size = 65_536): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export interface Parsed {
  outcome: ParseOutcome;
  counts: FileCounts;
  batches: Batch[];
  /** The uncompressed bytes of each batch. */
  contents: Buffer[];
  /** Partner lines of all batches, without LF. */
  lines: string[];
}

export interface ParseOptions {
  spec?: Partial<ParseSpec>;
  key?: string;
  slabBytes?: number;
  parse?: ParseFile;
  live?: LiveParse;
}

/** Parses, and checks what must hold for every file: the counts balance, and every batch describes itself correctly. */
export async function parse(bytes: Uint8Array | string, options: ParseOptions = {}): Promise<Parsed> {
  const { spec = {}, key = "logs/x.log", slabBytes = 65_536, parse: run = parseFile } = options;
  const batches: Batch[] = [];
  const outcome = await run(
    slabs(Buffer.from(bytes), slabBytes),
    { key },
    { ...SPEC, ...spec },
    async (batch) => {
      batches.push(batch);
    },
    undefined,
    options.live,
  );
  const contents = batches.map((batch) => gunzipSync(batch.body));
  const { counts } = outcome;
  const dropped = Object.values(counts.dropped).reduce((sum, count) => sum + count, 0);
  if (counts.linesRead !== counts.kept + dropped + counts.malformed)
    throw new Error("the ledger does not balance");
  for (const [index, batch] of batches.entries()) checkBatch(batch, index, contents[index]!);
  const sent = batches.reduce((sum, batch) => sum + batch.lines, 0);
  if (outcome.kind === "ok" ? sent !== counts.kept : sent > counts.kept)
    throw new Error("batches and kept differ");
  const lines = contents.flatMap((content) => content.toString().split("\n").slice(0, -1));
  return { outcome, counts, batches, contents, lines };
}

function checkBatch(batch: Batch, ordinal: number, content: Buffer): void {
  const digest = createHash("sha256").update(content).digest("hex");
  if (batch.ordinal !== ordinal || batch.digest !== digest) throw new Error("ordinal or digest is wrong");
  if (batch.rawBytes !== content.length || content.at(-1) !== 10)
    throw new Error("rawBytes or the last LF is wrong");
  if (content.toString().split("\n").length - 1 !== batch.lines) throw new Error("lines is wrong");
}

/** `toEqual` compares buffers byte by byte through an iterator, which takes a thousand times longer. */
export function expectSameContents(actual: readonly Buffer[], expected: readonly Buffer[]): void {
  const isSame =
    actual.length === expected.length && actual.every((content, n) => content.equals(expected[n]!));
  if (isSame) return;
  expect(actual.map(String)).toEqual(expected.map(String));
  expect.unreachable("the contents differ only in bytes that are not UTF-8");
}
