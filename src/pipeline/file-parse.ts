// Turns the raw lines of one log file into counts and batches. Owns the hot path and every count of the file. Never
// reads input and never decompresses. The parse waits only when a batch is full.

import { BatchBuilder } from "./batch-builder.ts";
import { BlockReader } from "./block-reader.ts";
import { countMalformed, emptyCounts } from "./counts.ts";
import { BlockRejection, hasEscapedLetters, rejectionRule, type RejectionRule } from "./early-rejection.ts";
import type { Piece } from "./lines.ts";
import { ListReader } from "./record-list-reader.ts";
import type { Found } from "./record-list-text.ts";
import { LiveIndex, NO_INDEX } from "./live-index.ts";
import { RecordReplay } from "./record-replay.ts";
import { text, withoutControls } from "./transform/text.ts";
import type { Batch, LiveKept, ParseMode, ParseWatch } from "./types.ts";
import { WatchedReplay } from "./watched-replay.ts";
import type { FileCounts, MalformedSample } from "../contract/file-counts.ts";
import type { ParseOptions } from "../contract/parse-spec.ts";
import { decodeUtf8, isAsciiText } from "./utf8.ts";
import { WorkTurns } from "./work-turns.ts";

/** The UTF-8 byte order mark, read as Latin-1. */
const BOM = "\u00ef\u00bb\u00bf";
const CR = 13;
/** How many bytes of a raw line a sample shows. */
const HEAD_BYTES = 200;
/** How many lines are parsed between two readings of the clock. A malformed line may cost an exception, about 10 µs. */
const LOOK_AFTER_LINES = 128;
const COMMA = 44;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

export class FileParse {
  readonly counts: FileCounts = emptyCounts();
  readonly #spec: ParseOptions;
  readonly #onBatch: (batch: Batch) => Promise<void>;
  readonly #rejection: RejectionRule | null;
  readonly #replay: RecordReplay;
  readonly #batch: BatchBuilder;
  /** Null in parse version 1, where each line is one record or malformed. */
  readonly #lists: ListReader | null;
  readonly #turns: WorkTurns;
  /** Null: the parse does not consider what the live worker delivered. */
  readonly #live: LiveIndex | null;
  readonly #watch: ParseWatch | null;
  readonly #mayBeBinary: boolean;
  #isStart = true;
  /** Lines since the clock was last read. A block may have fifty thousand short lines. */
  #unlooked = 0;
  /** The number of the present line, empty lines included. */
  #line = 0;
  /** True: the parse has read the beginning of a line, but not its end. */
  #isInLine = false;

  constructor(
    spec: ParseOptions,
    onBatch: (batch: Batch) => Promise<void>,
    { rejectEarly, live, watch = null }: ParseMode,
    turns = new WorkTurns(null),
  ) {
    const version = spec.parseVersion ?? 1;
    this.#spec = spec;
    this.#onBatch = onBatch;
    this.#turns = turns;
    this.#live = live && new LiveIndex(live);
    this.#watch = watch;
    // A watch shows records to people. A ParentRayID is compared with the accepted values.
    this.#mayBeBinary = watch === null && spec.topLevelParentRayIds.every((id) => isAsciiText(id ?? ""));
    this.#replay = watch
      ? new WatchedReplay(spec, this.counts, this.#live, watch)
      : new RecordReplay(spec, this.counts, this.#live);
    this.#rejection = rejectEarly
      ? rejectionRule(spec.topLevelParentRayIds, {
          isExact: version > 1,
          isProven: live?.hasMarkers ?? false,
        })
      : null;
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
      this.#live?.lose("too_long");
      this.#watch?.wants(bytes.toString("latin1"), this.#line);
      this.#malformed(this.#line, "too_long", bytes);
      return;
    }
    const block = new BlockReader(bytes, this.#mayBeBinary);
    const { map, escapedLetters } = block;
    const lists = this.#lists;
    const live = this.#live;
    const shape = live === null ? null : live.shape;
    const isWanted = this.#watch !== null && this.#watch.wants(map, this.#line + 1);
    const rejection =
      this.#rejection === null || escapedLetters || isWanted
        ? null
        : new BlockRejection(map, this.#rejection);
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
        live?.lose("too_long");
        this.#malformed(this.#line, "too_long", bytes.subarray(start, end));
        continue;
      }
      if (live !== null && recordEnd < end) live.lose("trailing_comma");
      if (
        rejection !== null &&
        rejection.rejects(start, recordEnd) &&
        (shape === null || shape.proves(map, start, recordEnd))
      ) {
        live?.next();
        this.#rejected(rejection.isWorkerSubrequest);
        lists?.passed(recordEnd < end);
        continue;
      }
      if ((this.#unlooked += 1) >= LOOK_AFTER_LINES) await this.#look();
      const record = block.read(start, recordEnd);
      if (typeof record === "string") {
        if (lists !== null) {
          // The line contains several records, or a record that continues on the next line. `takeOdd` counts it.
          this.counts.linesRead -= 1;
          await this.#takeOdd(lists, bytes.subarray(start, end));
          continue;
        }
        live?.takeLine(record === "invalid_utf8" ? null : block.line, this.#line);
        live?.closeLines();
        this.#malformed(this.#line, record, bytes.subarray(start, end));
        continue;
      }
      lists?.passed(recordEnd < end);
      shape?.learn(record);
      const index = live === null ? NO_INDEX : live.next();
      const formatted = this.#replay.line(record, block, this.#line, index);
      if (formatted === null) continue;
      const { isBinary } = block;
      if (!this.#batch.hasRoomFor(formatted, isBinary)) await this.#handOver();
      this.#batch.add(formatted, withoutControls(text(record.RayID)), isBinary);
      if (this.#batch.isFull) await this.#handOver();
    }
  }

  /** Passes on the last batch if it has lines. Ignores an unfinished record at the end of a truncated file. */
  async finish(isCutOff = false): Promise<void> {
    if (this.#lists !== null) {
      const found = this.#lists.finish();
      this.#live?.compare(found);
      await this.#takeFound(isCutOff ? found.filter((one) => one.kind === "record") : found);
      this.counts.repaired = this.#lists.repaired;
    }
    if (!this.#batch.isEmpty) await this.#onBatch(this.#batch.close());
    if (this.#live === null) return;
    if (isCutOff) this.#live.lose("salvaged");
    this.counts.live = this.#live.counts();
  }

  get liveKept(): LiveKept | null {
    return this.#live && this.#live.kept;
  }

  /** Compresses the open batch and passes it on. Compressing a byte of a batch takes twice as long as reading a byte
   * of the file. */
  async #handOver(): Promise<void> {
    const batch = this.#batch.close();
    this.#turns.did({ bytes: 2 * batch.rawBytes });
    await this.#onBatch(batch);
    if (this.#turns.isDue) await this.#turns.rest();
  }

  async #look(): Promise<void> {
    this.#turns.did({ lines: this.#unlooked });
    this.#unlooked = 0;
    if (this.#turns.isDue) await this.#turns.rest();
  }

  #malformed(line: number, reason: MalformedSample["reason"], bytes: Uint8Array): void {
    countMalformed(this.counts, line, reason, bytes);
    this.#watch?.malformed(line, reason);
  }

  #rejected(isWorkerSubrequest: boolean): void {
    this.counts.dropped.not_top_level += 1;
    if (isWorkerSubrequest) this.counts.workerSubrequests! += 1;
  }

  /** Handles a raw line that is not exactly one record. */
  async #takeOdd(lists: ListReader, bytes: Buffer): Promise<void> {
    if (bytes.length > this.#spec.maxLineBytes) {
      this.#live?.lose("too_long");
      await this.#takeFound(lists.takePart(this.#line, bytes, true));
      return;
    }
    const line = decodeUtf8(bytes, 0, bytes.length);
    const head = line === null ? Buffer.from(bytes.subarray(0, HEAD_BYTES)) : null;
    this.#live?.takeLine(line, this.#line);
    const found = lists.take({ number: this.#line, text: line, bytes: bytes.length, head });
    this.#live?.compare(found);
    await this.#takeFound(found);
    if (!lists.isOpen) this.#live?.closeLines();
  }

  async #takePart(bytes: Buffer, isLast: boolean, isStart: boolean): Promise<void> {
    if (!this.#isInLine) this.#line += 1;
    this.#live?.lose("too_long");
    this.#watch?.wants(bytes.toString("latin1"), this.#line);
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
        this.#malformed(one.line, one.reason, one.head);
        continue;
      }
      const read = { line: one.text, isBinary: false, escapedLetters: hasEscapedLetters(one.text) };
      const index = this.#live?.indexOf(one.line) ?? NO_INDEX;
      const formatted = this.#replay.line(one.record, read, one.line, index);
      if (formatted === null) continue;
      if (!this.#batch.hasRoomFor(formatted, false)) await this.#handOver();
      this.#batch.add(formatted, withoutControls(text(one.record.RayID)), false);
      if (this.#batch.isFull) await this.#handOver();
    }
  }
}

/** Whether the line has no bytes, or only CR. */
function isEmpty(map: string, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (map.charCodeAt(at) !== CR) return false;
  return true;
}
