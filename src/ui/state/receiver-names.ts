// The names of receivers in addresses, forms and requests. Does no I/O.
import type { RunStatusAnswer } from "../../contract/api/api-types.ts";

/** The name of the first receiver in answers. A test compares it with the contract. */
export const FIRST_RECEIVER = "default";

/** The receiver that a request must name. Null: the first receiver, which requests leave out. */
export function namedReceiver(name: string | null): string | null {
  return name === "" || name === FIRST_RECEIVER ? null : name;
}

/** The receiver in the query of an address. Null: the first receiver. */
export function receiverOfQuery(query: string): string | null {
  return namedReceiver(new URLSearchParams(query).get("receiver"));
}

/** Whether a run sends to the partner, to whom the live worker delivers. */
export function sendsToPartner({ receiver, spec }: Pick<RunStatusAnswer, "receiver" | "spec">): boolean {
  return receiver === FIRST_RECEIVER && !spec.receiver;
}
