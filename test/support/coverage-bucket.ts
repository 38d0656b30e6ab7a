// Makes a fake bucket with raw files, and with the markers that a live worker would have written for them. The
// names contain the given times. The caller also decides when each R2 object was uploaded.
import { safeKeyOf } from "../../src/contract/live.ts";
import type { FakeObject } from "../../bench/bucket/fake-bucket.ts";
import { dayOf, stampOf } from "./run-listing.ts";

export const CELL = 300_000;
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

export interface SeededFile {
  startMs: number;
  endMs?: number;
  name?: string;
  /** The folder below the log prefix. */
  folder?: string;
  size?: number;
  /** The indexes of accepted batches of the live worker. */
  done?: readonly number[];
  waiting?: readonly number[];
  uploadedAt?: number;
  /** When the markers of the file were uploaded. */
  markedAt?: number;
}

export function keyOf(
  { startMs, endMs = startMs + CELL, name = "ab12", folder }: SeededFile,
  logPrefix = "logs/",
): string {
  return `${logPrefix}${folder ?? `${dayOf(startMs)}/`}${stampOf(startMs)}_${stampOf(endMs)}_${name}.log.gz`;
}

export function objectsOf(
  files: readonly SeededFile[],
  logPrefix = "logs/",
  livePrefix = "processed/",
): FakeObject[] {
  return files.flatMap((file) => {
    const key = keyOf(file, logPrefix);
    const { startMs, endMs = startMs + CELL, size = 1_000, done = [], waiting = [] } = file;
    const { uploadedAt = endMs + 5_000, markedAt = uploadedAt + 20_000 } = file;
    const marker = (index: number, end: string): FakeObject => ({
      key: `${livePrefix}${safeKeyOf(key)}-${index}${end}`,
      size: 1,
      uploadedAt: markedAt,
    });
    return [
      { key, size, uploadedAt },
      ...done.map((index) => marker(index, ".txt.done")),
      ...waiting.map((index) => marker(index, ".txt")),
    ];
  });
}

/** `count` adjoining files from `startMs` on, each with `batches` accepted batches of the live worker. */
export function delivered(startMs: number, count: number, batches = 3, everyMs = CELL): SeededFile[] {
  return Array.from({ length: count }, (_, n) => ({
    startMs: startMs + n * everyMs,
    endMs: startMs + (n + 1) * everyMs,
    done: Array.from({ length: batches }, (_one, index) => index),
  }));
}
