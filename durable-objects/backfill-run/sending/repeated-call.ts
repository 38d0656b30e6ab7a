// Answers a call that its sender repeats because the answer was lost. Such a sender has used none of the permits of the
// first answer, so it gets the same batches again. After new claims, these batches would be leased although no
// sender has their permits. Their attempts would become uncertain.
import { receiverOf } from "../../../src/contract/run-id.ts";
import type { NoPermit, SendPermit } from "../../../src/contract/sending.ts";
import { keyOf } from "../batches/attempt-records.ts";
import type { RunContext, StartedRun } from "../context/context.ts";
import { SEND_LEASE_MS, permitOf } from "./claim.ts";

export type CallAge = "new" | "repeated" | "outdated";

/** Whether a call is new, repeated or outdated. `remembered` is the sender's newest call in memory, and `stored` its
 * newest call with open leases. 0: there is none. Senders of older code do not number their calls, so each of their calls
 * is new. After an eviction, a later call than the first may have been delayed. It counts as repeated, and gets no new
 * lease. A sender that waits for its answer calls again. */
export function ageOfCall(call: number | undefined, remembered: number, stored: number): CallAge {
  if (call === undefined) return "new";
  const newest = Math.max(remembered, stored);
  if (call < newest) return "outdated";
  if (call === newest) return "repeated";
  return remembered > 0 || call === 1 ? "new" : "repeated";
}

/** A loop without a permit calls again, with the next number. */
const CALL_AGAIN: NoPermit = { kind: "wait", waitMs: 0, reason: "repeated_call" };
/** A call that was delayed on its way. Its sender has received the answer to a later call. */
const OUTDATED: NoPermit = { kind: "nothing", reason: "outdated_call" };

/** A sender of code from before RECEIVERS. It would send the lines of every run to the first receiver. */
const OLDER_SENDER: NoPermit = { kind: "nothing", reason: "older_sender" };

/** Why a call gets no new permit. Undefined: it may get one. Code from before RECEIVERS numbers no calls. During a
 * deployment or after a rollback, it may still run while this Durable Object has newer code. */
export function noNewPermit(runId: string, call: number | undefined, age: CallAge): NoPermit | undefined {
  if (call === undefined && receiverOf(runId) !== null) return OLDER_SENDER;
  return REST_BY_AGE[age];
}

const REST_BY_AGE = { new: undefined, repeated: CALL_AGAIN, outdated: OUTDATED };

/** Renews the leases of the permits that the first answer contained. The time of each permit may be over, so its sender
 * must renew it before the POST. `slackMs` is -1, because every sender is later than that. Call only inside a
 * transaction. */
export function permitsAgain(
  context: RunContext,
  run: StartedRun,
  sender: string,
  call: number | undefined,
): SendPermit[] {
  const { store, memory, now } = context;
  const until = now + SEND_LEASE_MS;
  const stored = store.calls.of(sender);
  // The sender got the permits of an earlier call, and uses them now.
  if (stored === undefined || stored.call !== call) return [];
  // A forced abort refuses every renewal, so that the run is soon quiet.
  if (run.row.abort_force === 1) return [];
  return stored.permits.flatMap((ref) => {
    const batch = store.batches.get(ref.batch);
    const file = batch && store.files.get(batch.file);
    if (!file || !store.batches.renew(ref.batch, ref.attempt, until)) return [];
    memory.inFlight.renewed(keyOf(ref), until);
    return [permitOf(context, run, { batch, file }, { attempt: ref.attempt, waitMs: 0, slackMs: -1 })];
  });
}
