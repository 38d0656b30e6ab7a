// Says what each number of a run proves and does not prove. Does no I/O.
import type { RunStatusAnswer } from "../../../contract/api/api-types.ts";
import { texts } from "../../text/texts.ts";

type NumberTexts = typeof texts.value.evidence.numbers;

export interface ProvenNumber {
  key: keyof NumberTexts;
  value: number;
}

export function provenNumbers(run: RunStatusAnswer): ProvenNumber[] {
  const { dropped } = run.lines;
  return [
    { key: "sent", value: run.log_lines_sent },
    { key: "read", value: run.lines.read },
    { key: "live", value: dropped.delivered_live },
    { key: "subrequests", value: dropped.not_top_level },
    { key: "outside", value: dropped.outside_window },
    ...(dropped.invalid_timestamp > 0
      ? [{ key: "unreadable", value: dropped.invalid_timestamp } as const]
      : []),
    { key: "malformed", value: run.lines.malformed },
    { key: "duplicate", value: run.duplicate_lines },
    { key: "possible", value: run.possible_duplicate_lines },
    ...(run.deduped_lines ? [{ key: "sentAgain", value: run.deduped_lines } as const] : []),
    { key: "uncertain", value: run.uncertain_attempts },
    { key: "assumed", value: run.assumed_not_delivered_attempts },
    { key: "exceptions", value: run.exceptions },
    { key: "repeated", value: run.repeated_ray_ids },
    ...(run.untracked_ray_ids > 0 ? [{ key: "untracked", value: run.untracked_ray_ids } as const] : []),
  ];
}

/** The number 0 has texts of its own. */
export function meaningOf({ key, value }: ProvenNumber): readonly [proves: string, not: string] {
  const { proves, not, none } = texts.value.evidence.numbers[key];
  return value === 0 ? none : [proves, not];
}
