// Turns the lines of one raw file into counts and batches. Owns the hot path and every count of the file.
// Never reads input and never decompresses. It waits only when a batch is full.

import { isAscii } from "node:buffer";
import { BatchBuilder } from "./batch-builder.ts";
import { countMalformed, countParent, emptyCounts, noteSuspect } from "./counts.ts";
import { BlockRejection, hasEscapedLetters, rejectionRule, type RejectionRule } from "./early-rejection.ts";
import { instantOf, isInside, topLevelRule, topLevelVerdict, type TopLevelRule } from "./filter.ts";
import type { Piece } from "./lines.ts";
import { ListReader } from "./record-list-reader.ts";
import type { Found } from "./record-list-text.ts";
import { RayIds } from "./ray-ids.ts";
import { LineFormatter } from "./transform/line-formatter.ts";
import type { LogRecord } from "./transform/log-record.ts";
import { NOTHING, text, withoutControls } from "./transform/text.ts";
import type { Batch } from "./types.ts";
import type { FileCounts } from "../contract/file-counts.ts";
import type { ParseSpec } from "../contract/parse-spec.ts";
import { WorkTurns } from "./work-turns.ts";

/** The UTF-8 byte order mark, read as Latin-1. */
const BOM = "\u00ef\u00bb\u00bf";
const REPLACEMENT = "\ufffd";
const CR = 13;
/** How much of a line a sample shows. */
const HEAD_BYTES = 200;
/** Lines between two looks at the clock. A malformed line may cost an exception, about 10 µs. */
const LOOK_AFTER_LINES = 128;
const COMMA = 44;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

export class FileParse {
  readonly counts: FileCounts = emptyCounts();
  readonly #spec: ParseSpec;
  readonly #onBatch: (batch: Batch) => Promise<void>;
  readonly #topLevel: TopLevelRule;
  readonly #rejection: RejectionRule | null;
  readonly #rayIds = new RayIds();
  readonly #formatter: LineFormatter;
  readonly #batch: BatchBuilder;
  readonly #strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  /** Null in parse version 1, where each line is one record or malformed. */
  readonly #lists: ListReader | null;
  readonly #turns: WorkTurns;
  #isStart = true;
  /** Lines since the last look at the clock. A block may have fifty thousand short lines. */
  #unlooked = 0;
  /** The number of the present line, empty lines included. */
  #line = 0;
  /** Parts of a line were taken, but not its end. */
  #isInLine = false;

  /** `rejectEarly: false` parses every line. The tests compare the early rejection with it. */
  constructor(
    spec: ParseSpec,
    onBatch: (batch: Batch) => Promise<void>,
    rejectEarly: boolean,
    turns = new WorkTurns(null),
  ) {
    const version = spec.parseVersion ?? 1;
    this.#spec = spec;
    this.#onBatch = onBatch;
    this.#turns = turns;
    this.#topLevel = topLevelRule(spec.topLevelParentRayIds);
    this.#rejection = rejectEarly ? rejectionRule(spec.topLevelParentRayIds, version > 1) : null;
    this.#formatter = new LineFormatter(version);
    this.#batch = new BatchBuilder(spec);
    this.#lists = version > 1 ? new ListReader(spec.maxLineBytes) : null;
  }

  /** Awaits only for a full batch: an await per line would cost as much as the line itself. */
  async take({ bytes, overlong, part }: Piece): Promise<void> {
    const isStart = this.#isStart;
    this.#isStart = false;
    if (part !== undefined) return this.#takePart(bytes, part === "last", isStart);
    if (overlong) {
      this.#line += 1;
      this.counts.linesRead += 1;
      countMalformed(this.counts, this.#line, "too_long", bytes);
      return;
    }
    // In Latin-1 an index is a byte offset. Only lines that survive are decoded as UTF-8.
    const map = bytes.toString("latin1");
    const ascii = isAscii(bytes);
    const escapedLetters = hasEscapedLetters(map);
    const lists = this.#lists;
    const rejection =
      this.#rejection === null || escapedLetters ? null : new BlockRejection(map, this.#rejection);
    let next = 0;
    for (let start = isStart && map.startsWith(BOM) ? BOM.length : 0; start < map.length; start = next) {
      const lf = map.indexOf("\n", start);
      next = lf < 0 ? map.length : lf + 1;
      let end = lf < 0 ? map.length : lf;
      if (end > start && map.charCodeAt(end - 1) === CR) end -= 1;
      this.#line += 1;
      if (isEmpty(map, start, end)) {
        this.counts.emptyLines += 1;
        continue;
      }
      let recordEnd = end;
      if (lists !== null) {
        // A comma after a record is handled here: a file that has list commas has one on every line.
        if (map.charCodeAt(end - 1) === COMMA) recordEnd -= 1;
        const isPlain = map.charCodeAt(start) === OPEN_BRACE && map.charCodeAt(recordEnd - 1) === CLOSE_BRACE;
        if (!isPlain || lists.isOpen || end - start > this.#spec.maxLineBytes) {
          await this.#takeOdd(lists, bytes.subarray(start, end));
          if ((this.#unlooked += 1) >= LOOK_AFTER_LINES) await this.#look();
          continue;
        }
      }
      this.counts.linesRead += 1;
      if (end - start > this.#spec.maxLineBytes) {
        countMalformed(this.counts, this.#line, "too_long", bytes.subarray(start, end));
        continue;
      }
      if (rejection !== null && rejection.rejects(start, recordEnd)) {
        this.#rejected(rejection.isWorkerSubrequest);
        lists?.passed(recordEnd < end);
        continue;
      }
      if ((this.#unlooked += 1) >= LOOK_AFTER_LINES) await this.#look();
      const line = ascii ? map.slice(start, recordEnd) : this.#decode(bytes, start, recordEnd);
      const record = line === null ? "invalid_utf8" : parseRecord(line);
      if (line === null || typeof record === "string") {
        if (lists !== null) {
          // The line holds several records, or a record that continues on the next line.
          this.counts.linesRead -= 1;
          await this.#takeOdd(lists, bytes.subarray(start, end));
          continue;
        }
        countMalformed(
          this.counts,
          this.#line,
          typeof record === "string" ? record : "invalid_utf8",
          bytes.subarray(start, end),
        );
        continue;
      }
      lists?.passed(recordEnd < end);
      const formatted = this.#replay(record, line, escapedLetters, this.#line);
      if (formatted === null) continue;
      if (!this.#batch.hasRoomFor(formatted)) await this.#handOver();
      this.#batch.add(formatted, withoutControls(text(record.RayID)));
      if (this.#batch.isFull) await this.#handOver();
    }
  }

  /** Hands over the last batch if it has lines. Ignores an unfinished record at the end of a truncated file. */
  async finish(isCutOff = false): Promise<void> {
    if (this.#lists !== null) {
      const found = this.#lists.finish();
      await this.#takeFound(isCutOff ? found.filter((one) => one.kind === "record") : found);
      this.counts.repaired = this.#lists.repaired;
    }
    if (!this.#batch.isEmpty) await this.#onBatch(this.#batch.close());
  }

  /** The rest lets concurrent POSTs proceed, and begins a new turn of work. */
  async #handOver(): Promise<void> {
    await this.#onBatch(this.#batch.close());
    await this.#turns.rest();
  }

  async #look(): Promise<void> {
    this.#turns.did({ lines: this.#unlooked });
    this.#unlooked = 0;
    if (this.#turns.isDue) await this.#turns.rest();
  }

  #rejected(isWorkerSubrequest: boolean): void {
    this.counts.dropped.not_top_level += 1;
    if (isWorkerSubrequest) this.counts.workerSubrequests! += 1;
  }

  /** Handles a line that is not exactly one record. */
  async #takeOdd(lists: ListReader, bytes: Buffer): Promise<void> {
    if (bytes.length > this.#spec.maxLineBytes) {
      await this.#takeFound(lists.takePart(this.#line, bytes, true));
      return;
    }
    const line = this.#decode(bytes, 0, bytes.length);
    const head = line === null ? Buffer.from(bytes.subarray(0, HEAD_BYTES)) : null;
    await this.#takeFound(lists.take({ number: this.#line, text: line, bytes: bytes.length, head }));
  }

  async #takePart(bytes: Buffer, isLast: boolean, isStart: boolean): Promise<void> {
    if (!this.#isInLine) this.#line += 1;
    this.#isInLine = !isLast;
    const hasBom = isStart && bytes.subarray(0, BOM.length).toString("latin1") === BOM;
    const content = hasBom ? bytes.subarray(BOM.length) : bytes;
    if (this.#lists !== null) await this.#takeFound(this.#lists.takePart(this.#line, content, isLast));
  }

  async #takeFound(found: readonly Found[]): Promise<void> {
    for (const one of found) {
      if (one.kind === "empty") {
        this.counts.emptyLines += 1;
        continue;
      }
      this.counts.linesRead += 1;
      if (one.kind === "malformed") {
        countMalformed(this.counts, one.line, one.reason, one.head);
        continue;
      }
      const formatted = this.#replay(one.record, one.text, hasEscapedLetters(one.text), one.line);
      if (formatted === null) continue;
      if (!this.#batch.hasRoomFor(formatted)) await this.#handOver();
      this.#batch.add(formatted, withoutControls(text(one.record.RayID)));
      if (this.#batch.isFull) await this.#handOver();
    }
  }

  /** The partner line of a record, or null when the record is dropped. Counts both cases. */
  #replay(record: LogRecord, line: string, escapedLetters: boolean, number: number): string | null {
    const { counts } = this;
    const verdict = topLevelVerdict(record, this.#topLevel);
    if (verdict !== "top_level") {
      counts.dropped.not_top_level += 1;
      if (verdict === "parent_absent") counts.parentRayIdAbsent += 1;
      if (this.#lists !== null) countParent(counts, record, number);
      return null;
    }
    const instant = instantOf(record, line, escapedLetters);
    if (instant === null) {
      counts.dropped.invalid_timestamp += 1;
      if (this.#lists !== null) noteSuspect(counts, "time", record, number);
      return null;
    }
    counts.readableTimestamps += 1;
    if (!isInside(instant, this.#spec)) {
      counts.dropped.outside_window += 1;
      return null;
    }
    if (this.#isDroppedRepeat(record)) {
      counts.dropped.repeated_ray_id += 1;
      return null;
    }
    counts.kept += 1;
    if (counts.firstKeptMs === null || instant.ms < counts.firstKeptMs) counts.firstKeptMs = instant.ms;
    if (counts.lastKeptMs === null || instant.ms > counts.lastKeptMs) counts.lastKeptMs = instant.ms;
    const formatted = this.#formatter.format(record, instant.ms, mayHoldControls(line));
    counts.sanitizedFields = this.#formatter.sanitizedFields;
    return formatted;
  }

  #isDroppedRepeat(record: LogRecord): boolean {
    const rayId = text(record.RayID);
    // Records without an id never repeat each other.
    if (rayId === NOTHING) return false;
    const seen = this.#rayIds.add(rayId);
    if (seen === "repeated") {
      if (this.#spec.dedupe === "file") return true;
      this.counts.repeatedRayIds += 1;
    }
    if (seen === "untracked") this.counts.untrackedRayIds += 1;
    return false;
  }

  /** Null for invalid UTF-8. The lenient decoder is faster. The strict decoder checks only lines with
   * replacements. */
  #decode(bytes: Buffer, start: number, end: number): string | null {
    const lenient = bytes.toString("utf8", start, end);
    if (!lenient.includes(REPLACEMENT)) return lenient;
    try {
      return this.#strictUtf8.decode(bytes.subarray(start, end));
    } catch {
      return null;
    }
  }
}

/** Nothing, or only CR. */
function isEmpty(map: string, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (map.charCodeAt(at) !== CR) return false;
  return true;
}

/** JSON allows a control character in a string only as an escape, except DEL, which may stand as it is. */
function mayHoldControls(line: string): boolean {
  return line.includes("\\") || line.includes("\u007f");
}

function parseRecord(line: string): LogRecord | "not_json" | "not_an_object" {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : "not_an_object";
  } catch {
    return "not_json";
  }
}

function isObject(value: unknown): value is LogRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
