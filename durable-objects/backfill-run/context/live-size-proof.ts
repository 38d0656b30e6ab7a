// Decides whether the run trusts the configured batch size of the live worker, from sums over its parsed files. Does no
// I/O.
import type { LiveProof, LiveSpec } from "../../../src/contract/live.ts";
import { acceptedOf } from "./accepted-codes.ts";
import { SIZE_UNPROVEN } from "../ledger/reasons.ts";
import type { RunRow } from "../ledger/run-row.ts";
import { judgeSize, noEvidence, type LiveDoubt, type LiveEvidence } from "./live-size.ts";

export interface LiveBelief {
  evidence: LiveEvidence;
  doubt: LiveDoubt | null;
  fitting: number[];
}

export function beliefOf(row: Pick<RunRow, "live_json">, { batchSize }: LiveSpec): LiveBelief {
  if (row.live_json !== null) return JSON.parse(row.live_json) as LiveBelief;
  const evidence = noEvidence(batchSize);
  return { evidence, ...judgeSize(evidence, batchSize) };
}

/** Who says that the size is right. Null: the run does not trust the size. */
export function provenBy(row: RunRow, spec: LiveSpec): LiveProof | null {
  if (!isBelieved(row, spec)) return null;
  return beliefOf(row, spec).doubt === null ? "files" : "operator";
}

/** An operator may accept a size that too few files prove. The run never trusts a size that a file contradicts. */
export function isBelieved(row: RunRow, spec: LiveSpec): boolean {
  const { doubt } = beliefOf(row, spec);
  return doubt === null || (doubt === "too_few_files" && acceptedOf(row)[SIZE_UNPROVEN] !== undefined);
}

const WORDS: Record<LiveDoubt, string> = {
  contradicted: "a file has a marker beyond the last batch of this size",
  too_few_files: "fewer than three files have all markers that this size gives",
  several_sizes_fit: "other sizes fit the same files and would skip other records",
  size_changed: "files delivered from their first batch on have the markers of another size",
};

/** Why the run does not trust the size, as text for people. Null: the run trusts the size, or no file has a marker. */
export function doubtText(row: RunRow, spec: LiveSpec): string | null {
  const { evidence, doubt, fitting } = beliefOf(row, spec);
  if (evidence.files === 0 || doubt === null || isBelieved(row, spec)) return null;
  const fit = fitting.length === 0 ? "no size fits" : `sizes that fit most files: ${fitting.join(", ")}`;
  return `the live worker's batches of ${spec.batchSize} records are not proven: ${WORDS[doubt]}; ${fit}`;
}
