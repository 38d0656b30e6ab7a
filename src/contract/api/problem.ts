// The schema of every refusal as problem+json (RFC 9457), with all problem codes and their HTTP statuses.
import * as v from "valibot";
import { Role } from "./access.ts";
import { Count, Text, about, named } from "./shapes.ts";
import { OverlapItem, WindowTextEntries } from "./windows.ts";

/** The HTTP status of each problem code. */
export const PROBLEM_STATUS = {
  body_not_json: 400,
  unauthorized: 401,
  assertion_refused: 401,
  api_token_not_configured: 403,
  not_allowed: 403,
  cross_site: 403,
  no_such_route: 404,
  unknown_run: 404,
  unknown_file: 404,
  unknown_batch: 404,
  unknown_window: 404,
  method_not_allowed: 405,
  slot_taken: 409,
  overlap: 409,
  not_continuable: 409,
  dry_run_under_way: 409,
  plan_not_usable: 409,
  plan_outdated: 409,
  report_not_written: 409,
  report_damaged: 409,
  already_delivered: 409,
  run_ended: 409,
  wrong_state: 409,
  nothing_to_accept: 409,
  window_wrong_state: 409,
  no_raw_files: 409,
  coverage_incomplete: 409,
  body_too_large: 413,
  url_too_long: 414,
  invalid_body: 422,
  invalid_query: 422,
  invalid_header: 422,
  window_reversed: 422,
  window_empty: 422,
  window_in_future: 422,
  window_too_long: 422,
  live_batch_size_needed: 422,
  live_mode_needed: 422,
  idempotency_mismatch: 422,
  note_needed: 422,
  send_needed: 422,
  invalid_value: 422,
  query_under_way: 429,
  queue_full: 429,
  too_many_attempts: 429,
  headers_too_large: 431,
  bad_configuration: 500,
  internal_error: 500,
  disabled: 503,
  receiver_not_configured: 503,
  start_unconfirmed: 503,
  access_unreachable: 503,
  object_unavailable: 503,
} as const;
export type ProblemCode = keyof typeof PROBLEM_STATUS;
export const PROBLEM_CODES = Object.keys(PROBLEM_STATUS) as ProblemCode[];

const errorDetail = about(Text, "What is wrong, for people.");
export const ProblemError = named(
  "ProblemError",
  "One fault of the request that the caller can correct.",
  v.union([
    about(
      v.strictObject({
        pointer: about(Text, "A JSON pointer into the body, as a URI fragment."),
        detail: errorDetail,
      }),
      "A fault in the body.",
    ),
    about(
      v.strictObject({
        parameter: about(Text, "The name of a parameter of the query or the path."),
        detail: errorDetail,
      }),
      "A fault in the query or the path.",
    ),
    about(
      v.strictObject({ header: about(Text, "The name of a header."), detail: errorDetail }),
      "A fault in a header.",
    ),
  ]),
);
export type ProblemError = v.InferOutput<typeof ProblemError>;

export const ProblemAnswer = named(
  "ProblemAnswer",
  "Why the API refused a request, as RFC 9457 describes. A refused request changed nothing.",
  v.strictObject({
    type: about(
      v.pipe(v.string(), v.startsWith("urn:ctyun-logpush-backfill:problem:")),
      "`urn:ctyun-logpush-backfill:problem:` and the code.",
    ),
    title: about(Text, "The problem in a few words, for people."),
    status: about(Count, "The HTTP status of the answer."),
    detail: about(Text, "A text for people. Its wording may change."),
    code: about(
      v.picklist(PROBLEM_CODES),
      "A code for programs. docs/reference/problems.md explains each code.",
    ),
    errors: about(
      v.exactOptional(v.pipe(v.array(ProblemError), v.maxLength(20))),
      "The parts of the request that must be corrected. Absent: none is at fault.",
    ),
    errors_left_off: about(v.exactOptional(Count), "How many further errors there are. Absent: none."),
    run: about(v.exactOptional(Text), "The run that the refusal is about. Absent: none."),
    overlaps: about(
      v.exactOptional(v.array(OverlapItem)),
      "Runs that sent lines of this window. Only with the code `overlap`.",
    ),
    split: about(
      v.exactOptional(v.array(v.strictObject(WindowTextEntries))),
      "The windows to run instead. Only with the code `window_too_long`.",
    ),
    missing: about(
      v.exactOptional(v.array(v.string())),
      "The names of missing secrets. Only with the code `receiver_not_configured`.",
    ),
    vars: about(
      v.exactOptional(
        v.array(
          v.strictObject({
            name: about(Text, "The name of the var or secret."),
            detail: about(Text, "What is wrong with its value."),
          }),
        ),
      ),
      "Each var or secret that cannot be used, without its value. Only with `bad_configuration`.",
    ),
    prefix: about(
      v.exactOptional(Text),
      "Where the damaged evidence is in the bucket. Only with the code `report_damaged`.",
    ),
    needed_role: about(v.exactOptional(Role), "The role that the route needs. Only with `not_allowed`."),
    role: about(
      v.exactOptional(v.nullable(Role)),
      "The caller's role, only with `not_allowed`. Null: the caller has no role.",
    ),
    retry_after_seconds: about(
      v.exactOptional(Count),
      "After how many seconds to repeat the request. Only with `too_many_attempts` and `coverage_incomplete`.",
    ),
  }),
);
export type ProblemAnswer = v.InferOutput<typeof ProblemAnswer>;
