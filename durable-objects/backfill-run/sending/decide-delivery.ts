// Decides what a delivery changes. Pure: it takes rows and returns effects.
//
// A delivery is absorbing: it makes its batch `done` from any attempt and in any state, and no later report moves the
// batch. The lines of a batch count as sent once. A second delivery counts them as duplicates. A delivery that is
// reported twice counts nothing the second time.
//
//   the batch is             the delivery
//   done by this attempt     changes nothing
//   done by another attempt  is a duplicate
//   done by an operator      is the delivery that the operator meant
//   split                    delivers every part that is not done; the parts that are done are duplicates
//   anything else            makes the batch done. Its uncertain attempts are possible duplicates from then on
import type { AttemptRow } from "../ledger/attempt-rows.ts";
import type { BatchRow } from "../ledger/batch-row.ts";
import type { Effect } from "./report-effects.ts";

export interface PartFacts {
  batch: BatchRow;
  /** The row of the attempt that delivered the part, where it has one. */
  delivery: AttemptRow | null;
  /** When the lease of the part ends; null: it is not leased. Epoch milliseconds. */
  leaseEnd: number | null;
}

/** The rows that a delivery needs in addition to its batch and its attempt. */
export interface DeliveryFacts {
  /** When the lease of the batch ends; null: it is not leased. Epoch milliseconds. */
  leaseEnd: number | null;
  /** Only of a split batch: whether one of its attempts was delivered before, and its parts over all halvings. */
  wasDelivered: boolean;
  parts: PartFacts[];
}

export interface Delivery {
  batch: BatchRow;
  attempt: number;
  /** The row of that attempt, if it has one. */
  prior: AttemptRow | null;
  startedAt: number | null;
  /** Null: an operator decided it. */
  status: number | null;
  /** How it became known that an uncertain attempt was delivered. */
  cause: "late_2xx" | "operator_word";
  facts: DeliveryFacts;
}

export function decideDelivery(delivery: Delivery): Effect[] {
  const { batch, attempt, prior, status, cause, facts } = delivery;
  if (batch.state === "split") return deliverParent(delivery);
  if (batch.state === "done") return deliverAgain(delivery);
  return [
    ...(prior ? [{ do: "move_attempt", row: prior, to: "done", cause } as const] : []),
    { do: "follow", batch: batch.batch, next: attempt },
    ...settle(batch, attempt, status, facts.leaseEnd),
  ];
}

function deliverAgain({ batch, attempt, prior, startedAt, status }: Delivery): Effect[] {
  if (batch.done_attempt === attempt || isDelivered(prior)) return [];
  if (batch.done_attempt === null) {
    const named = { do: "name_delivery", batch, attempt, status } as const;
    return prior ? [{ do: "move_attempt", row: prior, to: "done", cause: "late_2xx" }, named] : [named];
  }
  return [
    duplicate(batch, attempt, prior, { cause: "second_2xx", startedAt }),
    { do: "count_duplicate_lines", lines: batch.lines },
  ];
}

/** The whole batch arrived after the run had split it, and its parts arrived with it. */
function deliverParent({ batch, attempt, prior, status, facts }: Delivery): Effect[] {
  if (isDelivered(prior)) return [];
  const { wasDelivered, parts } = facts;
  const to = wasDelivered ? "duplicate" : "done";
  const known: Effect = prior
    ? { do: "move_attempt", row: prior, to, cause: "late_2xx" }
    : { do: "record_attempt", batch, attempt, end: { state: to, cause: "late_2xx" } };
  if (wasDelivered || parts.length === 0) return [known, { do: "count_duplicate_lines", lines: batch.lines }];
  return [known, ...parts.flatMap((part) => deliverPart(part, status))];
}

function deliverPart({ batch, delivery, leaseEnd }: PartFacts, status: number | null): Effect[] {
  if (batch.state === "split") return [];
  // Attempt 0: the parent's POST delivered the part, not an attempt of the part.
  if (batch.state !== "done") return settle(batch, 0, status, leaseEnd);
  if (delivery?.state === "duplicate") return [];
  const attempt = batch.done_attempt ?? batch.attempt;
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

/** A newer attempt may be out, and its sender may be posting. The run stays quiet until that lease ends. */
function settle(batch: BatchRow, attempt: number, status: number | null, leaseEnd: number | null): Effect[] {
  const deliver: Effect = { do: "deliver", batch, attempt, status };
  if (batch.state !== "leased" || batch.attempt === attempt) return [deliver];
  const end = {
    state: "uncertain",
    cause: "superseded",
    detail: "an earlier attempt was accepted meanwhile",
    followed: attempt,
  } as const;
  return [
    deliver,
    { do: "record_attempt", batch, attempt: batch.attempt, end },
    { do: "stay_quiet", until: leaseEnd ?? 0 },
  ];
}
