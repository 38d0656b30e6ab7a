// Finds out whether a refusal is about the receiver of a request. The API refuses it as a field of the body or of the
// query, and a field has no code. Does no I/O.
import type { Problem } from "../api/problem.ts";

/** `unknown`: the deployment has no such receiver. `skipsLive`, `fromHoles`: only the first receiver has markers and holes
 * of the live worker. */
export type ReceiverFault = "unknown" | "skipsLive" | "fromHoles";

/** A unit test gets these details from the API itself. */
const FAULTS: readonly [ReceiverFault, place: RegExp, detail: RegExp][] = [
  ["unknown", /(^|\/)(receiver|from_plan|continue_of)$/, /receiver|^expected one of/],
  ["skipsLive", /\/live$/, /^the live worker delivers only/],
  ["fromHoles", /\/from_coverage$/, /^holes are parts/],
];

export function receiverFault({ errors = [] }: Pick<Problem, "errors">): ReceiverFault | null {
  for (const { pointer, parameter, detail } of errors) {
    const place = pointer ?? parameter ?? "";
    const found = FAULTS.find(([, where, what]) => where.test(place) && what.test(detail));
    if (found) return found[0];
  }
  return null;
}
