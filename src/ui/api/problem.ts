// A refusal of the API, or a missing answer, as one value. `code` is always kept, because people search for it and
// copy it.

/** One part of the request that must be corrected, in the form of problem+json. */
export interface FieldError {
  pointer?: string;
  parameter?: string;
  header?: string;
  detail: string;
}

export interface Problem {
  /** A code of docs/reference/problems.md, or one of LOCAL_CODES. */
  code: string;
  /** The HTTP status. 0: there was no answer. */
  status: number;
  title: string;
  detail: string;
  errors?: FieldError[] | undefined;
  /** Other members of the answer, such as `run`, `overlaps`, `split` or `vars`. Their values are not checked. */
  more: Readonly<Record<string, unknown>>;
}

/** Codes that the page itself uses. not_understood: the answer does not come from this API. session_ended: Cloudflare
 * Access demands a new sign-in. */
export const LOCAL_CODES = ["not_reached", "timed_out", "not_understood", "session_ended"] as const;
export type LocalCode = (typeof LOCAL_CODES)[number];

export function localProblem(code: LocalCode, detail: string, status = 0): Problem {
  return { code, status, title: code, detail, more: {} };
}

/** Reads the body of a refusal. A body in another form becomes `not_understood` with the same status. */
export function readProblem(status: number, body: unknown): Problem {
  if (!isRecord(body) || typeof body["code"] !== "string") {
    return localProblem("not_understood", `HTTP ${status}`, status);
  }
  const { code, title, detail, errors, type: _type, status: _status, ...more } = body;
  return {
    code,
    status,
    title: typeof title === "string" ? title : code,
    detail: typeof detail === "string" ? detail : "",
    errors: Array.isArray(errors) ? errors.filter(isFieldError) : undefined,
    more,
  };
}

/** True: the API did not answer. The page then keeps its data on the screen, and shows since when they are out of
 * date. */
export function isLost({ code }: Problem): boolean {
  return code === "not_reached" || code === "timed_out";
}

/** Whether the person must sign in first. */
export function needsSignIn({ code }: Problem): boolean {
  return code === "unauthorized" || code === "assertion_refused" || code === "session_ended";
}

/** True: the API may have carried out the request, although no answer confirmed it. A repeat must use the same key. */
export function isUnsettled({ status }: Problem): boolean {
  return status === 0 || status >= 500;
}

/** The error text for one field of a form. `pointer` is such as "#/start". */
export function errorAt(problem: Problem | null, pointer: string): string | null {
  const found = problem?.errors?.find((error) => error.pointer === pointer);
  return found?.detail ?? null;
}

function isFieldError(value: unknown): value is FieldError {
  return isRecord(value) && typeof value["detail"] === "string";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
