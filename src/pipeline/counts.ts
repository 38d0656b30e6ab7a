// The counters of one file: how they begin at zero, and which samples they keep. Decides nothing about records.

import { Buffer } from "node:buffer";
import { sampleOf } from "./malformed.ts";
import { isWorkerSubrequest, unsetParent } from "./filter.ts";
import { jsonText } from "./transform/json-text.ts";
import type { LogRecord } from "./transform/log-record.ts";
import type { FileCounts, MalformedSample, SuspectSample } from "../contract/file-counts.ts";

const MAX_SAMPLES = 20;
const MAX_VALUE_CHARS = 80;
const MAX_MEMBERS = 12;
const MAX_MEMBER_CHARS = 40;

const FIELD = { time: "EdgeStartTimestamp", parent: "ParentRayID" } as const;

export function emptyCounts(): FileCounts {
  return {
    bytesRead: 0,
    rawBytes: 0,
    linesRead: 0,
    emptyLines: 0,
    kept: 0,
    malformed: 0,
    dropped: { not_top_level: 0, invalid_timestamp: 0, outside_window: 0, repeated_ray_id: 0 },
    sanitizedFields: 0,
    repeatedRayIds: 0,
    untrackedRayIds: 0,
    firstKeptMs: null,
    lastKeptMs: null,
    readableTimestamps: 0,
    parentRayIdAbsent: 0,
    samples: [],
    repaired: 0,
    workerSubrequests: 0,
    unsetParents: { absent: 0, zeros: 0 },
    suspects: [],
  };
}

/** `line` is the 1-based line number, empty lines included. The caller counts the line as read. */
export function countMalformed(
  counts: FileCounts,
  line: number,
  reason: MalformedSample["reason"],
  bytes: Uint8Array,
): void {
  counts.malformed += 1;
  if (counts.samples.length >= MAX_SAMPLES) return;
  counts.samples.push({ line, reason, bytes: sampleOf(bytes) });
}

/** Counts a record that is not top-level, by the member that shows this. `decoded` returns the record for a sample. */
export function countParent(
  counts: FileCounts,
  record: LogRecord,
  decoded: () => LogRecord,
  line: number,
): void {
  if (isWorkerSubrequest(record)) {
    counts.workerSubrequests = (counts.workerSubrequests ?? 0) + 1;
    return;
  }
  const unset = unsetParent(record);
  if (unset === null) return;
  const sums = (counts.unsetParents ??= { absent: 0, zeros: 0 });
  sums[unset] += 1;
  noteSuspect(counts, "parent", decoded, line);
}

/** Keeps a sample of the first record that fails each check. `decoded` is called only for this record. */
export function noteSuspect(
  counts: FileCounts,
  check: SuspectSample["check"],
  decoded: () => LogRecord,
  line: number,
): void {
  const suspects = (counts.suspects ??= []);
  if (suspects.some((one) => one.check === check)) return;
  const record = decoded();
  const field = FIELD[check];
  const value = record[field];
  const names = Object.keys(record);
  suspects.push({
    check,
    line,
    value: value === undefined ? null : printable(jsonText(value), MAX_VALUE_CHARS),
    members: names.slice(0, MAX_MEMBERS).map((name) => printable(name, MAX_MEMBER_CHARS)),
    similar: similarTo(field, names),
  });
}

/** A member with another spelling of the field's name, such as `edge_start_timestamp`. */
function similarTo(field: string, names: string[]): string | null {
  const found = names.find((name) => name !== field && name.length <= 80 && letters(name) === letters(field));
  return found === undefined ? null : printable(found, MAX_MEMBER_CHARS);
}

function letters(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}

function printable(text: string, chars: number): string {
  return sampleOf(Buffer.from(text.slice(0, chars)));
}
