// The parse step: bytes of one raw log object in, batches and counts out. Owns the order of the stages and the
// outcome. This file uses no R2 and no run. The caller passes in the clock.
//
//   slabs → decompress → cut into blocks of lines → reject, parse, filter, format → batches

import { FileParse } from "./file-parse.ts";
import { inflate, tooSlow } from "./inflate.ts";
import { LineCutter } from "./lines.ts";
import { SlabReader } from "./slab-reader.ts";
import type { ParseFile, ParseOutcome, ParseWatch } from "./types.ts";
import { WorkTurns } from "./work-turns.ts";

/** Rejects only when `slabs`, `onBatch` or the clock reject. A damaged R2 object is an outcome, not an error.
 * `onBatch` may have received batches of an R2 object before the damage was found. Those batches must not be sent. */
export const parseFile: ParseFile = parseFileWith({ rejectEarly: true });

/** `rejectEarly: false` is only for the differential test. It gives the same outcome more slowly. An error that the
 * watch throws ends the parse. */
export function parseFileWith({
  rejectEarly,
  watch = null,
}: {
  rejectEarly: boolean;
  watch?: ParseWatch | null;
}): ParseFile {
  return async (slabs, { key }, spec, onBatch, clock, live): Promise<ParseOutcome> => {
    const reader = new SlabReader(slabs);
    const lines = new LineCutter(spec.maxLineBytes, (spec.parseVersion ?? 1) > 1);
    const turns = new WorkTurns(clock ?? null);
    const file = new FileParse(spec, onBatch, { rejectEarly, live: live ?? null, watch }, turns);
    const { counts } = file;

    const chunks = inflate(reader, key, turns);
    try {
      let step = await chunks.next();
      for (; !step.done; step = await chunks.next()) {
        counts.rawBytes += step.value.length;
        for (const piece of lines.cut(step.value)) {
          await file.take(piece);
          turns.did({ bytes: piece.bytes.length });
          if (turns.isDue) await turns.rest();
        }
        // The work is checked here too, because a chunk inside one unfinished line gives no piece.
        if (turns.isDue) await turns.rest();
        if (turns.isTooSlow) return { kind: "corrupt", ...tooSlow(), counts };
      }
      counts.bytesRead = reader.bytesRead;
      const corruption = step.value;
      if (corruption !== null && !(corruption.reason === "truncated" && spec.onCorrupt === "salvage")) {
        return { kind: "corrupt", ...corruption, counts };
      }
      // The text after the last LF of a truncated file is an incomplete line. This text is not read, so it is not
      // counted as malformed.
      const last = corruption === null ? lines.finish() : null;
      if (last !== null) await file.take(last);
      await file.finish(corruption !== null);
      const salvaged = { lines: counts.linesRead, bytes: counts.rawBytes - lines.unfinishedBytes };
      const outcome = { kind: "ok", counts, salvaged: corruption === null ? null : salvaged } as const;
      return file.liveKept === null ? outcome : { ...outcome, liveKept: file.liveKept };
    } finally {
      await chunks.return(null);
      await reader.close();
    }
  };
}
