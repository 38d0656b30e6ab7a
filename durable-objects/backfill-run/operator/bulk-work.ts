// The bulk commands by name. The clock finds them here. bulk-commands.ts explains how to add a command.
import { answerWordsPart } from "./answer-decisions.ts";
import type { BulkWork } from "./bulk-commands.ts";
import { readDuplicatesPart } from "./read-duplicates.ts";
import { holdUncertainPart } from "./patch-limits.ts";
import { retryPart } from "./retry-all.ts";

export const BULK_WORK: Readonly<Record<string, BulkWork>> = {
  retry_all: retryPart,
  hold_uncertain: holdUncertainPart,
  answer_words: answerWordsPart,
  read_duplicates: readDuplicatesPart,
};
