// Decides about one record and formats it. Owns the order of the checks, the counts of dropped and kept records,
// and the RayIDs of the file. This file handles no bytes and no batches.

import { countParent, noteSuspect } from "./counts.ts";
import { endOf, instantOf, isInside, topLevelRule, topLevelVerdict, type TopLevelRule } from "./filter.ts";
import type { LiveIndex } from "./live-index.ts";
import { RayIds, type Seen } from "./ray-ids.ts";
import { LineFormatter } from "./transform/line-formatter.ts";
import type { LogRecord } from "./transform/log-record.ts";
import { recordPrinters, type PrintRecord } from "./transform/record-printer.ts";
import { NOTHING, text } from "./transform/text.ts";
import { fromBinary } from "./utf8.ts";
import type { FileCounts } from "../contract/file-counts.ts";
import type { ParseOptions } from "../contract/parse-spec.ts";

/** The text of a record, and whether its texts are binary strings. */
export interface RecordText {
  line: string;
  isBinary: boolean;
  escapedLetters: boolean;
}

export class RecordReplay {
  readonly #spec: ParseOptions;
  readonly #counts: FileCounts;
  readonly #live: LiveIndex | null;
  readonly #topLevel: TopLevelRule;
  readonly #formatter: LineFormatter;
  /** Null: the lines are lines of the format. */
  readonly #print: { decoded: PrintRecord; binary: PrintRecord } | null;
  readonly #rayIds = new RayIds();
  /** True from parse version 2 on: counts per record are exact. */
  readonly #isExact: boolean;

  constructor(spec: ParseOptions, counts: FileCounts, live: LiveIndex | null) {
    const version = spec.parseVersion ?? 1;
    this.#spec = spec;
    this.#counts = counts;
    this.#live = live;
    if (live !== null) counts.dropped.delivered_live = 0;
    this.#topLevel = topLevelRule(spec.topLevelParentRayIds);
    this.#formatter = new LineFormatter(spec);
    this.#print = spec.record === undefined ? null : recordPrinters(spec.record);
    this.#isExact = version > 1;
  }

  /** The line of a record, or null when the record is dropped. Counts both cases. The line is a binary string if the
   * record is. */
  line(record: LogRecord, read: RecordText, number: number, index: number): string | null {
    const { line, isBinary, escapedLetters } = read;
    const counts = this.#counts;
    const live = this.#live;
    const verdict = topLevelVerdict(record, this.#topLevel);
    if (verdict !== "top_level") {
      counts.dropped.not_top_level += 1;
      if (verdict === "parent_absent") counts.parentRayIdAbsent += 1;
      if (this.#isExact) countParent(counts, record, () => decodedRecord(record, read), number);
      return null;
    }
    const instant = instantOf(record, line, escapedLetters);
    if (instant === null) {
      counts.dropped.invalid_timestamp += 1;
      if (this.#isExact) noteSuspect(counts, "time", () => decodedRecord(record, read), number);
      return null;
    }
    counts.readableTimestamps += 1;
    if (!isInside(instant, this.#spec)) {
      counts.dropped.outside_window += 1;
      live?.leaveOut(index, instant.ms, this.#spec);
      return null;
    }
    if (live !== null && live.isDelivered(index)) {
      counts.dropped.delivered_live! += 1;
      this.#see(record);
      return null;
    }
    if (this.#isDroppedRepeat(record)) {
      counts.dropped.repeated_ray_id += 1;
      return null;
    }
    counts.kept += 1;
    live?.keep(index);
    if (counts.firstKeptMs === null || instant.ms < counts.firstKeptMs) counts.firstKeptMs = instant.ms;
    if (counts.lastKeptMs === null || instant.ms > counts.lastKeptMs) counts.lastKeptMs = instant.ms;
    if (this.#print !== null) {
      const print = isBinary ? this.#print.binary : this.#print.decoded;
      return print(record, line, escapedLetters);
    }
    const formatter = this.#formatter;
    const endMs = formatter.readsEnd ? endOf(record, line, escapedLetters) : null;
    const formatted = formatter.format(record, instant.ms, {
      mayHoldControls: mayHoldControls(line),
      endMs,
      isBinary,
    });
    counts.sanitizedFields = formatter.sanitizedFields;
    return formatted;
  }

  #isDroppedRepeat(record: LogRecord): boolean {
    const seen = this.#see(record);
    if (seen === "repeated") {
      if (this.#spec.dedupe === "file") return true;
      this.#counts.repeatedRayIds += 1;
    }
    if (seen === "untracked") this.#counts.untrackedRayIds += 1;
    return false;
  }

  /** Remembers the record's RayID. Records without an id never repeat each other. */
  #see(record: LogRecord): Seen | null {
    const rayId = text(record.RayID);
    return rayId === NOTHING ? null : this.#rayIds.add(rayId);
  }
}

/** The record with decoded texts, for a sample that people read. */
function decodedRecord(record: LogRecord, { line, isBinary }: RecordText): LogRecord {
  return isBinary ? (JSON.parse(fromBinary(line)) as LogRecord) : record;
}

/** Whether a string of the raw line may contain a control character. JSON allows control characters only as escapes,
 * except DEL. */
function mayHoldControls(line: string): boolean {
  return line.includes("\\") || line.includes("\u007f");
}
