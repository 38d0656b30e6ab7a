// Makes three texts that the API shows: the `reason` of a batch, the `reason` of a file, and the `detail` of an
// attempt.
import type { AttemptRow } from "../ledger/attempt-row.ts";
import {
  COUNTED_ONLY,
  FILE_ACCEPTED,
  INHERITED_DELIVERED,
  INHERITED_UNCERTAIN,
  RESOLVED_DELIVERED,
  RESOLVED_DISCARDED,
  SAME_AS,
  type FileReason,
  type Reason,
} from "../ledger/reasons.ts";

export function batchReason(row: Reason & { same_as_batch: number | null }): string | null {
  const { reason_code: code, reason_detail: detail, same_as_batch } = row;
  switch (code) {
    case null:
      return null;
    case SAME_AS:
      return `the same as batch ${same_as_batch}`;
    case INHERITED_DELIVERED:
      return `inherited: delivered by ${detail}`;
    case INHERITED_UNCERTAIN:
      return `inherited: uncertain in ${detail}`;
    case RESOLVED_DELIVERED:
      return `resolved as delivered: ${detail}`;
    case RESOLVED_DISCARDED:
      return `resolved as discarded: ${detail}`;
    case COUNTED_ONLY:
      return "counted by a dry run, never sent";
    case FILE_ACCEPTED:
      return "its file was accepted as it stands";
    default:
      return withDetail(row);
  }
}

export function fileReason(row: FileReason): string | null {
  const reason = withDetail(row);
  return row.decision === null ? reason : `${reason}; ${row.decision}`;
}

/** The `detail` of an attempt. It begins with the kind of answer, if there is one. */
export function attemptDetail({
  answer_kind,
  detail,
}: Pick<AttemptRow, "answer_kind" | "detail">): string | null {
  if (answer_kind === null) return detail;
  return detail === null ? answer_kind : `${answer_kind} ${detail}`;
}

function withDetail({ reason_code, reason_detail }: Reason): string | null {
  return reason_detail === null ? reason_code : `${reason_code}: ${reason_detail}`;
}
