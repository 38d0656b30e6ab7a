// Decides what a delivery changes. Does no I/O. It takes rows and returns effects.
//
// A delivery makes its batch `done`, from any attempt and in any state. No later report moves a `done` batch. The
// lines of a batch count as sent once. A second delivery counts them as duplicates. A delivery that is reported
// twice counts nothing the second time.
//
//   the batch is             the delivery
//   done by this attempt     changes nothing
//   done by another attempt  is a duplicate
//   done by an operator      is the delivery that the operator meant, so the attempt that the operator's decision
//                            settled becomes a possible duplicate
//   split                    delivers every part that is not done; the parts that are done are duplicates
//   anything else            makes the batch done. Its uncertain attempts are possible duplicates from then on
import { FOLLOWED_BY_PARENT, type AttemptRow } from "../ledger/attempt-row.ts";
import type { BatchRow } from "../ledger/batch-row.ts";
import type { Effect } from "./report-effects.ts";

export interface PartFacts {
  batch: BatchRow;
  /** The row of the attempt that delivered the part, if there is one. */
  delivery: AttemptRow | null;
  resolved: AttemptRow[];
  /** When the lease of the part ends, in epoch milliseconds. Null: the part is not leased. */
  leaseEnd: number | null;
}

/** The rows that a delivery needs in addition to its batch and its attempt. */
export interface DeliveryFacts {
  /** When the lease of the batch ends, in epoch milliseconds. Null: the batch is not leased. */
  leaseEnd: number | null;
  /** The attempts that an operator's decision settled. */
  resolved: AttemptRow[];
  /** Only for a split batch: whether one of its attempts was delivered before, and its parts over all halvings. */
  wasDelivered: boolean;
  parts: PartFacts[];
}

export interface Delivery {
  batch: BatchRow;
  attempt: number;
  /** The row of the delivered attempt, if it has one. */
  prior: AttemptRow | null;
  startedAt: number | null;
  /** The HTTP status of the delivery. Null: an operator decided that the batch was delivered. */
  status: number | null;
  /** What showed that an uncertain attempt was delivered. */
  cause: "late_2xx" | "operator_word";
  facts: DeliveryFacts;
}

export function decideDelivery(delivery: Delivery): Effect[] {
  const { batch, attempt, prior, status, cause, facts } = delivery;
  if (batch.state === "split") return deliverParent(delivery);
  if (batch.state === "done") return deliverAgain(delivery);
  return [
    ...(prior ? [{ do: "move_attempt", row: prior, to: "done", cause } as const] : []),
    follow(batch, attempt),
    ...settle(batch, attempt, status, facts.leaseEnd),
  ];
}

function deliverAgain({ batch, attempt, prior, startedAt, status, facts }: Delivery): Effect[] {
  if (batch.done_attempt === attempt || isDelivered(prior)) return [];
  if (batch.done_attempt === null) {
    const known: Effect[] = prior ? [{ do: "move_attempt", row: prior, to: "done", cause: "late_2xx" }] : [];
    return [...known, ...nameDelivery(batch, attempt, status, facts.resolved)];
  }
  return [
    duplicate(batch, attempt, prior, { cause: "second_2xx", startedAt }),
    { do: "count_duplicate_lines", lines: batch.lines },
  ];
}

/** Handles the delivery of a batch that an operator had settled. The attempt that the operator's decision settled may
 * have delivered the lines too. */
function nameDelivery(
  batch: BatchRow,
  attempt: number,
  status: number | null,
  resolved: readonly AttemptRow[],
): Effect[] {
  const others = resolved.filter((row) => row.attempt !== attempt);
  return [
    ...others.map((row) => ({ do: "move_attempt", row, to: "uncertain", cause: row.cause }) as const),
    follow(batch, attempt),
    { do: "name_delivery", batch, attempt, status },
  ];
}

/** `attempt` 0: the POST of the parent delivered the lines. */
function follow({ batch }: BatchRow, attempt: number): Effect {
  return { do: "follow", batch, next: followerOf(attempt), by: "delivery" };
}

/** Which attempt delivered the lines again, for a row of an attempt. `delivered`: the attempt that delivered the batch.
 * Null: none is known. */
export function followerOf(delivered: number | null): number {
  if (delivered === null) return 0;
  return delivered === 0 ? FOLLOWED_BY_PARENT : delivered;
}

/** Handles a late 2xx of a batch that was already split. The 2xx delivers all its parts. */
function deliverParent({ batch, attempt, prior, status, facts }: Delivery): Effect[] {
  if (isDelivered(prior)) return [];
  const { wasDelivered, parts } = facts;
  // Other batches carry the lines of a batch without parts.
  const isAgain = wasDelivered || parts.length === 0;
  const to = isAgain ? "duplicate" : "done";
  const known: Effect = prior
    ? { do: "move_attempt", row: prior, to, cause: "late_2xx" }
    : { do: "record_attempt", batch, attempt, end: { state: to, cause: "late_2xx" } };
  if (isAgain) return [known, { do: "count_duplicate_lines", lines: batch.lines }];
  return [known, ...parts.flatMap((part) => deliverPart(part, status))];
}

function deliverPart({ batch, delivery, resolved, leaseEnd }: PartFacts, status: number | null): Effect[] {
  if (batch.state === "split") return [];
  // Attempt 0 means that the parent's POST delivered the part.
  if (batch.state !== "done") return [follow(batch, 0), ...settle(batch, 0, status, leaseEnd)];
  if (batch.done_attempt === null) return nameDelivery(batch, 0, status, resolved);
  if (delivery?.state === "duplicate") return [];
  const attempt = batch.done_attempt;
  return [
    duplicate(batch, attempt, delivery, { cause: "parent_2xx" }),
    { do: "count_duplicate_lines", lines: batch.lines },
  ];
}

function isDelivered(row: AttemptRow | null): boolean {
  return row?.state === "done" || row?.state === "duplicate";
}

function duplicate(
  batch: BatchRow,
  attempt: number,
  prior: AttemptRow | null,
  { cause, startedAt = null }: { cause: string; startedAt?: number | null },
): Effect {
  if (prior) return { do: "move_attempt", row: prior, to: "duplicate", cause };
  return { do: "record_attempt", batch, attempt, end: { state: "duplicate", cause, startedAt } };
}

/** Makes the batch done. A newer attempt of the batch may have an open POST. Until the lease of this attempt ends,
 * the run counts it as a lease. */
function settle(batch: BatchRow, attempt: number, status: number | null, leaseEnd: number | null): Effect[] {
  const deliver: Effect = { do: "deliver", batch, attempt, status };
  if (batch.state !== "leased" || batch.attempt === attempt) return [deliver];
  const end = {
    state: "uncertain",
    cause: "superseded",
    detail: "an earlier attempt was accepted meanwhile",
    followed: followerOf(attempt),
  } as const;
  return [
    deliver,
    { do: "record_attempt", batch, attempt: batch.attempt, end },
    { do: "stay_quiet", until: leaseEnd ?? 0 },
  ];
}
