// What an operator chose for one file: it decides how the file is parsed, in this run and in those that continue it.
import type { ParseSpec } from "../../../src/contract/parse-spec.ts";
import type { RunContext } from "../context/context.ts";
import type { FileRow } from "../ledger/file-rows.ts";

export interface FileChoices {
  topLevelParentRayIds?: (string | null)[];
  onCorrupt?: "fail" | "salvage";
  /** The word on a suspicious file: for the object with this etag, and no other. */
  accepted?: { etag: string; send: boolean };
}

/** The run's own, or else what the run that it continues had. */
export function choicesOf(context: RunContext, file: Pick<FileRow, "key" | "choices_json">): FileChoices {
  const json = file.choices_json ?? context.store.inherited.choicesOf(file.key);
  return json === null ? {} : (JSON.parse(json) as FileChoices);
}

/** How this file is parsed. */
export function parseSpecOf(context: RunContext, file: FileRow, parse: ParseSpec): ParseSpec {
  const { topLevelParentRayIds, onCorrupt } = choicesOf(context, file);
  return { ...parse, ...(topLevelParentRayIds && { topLevelParentRayIds }), ...(onCorrupt && { onCorrupt }) };
}
