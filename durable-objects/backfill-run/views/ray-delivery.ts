// Decides whether one line was delivered, from the batches that contained the line and from their attempts.
import { iso } from "../../../src/contract/instants.ts";
import type { RayVerdict } from "../../../src/contract/rays.ts";
import type { AttemptRow } from "../ledger/attempt-row.ts";
import type { BatchRow } from "../ledger/batch-row.ts";
import type { FileRow } from "../ledger/file-rows.ts";
import { INHERITED_DELIVERED } from "../ledger/reasons.ts";
import { batchReason, fileReason } from "./reason-text.ts";

export interface Carrier {
  row: BatchRow;
  attempts: AttemptRow[];
}

export interface Judged {
  verdict: RayVerdict;
  detail: string;
  deliveries: { certain: number; possible: number };
}

const NONE = { certain: 0, possible: 0 };

/** `carriers` are the batches that contained the line, oldest first. The first is the batch that the parser made. The
 * last contains the line now. */
export function judgeCarriers(carriers: readonly Carrier[]): Judged {
  const last = carriers.at(-1)?.row;
  if (!last) return { verdict: "unknown", detail: "no batch of the run has this line", deliveries: NONE };
  const accepted = carriers.flatMap(({ row, attempts }) => acceptedAttempts(row, attempts));
  const uncertain = carriers.flatMap(({ attempts }) => attempts.filter(({ state }) => state === "uncertain"));
  const deliveries = { certain: accepted.length, possible: uncertain.length };
  const reason = batchReason(last);
  const because = reason === null ? "" : `: ${reason}`;
  if (last.state === "done") return { verdict: "sent", detail: doneText(last), deliveries };
  if (accepted.length > 0)
    return { verdict: "sent", detail: `accepted, and batch ${last.batch} is ${last.state} now`, deliveries };
  if (last.state === "discarded" && last.reason_code === INHERITED_DELIVERED)
    return { verdict: "sent_by_earlier_run", detail: `delivered by ${last.reason_detail}`, deliveries };
  const state = `batch ${last.batch} is ${last.state}${because}`;
  if (uncertain.length > 0)
    return { verdict: "maybe_sent", detail: `${uncertainText(uncertain)}; ${state}`, deliveries };
  const waits = last.state === "pending" || last.state === "leased";
  return { verdict: waits ? "not_sent_yet" : "not_sent", detail: state, deliveries };
}

/** What is known of a kept line if its file has no batch that contains it. */
export function judgeFile(file: FileRow, isLiveOpen: boolean): Judged {
  const reason = fileReason(file);
  const state = `file ${file.file} is ${file.state}${reason === null ? "" : `: ${reason}`}`;
  const waits = file.state === "listed" || file.state === "parsing" || file.state === "waiting";
  if (!waits)
    return { verdict: "not_sent", detail: `${state}; none of its lines is in a batch`, deliveries: NONE };
  const live = isLiveOpen ? "; the parse decides whether the live worker delivered the line" : "";
  return { verdict: "not_sent_yet", detail: `${state}${live}`, deliveries: NONE };
}

/** Attempts of this batch that the receiver accepted. Attempt 0 stands for a POST of another batch. */
function acceptedAttempts(row: BatchRow, attempts: AttemptRow[]): number[] {
  const recorded = attempts.filter(({ state }) => state === "done" || state === "duplicate");
  const settling = row.state === "done" && row.done_attempt !== null ? [row.done_attempt] : [];
  const numbers = new Set([...settling, ...recorded.map(({ attempt }) => attempt)]);
  numbers.delete(0);
  return [...numbers];
}

function doneText(row: BatchRow): string {
  const reason = batchReason(row);
  if (row.done_attempt === null && reason !== null)
    return row.done_at === null ? reason : `${reason}, at ${iso(row.done_at)}`;
  if (row.done_at === null) return "accepted; an older version did not record when, and with which status";
  const status = row.answer_status === null ? "" : ` with status ${row.answer_status}`;
  return `accepted at ${iso(row.done_at)}${status}`;
}

function uncertainText(attempts: readonly AttemptRow[]): string {
  const causes = [...new Set(attempts.map(({ cause }) => cause))].join(", ");
  return `${attempts.length} attempts may have been accepted (${causes})`;
}
