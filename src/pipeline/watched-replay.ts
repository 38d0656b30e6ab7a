// Decides about records as RecordReplay does, and shows each decision to a watch. This file has no rule of its own.

import { DROP_REASONS, type FileCounts } from "../contract/file-counts.ts";
import type { ParseOptions } from "../contract/parse-spec.ts";
import type { LiveIndex } from "./live-index.ts";
import { RecordReplay, type RecordText } from "./record-replay.ts";
import type { LogRecord } from "./transform/log-record.ts";
import type { ParseWatch } from "./types.ts";

export class WatchedReplay extends RecordReplay {
  readonly #counted: FileCounts;
  readonly #watch: ParseWatch;

  constructor(spec: ParseOptions, counts: FileCounts, live: LiveIndex | null, watch: ParseWatch) {
    super(spec, counts, live);
    this.#counted = counts;
    this.#watch = watch;
  }

  override line(record: LogRecord, read: RecordText, number: number, index: number): string | null {
    const { dropped } = this.#counted;
    const before = { ...dropped };
    const formatted = super.line(record, read, number, index);
    const reason = DROP_REASONS.find((one) => dropped[one] !== before[one]) ?? null;
    const { kept } = this.#counted;
    this.#watch.record({ record, line: number, liveIndex: index, reason, text: formatted, kept });
    return formatted;
  }
}
