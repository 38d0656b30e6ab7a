// A refusal of the API, or the lack of an answer, as one value. `code` is always kept: people look it up and paste it.

/** One thing to correct, as problem+json names it. */
export interface FieldError {
  pointer?: string;
  parameter?: string;
  header?: string;
  detail: string;
}

export interface Problem {
  /** A code of docs/reference/problems.md, or one of LOCAL_CODES. */
  code: string;
  /** 0: there was no answer. */
  status: number;
  title: string;
  detail: string;
  errors?: FieldError[] | undefined;
  /** Further members, such as `run`, `overlaps`, `split` or `vars`. Their values are not checked. */
  more: Readonly<Record<string, unknown>>;
}

/** Codes that the page itself gives. not_understood: the answer is not of this API. session_ended: Cloudflare Access
 * wants a new sign-in. */
export const LOCAL_CODES = ["not_reached", "timed_out", "not_understood", "session_ended"] as const;
export type LocalCode = (typeof LOCAL_CODES)[number];

export function localProblem(code: LocalCode, detail: string, status = 0): Problem {
  return { code, status, title: code, detail, more: {} };
}

/** Reads the body of a refusal. A body of another form becomes `not_understood`, which keeps the status. */
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

/** Whether the API did not answer at all. The page then keeps what it shows, and says since when. */
export function isLost({ code }: Problem): boolean {
  return code === "not_reached" || code === "timed_out";
}

/** Whether the person must sign in first. */
export function needsSignIn({ code }: Problem): boolean {
  return code === "unauthorized" || code === "assertion_refused" || code === "session_ended";
}

/** Whether the request may have been carried out although it was not confirmed. A repeat needs the same key. */
export function isUnsettled({ status }: Problem): boolean {
  return status === 0 || status >= 500;
}

/** The error for one field of a form. `pointer` is like "#/start". */
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
