// An operator's choices for one file. These choices decide how the file is parsed, in this run and in its
// continuations.
import type { LiveWaitingMode } from "../../../src/contract/live.ts";
import type { ParseSpec } from "../../../src/contract/parse-spec.ts";
import type { RunContext } from "../context/context.ts";
import type { FileRow } from "../ledger/file-rows.ts";

export interface FileChoices {
  topLevelParentRayIds?: (string | null)[];
  onCorrupt?: "fail" | "salvage";
  liveWaiting?: LiveWaitingMode;
  /** The decision about a suspicious file. The decision applies only to the R2 object with this etag. */
  accepted?: { etag: string; send: boolean };
}

/** The choices of this run. If this run has none, the choices of the run that it continues. */
export function choicesOf(context: RunContext, file: Pick<FileRow, "key" | "choices_json">): FileChoices {
  const json = file.choices_json ?? context.store.inherited.choicesOf(file.key);
  return json === null ? {} : (JSON.parse(json) as FileChoices);
}

/** The settings with which this file is parsed. */
export function parseSpecOf(context: RunContext, file: FileRow, parse: ParseSpec): ParseSpec {
  const { topLevelParentRayIds, onCorrupt } = choicesOf(context, file);
  return { ...parse, ...(topLevelParentRayIds && { topLevelParentRayIds }), ...(onCorrupt && { onCorrupt }) };
}
