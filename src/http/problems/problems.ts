// Every refusal of the API as a value, and the one switch that writes it as problem+json (RFC 9457). A problem
// never contains the text of a thrown error or the value of a var or secret.
import type { ConfigFault } from "../../platform/config.ts";
import type { Overlap } from "../../contract/registry.ts";
import { accessProblem, type AccessRefusal } from "./access-problems.ts";
import { bounded, clipped } from "./bounded-problem.ts";
import type { FieldError } from "./field-errors.ts";
import type { Problem } from "./problem.ts";
import { queueProblem, type QueueRefusal } from "./queue-problems.ts";
import { underWayProblem, type UnderWayRefusal } from "./underway-problems.ts";

/** A window in the form that POST /runs takes. */
export interface WindowText {
  start: string;
  end: string;
  end_exclusive: boolean;
}

export type Refusal =
  | { code: "bad_configuration"; faults: ConfigFault[] }
  | AccessRefusal
  | { code: "no_such_route" }
  | { code: "method_not_allowed"; allow: string[] }
  | { code: "unknown_run"; run: string }
  | { code: "body_not_json"; detail: string }
  | { code: "body_too_large"; maxBytes: number }
  | { code: "invalid_body" | "invalid_query" | "invalid_header"; errors: FieldError[] }
  | { code: "window_reversed" | "window_empty" | "window_in_future"; pointer: string; detail: string }
  | { code: "live_batch_size_needed"; pointer: string; detail: string }
  | { code: "window_too_long"; pointer: string; detail: string; split: WindowText[] }
  | { code: "disabled" }
  | { code: "receiver_not_configured"; missing: string[] }
  | { code: "slot_taken"; run: string }
  | { code: "overlap"; overlaps: Overlap[]; detail: string }
  | { code: "not_continuable"; detail: string }
  | UnderWayRefusal
  | { code: "plan_not_usable" | "plan_outdated"; pointer: string; detail: string }
  | { code: "report_not_written"; run: string }
  | { code: "report_damaged"; run: string; prefix: string; detail: string }
  | { code: "idempotency_mismatch" }
  | QueueRefusal
  | { code: "start_unconfirmed"; run: string }
  | { code: "already_delivered"; run: string; detail: string }
  | { code: OperatorCodeOnTheWire; run: string; detail: string }
  | { code: "note_needed" | "send_needed" | "invalid_value"; pointer: string; detail: string }
  | { code: "internal_error" | "object_unavailable" };

/** Refusals of a run that are passed on unchanged. */
type OperatorCodeOnTheWire =
  "run_ended" | "unknown_file" | "unknown_batch" | "wrong_state" | "nothing_to_accept";

/** The Retry-After of `start_unconfirmed`, in seconds. Within this time the registry has asked the run again to
 * start. */
const UNCONFIRMED_RETRY_AFTER = "5";
/** The Retry-After of `object_unavailable`, in seconds. The runtime has repeated the call itself before the error. */
const UNAVAILABLE_RETRY_AFTER = "5";

export function problem(refusal: Refusal): Response {
  const { status, title, detail, more, headers } = problemOf(refusal);
  const type = `urn:ctyun-logpush-backfill:problem:${refusal.code}`;
  const body = { type, title, status, detail: clipped(detail), code: refusal.code, ...bounded(more ?? {}) };
  const all = { "Content-Type": "application/problem+json", "Cache-Control": "no-store", ...headers };
  return new Response(`${JSON.stringify(body)}\n`, { status, headers: all });
}

export function problemOf(refusal: Refusal): Problem {
  switch (refusal.code) {
    case "bad_configuration":
      return {
        status: 500,
        title: "This deployment is configured wrongly",
        detail: refusal.faults.map((fault) => `${fault.name}: ${fault.detail}`).join("; "),
        more: { vars: refusal.faults },
      };
    case "api_token_not_configured":
    case "unauthorized":
    case "assertion_refused":
    case "access_unreachable":
    case "too_many_attempts":
    case "not_allowed":
    case "cross_site":
    case "url_too_long":
    case "headers_too_large":
      return accessProblem(refusal);
    case "no_such_route":
      return { status: 404, title: "No such route", detail: "docs/reference/http-api.md lists the routes" };
    case "method_not_allowed": {
      const allow = refusal.allow.join(", ");
      return {
        status: 405,
        title: "Method not allowed",
        detail: `this route takes ${allow}`,
        headers: { Allow: allow },
      };
    }
    case "unknown_run":
      return {
        status: 404,
        title: "Unknown run",
        detail: "no run with this id was admitted",
        more: { run: refusal.run },
      };
    case "body_not_json":
      return { status: 400, title: "The body is not JSON", detail: refusal.detail };
    case "body_too_large":
      return {
        status: 413,
        title: "The body is too large",
        detail: `a body has at most ${refusal.maxBytes} bytes`,
      };
    case "invalid_body":
    case "invalid_query":
    case "invalid_header":
      return {
        status: 422,
        title: {
          invalid_body: "Invalid fields",
          invalid_query: "Invalid query",
          invalid_header: "Invalid header",
        }[refusal.code],
        detail: refusal.errors.map(described).join("; "),
        more: { errors: refusal.errors },
      };
    case "window_reversed":
    case "window_empty":
    case "window_in_future":
    case "live_batch_size_needed":
      return {
        status: 422,
        title:
          refusal.code === "live_batch_size_needed"
            ? "Size of the live worker's batches unknown"
            : "Invalid window",
        detail: refusal.detail,
        more: { errors: [at(refusal)] },
      };
    case "window_too_long":
      return {
        status: 422,
        title: "The window is too long",
        detail: refusal.detail,
        more: { errors: [at(refusal)], split: refusal.split },
      };
    case "disabled":
      return {
        status: 503,
        title: "Backfill is switched off",
        detail: 'BACKFILL_ENABLED is not "true"; nothing starts',
      };
    case "receiver_not_configured":
      return {
        status: 503,
        title: "The receiver is not configured",
        detail: `missing secrets: ${refusal.missing.join(", ")}`,
        more: { missing: refusal.missing },
      };
    case "slot_taken":
      return {
        status: 409,
        title: "Another run is active",
        detail: `run ${refusal.run} owns the receiver's slot; one run sends at a time`,
        more: { run: refusal.run },
      };
    case "overlap":
      return {
        status: 409,
        title: "Lines of this window were sent before",
        detail: refusal.detail,
        more: { overlaps: refusal.overlaps },
      };
    case "report_not_written":
      return {
        status: 409,
        title: "The report is not written yet",
        detail: `the report of run ${refusal.run} is written when the run has ended; its status shows how far it is`,
        more: { run: refusal.run },
      };
    case "report_damaged":
      return {
        status: 409,
        title: "The report in the bucket is not what the run wrote",
        detail: `${refusal.detail}; POST /runs/${refusal.run}/verify writes the report again, under a new prefix, within about a minute`,
        more: { run: refusal.run, prefix: refusal.prefix },
      };
    case "unknown_window":
    case "window_wrong_state":
    case "queue_full":
    case "no_raw_files":
    case "live_mode_needed":
    case "coverage_incomplete":
      return queueProblem(refusal);
    case "not_continuable":
      return { status: 409, title: "That run cannot be continued", detail: refusal.detail };
    case "dry_run_under_way":
    case "query_under_way":
      return underWayProblem(refusal);
    case "plan_not_usable":
    case "plan_outdated":
      return {
        status: 409,
        title:
          refusal.code === "plan_outdated" ? "The plan has another hash" : "That plan cannot be replayed",
        detail: refusal.detail,
        more: { errors: [at(refusal)] },
      };
    case "idempotency_mismatch":
      return {
        status: 422,
        title: "The Idempotency-Key was used with another body",
        detail: "a key identifies one request for 24 h; use a new key for a new request",
        more: { errors: [{ header: "Idempotency-Key", detail: "was used with another body" }] },
      };
    case "start_unconfirmed":
      return {
        status: 503,
        title: "The run has not answered yet",
        detail: `run ${refusal.run} is admitted and starts by itself, but has not answered yet`,
        more: { run: refusal.run },
        headers: { "Retry-After": UNCONFIRMED_RETRY_AFTER, Location: `/runs/${refusal.run}` },
      };
    case "already_delivered":
      return {
        status: 409,
        title: "The run is delivered",
        detail: refusal.detail,
        more: { run: refusal.run },
      };
    case "unknown_file":
    case "unknown_batch":
      return {
        status: 404,
        title: refusal.code === "unknown_file" ? "Unknown file" : "Unknown batch",
        detail: refusal.detail,
        more: { run: refusal.run },
      };
    case "run_ended":
    case "wrong_state":
    case "nothing_to_accept":
      return {
        status: 409,
        title: {
          run_ended: "The run has ended",
          wrong_state: "Not in this state",
          nothing_to_accept: "Nothing to accept",
        }[refusal.code],
        detail: refusal.detail,
        more: { run: refusal.run },
      };
    case "note_needed":
    case "send_needed":
    case "invalid_value":
      return {
        status: 422,
        title: {
          note_needed: "A note is needed",
          send_needed: "Say whether to send what the file kept",
          invalid_value: "Invalid value",
        }[refusal.code],
        detail: refusal.detail,
        more: { errors: [at(refusal)] },
      };
    case "object_unavailable":
      return {
        status: 503,
        title: "A Durable Object does not answer now",
        detail:
          "it restarts, moves or is overloaded; after a change, read the state before you repeat the request",
        headers: { "Retry-After": UNAVAILABLE_RETRY_AFTER },
      };
    case "internal_error":
      return { status: 500, title: "Internal error", detail: "the error is in this deployment's log" };
  }
}

function at({ pointer, detail }: { pointer: string; detail: string }): FieldError {
  return { pointer, detail };
}

function described(error: FieldError): string {
  if ("pointer" in error) return `${error.pointer}: ${error.detail}`;
  return "parameter" in error ? `?${error.parameter}: ${error.detail}` : `${error.header}: ${error.detail}`;
}
