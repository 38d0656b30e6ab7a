// A refusal for a caller without HTTP: the code, the text and the members of the problem, without the status. Does no
// I/O.
import type { ServiceRefusal } from "../../contract/service.ts";
import { bounded, clipped } from "./bounded-problem.ts";
import { problemOf, type Refusal } from "./problems.ts";

export function refusalValue(refusal: Refusal): ServiceRefusal {
  const { detail, more, headers } = problemOf(refusal);
  const wait = Number(headers?.["Retry-After"] ?? 0);
  return {
    ok: false,
    code: refusal.code,
    detail: clipped(detail),
    ...bounded(more ?? {}),
    ...(wait > 0 && { retry_after_seconds: wait }),
  };
}
