// Finds one RayID in a raw log object, and what a parse of this R2 object decides about each record with the RayID.
// The batch of a record depends on every kept line before the record. So the search runs the real parse of the file
// and watches it.

import type { DropReason, MalformedSample } from "../contract/file-counts.ts";
import type { ParseSpec } from "../contract/parse-spec.ts";
import { parseFileWith } from "./parse.ts";
import { text, withoutControls } from "./transform/text.ts";
import type { Batch, LiveParse, ParseOutcome, ParseWatch, SeenRecord, WorkClock } from "./types.ts";

/** The place of a kept line: its batch and its line in the batch. */
export interface RayPlace {
  /** 0-based position of the batch in the file. */
  ordinal: number;
  digest: string;
  /** 0-based position of the line in the batch. */
  line: number;
}

export interface RayFound {
  /** 1-based number of the raw line. */
  line: number;
  fate: "kept" | "dropped" | "malformed";
  reason: DropReason | MalformedSample["reason"] | null;
  /** The live worker's batch of a record that is dropped as `delivered_live`. */
  liveBatch: number | null;
  /** The partner line without its LF. Null: the record has no line, or the answer would become too large. */
  text: string | null;
  /** Null: the line is not kept, or the parse ended before the batch was full. */
  place: RayPlace | null;
}

/** The most occurrences that are kept, and the most characters of their lines. Further occurrences are only
 * counted. */
export interface RayBounds {
  occurrences: number;
  chars: number;
}

/** Every text with one of these values has it verbatim, unless it is escaped. A number may be written as 1e3. */
const VERBATIM = /^(?!-?[\d.]+e-)[\w.:-]*[A-Za-z_][\w.:-]*$/i;

/** The most raw lines with the RayID that are remembered. A record that spans several lines has at most 1,000
 * lines. */
const MAX_NOTED_LINES = 1_000;

export class RaySearch implements ParseWatch {
  readonly found: RayFound[] = [];
  occurrences = 0;
  readonly #rayId: string;
  readonly #bounds: RayBounds;
  readonly #liveBatchSize: number | null;
  readonly #isVerbatim: boolean;
  #chars = 0;
  /** Kept lines that wait for the end of their batch, with their number among the kept lines, from 1. */
  #open: { found: RayFound; kept: number }[] = [];
  /** Kept lines of the batches so far. */
  #batched = 0;
  /** Raw lines whose bytes contain the RayID. */
  readonly #lines = new Set<number>();

  constructor(rayId: string, bounds: RayBounds, liveBatchSize: number | null = null) {
    this.#rayId = rayId;
    this.#bounds = bounds;
    this.#liveBatchSize = liveBatchSize;
    this.#isVerbatim = VERBATIM.test(rayId);
  }

  wants(map: string, line: number): boolean {
    return this.#noteLines(map, line) || !this.#isVerbatim || this.#hasEscapeOfRay(map);
  }

  /** The partner sees a RayID without control characters, so an operator searches for it in this form. */
  record({ record, line, liveIndex, reason, text: formatted, kept }: SeenRecord): void {
    if (withoutControls(text(record.RayID)) !== this.#rayId) return;
    const size = this.#liveBatchSize;
    const isLive = reason === "delivered_live" && size !== null;
    const found = this.#add({
      line,
      fate: reason === null ? "kept" : "dropped",
      reason,
      liveBatch: isLive ? Math.floor(liveIndex / size) : null,
      text: formatted === null ? null : formatted.slice(0, -1),
      place: null,
    });
    if (found !== null && reason === null) this.#open.push({ found, kept });
  }

  /** The RayID of a malformed line is unknown. The line counts when its bytes contain the RayID. */
  malformed(line: number, reason: MalformedSample["reason"]): void {
    if (!this.#lines.delete(line)) return;
    this.#add({ line, fate: "malformed", reason, liveBatch: null, text: null, place: null });
  }

  /** Call for each batch of the parse, in order. */
  batch({ ordinal, digest, lines }: Batch): void {
    const before = this.#batched;
    this.#batched += lines;
    // The newest line may not have fitted into this batch.
    const later = this.#open.filter(({ kept }) => kept > this.#batched);
    for (const { found, kept } of this.#open)
      if (kept <= this.#batched) found.place = { ordinal, digest, line: kept - 1 - before };
    this.#open = later;
  }

  #add(found: RayFound): RayFound | null {
    this.occurrences += 1;
    if (this.found.length >= this.#bounds.occurrences) return null;
    const chars = found.text?.length ?? 0;
    const isShown = this.#chars + chars <= this.#bounds.chars;
    if (isShown) this.#chars += chars;
    else found.text = null;
    this.found.push(found);
    return found;
  }

  /** Whether a raw line of the block contains the RayID as it is. */
  #noteLines(map: string, first: number): boolean {
    // The parse has already judged the lines that were remembered before, so they can be forgotten. Otherwise a
    // short RayID that occurs in every line would fill the memory.
    if (this.#lines.size > MAX_NOTED_LINES) this.#lines.clear();
    let line = first;
    let counted = 0;
    let isHeld = false;
    const rayId = this.#rayId;
    for (let at = map.indexOf(rayId); at >= 0; at = map.indexOf(rayId, at + rayId.length)) {
      for (let lf = map.indexOf("\n", counted); lf >= 0 && lf < at; lf = map.indexOf("\n", counted)) {
        line += 1;
        counted = lf + 1;
      }
      this.#lines.add(line);
      isHeld = true;
    }
    return isHeld;
  }

  /** Whether an escape of the block spells a character of the RayID. */
  #hasEscapeOfRay(map: string): boolean {
    for (let at = map.indexOf("\\u00"); at >= 0; at = map.indexOf("\\u00", at + 4)) {
      const code = Number.parseInt(map.slice(at + 4, at + 6), 16);
      if (this.#rayId.includes(String.fromCharCode(code))) return true;
    }
    return false;
  }
}

/** Parses the R2 object as the run does, without compressing. Rejects when `slabs` or the clock reject. What was
 * found until then stays in `search`. */
export function searchFile(
  slabs: AsyncIterable<Uint8Array>,
  source: { key: string },
  spec: ParseSpec,
  search: RaySearch,
  clock?: WorkClock,
  live?: LiveParse,
): Promise<ParseOutcome> {
  const parse = parseFileWith({ rejectEarly: true, watch: search });
  const take = async (batch: Batch): Promise<void> => search.batch(batch);
  return parse(slabs, source, { ...spec, gzipLevel: null }, take, clock, live);
}
