// The whole parse step in a simple way: web streams, one await for each line, JSON.parse, an array of 145 fields,
// CompressionStream. The bench compares the speed of src/pipeline with this file, and the differential test
// compares the results. This file follows docs/reference/line-format.md and shares no code with src/pipeline.
import type { ParseSpec } from "../../src/contract/parse-spec.ts";
import { instantOfDecimal, instantOfText, type ExactInstant } from "./instant.ts";
import { formatLine, text, type LogJson } from "./line.ts";

type Spec = Pick<ParseSpec, "startMs" | "endMs" | "endExclusive" | "batchLines" | "maxBatchBytes" | "topLevelParentRayIds" | "dedupe" | "maxLineBytes" | "format" | "formatFields">; // prettier-ignore

export interface PlainCounts {
  linesRead: number;
  emptyLines: number;
  kept: number;
  malformed: number;
  notTopLevel: number;
  invalidTimestamp: number;
  outsideWindow: number;
  deliveredLive: number;
  repeated: number;
  sanitized: number;
}

/** Reads a record, and the texts of its timestamps when they are numbers, because JSON.parse would round 19 digits. */
export type ReadRecord = (line: string) => { record: unknown; spelled: string; spelledEnd: string };

/** Reads the lines that Logpush usually writes. The differential test needs a more careful reader. */
function readOrdinary(line: string): ReturnType<ReadRecord> {
  const spelled = /"EdgeStartTimestamp":([\d.eE+-]+)/.exec(line)?.[1] ?? "";
  const spelledEnd = /"EdgeEndTimestamp":([\d.eE+-]+)/.exec(line)?.[1] ?? "";
  return { record: JSON.parse(line), spelled, spelledEnd };
}

export class StraightforwardParse {
  readonly counts: PlainCounts = {
    linesRead: 0,
    emptyLines: 0,
    kept: 0,
    malformed: 0,
    notTopLevel: 0,
    invalidTimestamp: 0,
    outsideWindow: 0,
    deliveredLive: 0,
    repeated: 0,
    sanitized: 0,
  };
  readonly #spec: Spec;
  readonly #onBatch: (content: string, lines: number) => Promise<void>;
  readonly #read: ReadRecord;
  readonly #seen = new Set<string>();
  #batch: string[] = [];
  #bytes = 0;

  constructor(spec: Spec, onBatch: (content: string, lines: number) => Promise<void>, read: ReadRecord) {
    this.#spec = spec;
    this.#onBatch = onBatch;
    this.#read = read;
  }

  /** Takes one line without its LF. `isValid`: the bytes of the line are UTF-8. `isLive`: the live worker delivered
   * the line. */
  async take(raw: string, isValid = true, isLive = false): Promise<void> {
    const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
    if (/^\r*$/.test(line)) {
      this.counts.emptyLines += 1;
      return;
    }
    this.counts.linesRead += 1;
    const formatted = isValid ? this.#replay(line, isLive) : this.#malformed();
    if (formatted === null) return;
    const bytes = utf8Bytes(formatted);
    if (this.#batch.length > 0 && this.#bytes + bytes > this.#spec.maxBatchBytes) await this.#close();
    this.#batch.push(formatted);
    this.#bytes += bytes;
    if (this.#batch.length === this.#spec.batchLines) await this.#close();
  }

  async finish(): Promise<void> {
    if (this.#batch.length > 0) await this.#close();
  }

  async #close(): Promise<void> {
    const content = this.#batch.join("");
    const lines = this.#batch.length;
    this.#batch = [];
    this.#bytes = 0;
    await this.#onBatch(content, lines);
  }

  #replay(line: string, isLive: boolean): string | null {
    let read;
    try {
      if (line.length * 3 > this.#spec.maxLineBytes && utf8Bytes(line) > this.#spec.maxLineBytes)
        return this.#malformed();
      read = this.#read(line);
    } catch {
      return this.#malformed();
    }
    const { record, spelled, spelledEnd } = read;
    if (typeof record !== "object" || record === null || Array.isArray(record)) return this.#malformed();
    const log = record as LogJson;
    if (!this.#isTopLevel(log)) return this.#dropped("notTopLevel");
    const instant = instantOf(log["EdgeStartTimestamp"], spelled);
    if (instant === null) return this.#dropped("invalidTimestamp");
    if (!this.#isInside(instant)) return this.#dropped("outsideWindow");
    const rayId = text(log["RayID"]);
    if (isLive) {
      this.#seen.add(rayId);
      return this.#dropped("deliveredLive");
    }
    if (this.#spec.dedupe === "file" && rayId !== "-" && this.#seen.has(rayId))
      return this.#dropped("repeated");
    this.#seen.add(rayId);
    this.counts.kept += 1;
    const { format, formatFields = {} } = this.#spec;
    const of2026 = {
      endMs: instantOf(log["EdgeEndTimestamp"], spelledEnd)?.ms ?? null,
      field11: formatFields["11"] ?? "-",
      field58: formatFields["58"] ?? "-",
    };
    const formatted = formatLine(log, instant.ms, format === "edge-3.0-2026-05" ? of2026 : null);
    this.counts.sanitized += formatted.sanitized;
    return formatted.line;
  }

  #malformed(): null {
    return this.#dropped("malformed");
  }

  #dropped(why: keyof PlainCounts): null {
    this.counts[why] += 1;
    return null;
  }

  #isTopLevel(record: LogJson): boolean {
    const parent = record["ParentRayID"];
    const accepted = this.#spec.topLevelParentRayIds;
    const isAccepted =
      parent === undefined || parent === null ? accepted.includes(null) : accepted.includes(asText(parent));
    return isAccepted && record["WorkerSubrequest"] !== true && record["WorkerSubrequest"] !== "true";
  }

  #isInside({ ms, isWhole }: ExactInstant): boolean {
    const { startMs, endMs, endExclusive } = this.#spec;
    return ms >= startMs && (ms < endMs || (!endExclusive && ms === endMs && isWhole));
  }
}

function utf8Bytes(value: string): number {
  return new TextEncoder().encode(value).length;
}

function instantOf(value: LogJson[string], spelled: string): ExactInstant | null {
  if (typeof value === "number") return instantOfDecimal(spelled);
  return typeof value === "string" ? instantOfText(value) : null;
}

/** The text that `String` makes of the value. "" when `String` throws. */
function asText(value: NonNullable<LogJson[string]>): string {
  try {
    // oxlint-disable-next-line typescript/no-base-to-string -- "[object Object]" is no accepted value either
    return String(value);
  } catch {
    return "";
  }
}

/** Parses a gzip stream from its first to its last line. Returns the gzip member of each batch. */
export async function straightforward(
  body: ReadableStream<Uint8Array>,
  spec: Spec,
  onBatch: (member: Uint8Array, rawBytes: number) => void,
): Promise<PlainCounts> {
  const file = new StraightforwardParse(
    spec,
    async (content) => {
      const bytes = new TextEncoder().encode(content);
      const packed = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
      onBatch(new Uint8Array(await new Response(packed).arrayBuffer()), bytes.length);
    },
    readOrdinary,
  );
  const reader = body.pipeThrough(new DecompressionStream("gzip")).getReader();
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) await file.take(line);
  }
  if (rest !== "") await file.take(rest);
  await file.finish();
  return file.counts;
}
