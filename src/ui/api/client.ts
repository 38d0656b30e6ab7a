// Sends every request of the page. The result is a value: data, or a problem. No failure of a server or network makes
// this code throw.
import { isUnsettled, localProblem, readProblem, type Problem } from "./problem.ts";
import { credential, type Credential } from "./token.ts";
import { forgetKey, keyFor } from "./idempotency.ts";
import type { Path } from "./paths.ts";

export type Answer<T> = { ok: true; data: T } | { ok: false; problem: Problem };

export interface Ask {
  method?: "GET" | "POST" | "PATCH" | "DELETE";
  body?: unknown;
  /** True: repeats of this request have the same effect as one request, even after a lost answer or a reload of the
   * page. */
  once?: boolean;
  signal?: AbortSignal;
  timeoutMs?: number;
}

const READ_TIMEOUT_MS = 10_000;
/** How long to wait for the answer of a change. A plan or a start may have to wait for R2 and for Durable Objects. */
const CHANGE_TIMEOUT_MS = 30_000;

export async function ask<T>(path: Path<T>, wanted: Ask = {}): Promise<Answer<T>> {
  const body = wanted.body === undefined ? null : JSON.stringify(wanted.body);
  const key = wanted.once === true ? keyFor(path, body ?? "") : null;
  const answer = await fetchAnswer(path, { ...wanted, text: body, key });
  if (!answer.ok) {
    if (key !== null && !isUnsettled(answer.problem)) forgetKey(path);
    return answer;
  }
  const read = await readJson<T>(answer.data);
  if (key !== null && (read.ok || !isUnsettled(read.problem))) forgetKey(path);
  return read;
}

/** Gets the bytes of an answer, for a download. */
export async function askBlob(path: Path<Blob>, signal?: AbortSignal): Promise<Answer<Blob>> {
  const timeoutMs = 10 * CHANGE_TIMEOUT_MS;
  const answer = await fetchAnswer(path, { timeoutMs, text: null, key: null, ...(signal && { signal }) });
  if (!answer.ok) return answer;
  try {
    return { ok: true, data: await answer.data.blob() };
  } catch (error) {
    return failed(error);
  }
}

interface Sent extends Ask {
  text: string | null;
  key: string | null;
}

async function fetchAnswer(path: string, wanted: Sent): Promise<Answer<Response>> {
  const method = wanted.method ?? "GET";
  const timeoutMs = wanted.timeoutMs ?? (method === "GET" ? READ_TIMEOUT_MS : CHANGE_TIMEOUT_MS);
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = wanted.signal ? AbortSignal.any([wanted.signal, timeout]) : timeout;
  try {
    const headers = headersOf(credential(), wanted);
    const response = await fetch(path, {
      method,
      headers,
      body: wanted.text,
      signal,
      cache: "no-store",
      // When a session has ended, Access answers with a redirect to its sign-in page.
      redirect: "manual",
    });
    if (response.type === "opaqueredirect") {
      return { ok: false, problem: localProblem("session_ended", path) };
    }
    if (response.ok) return { ok: true, data: response };
    const body: unknown = await response.json().catch(() => null);
    return { ok: false, problem: readProblem(response.status, body) };
  } catch (error) {
    return failed(error);
  }
}

export function headersOf(known: Credential | null, { text, key }: Pick<Sent, "text" | "key">): Headers {
  const headers = new Headers({ Accept: "application/json" });
  if (known) headers.set("Authorization", `Bearer ${known.token}`);
  if (known && known.actor !== "") headers.set("X-Actor", known.actor);
  if (text !== null) headers.set("Content-Type", "application/json");
  if (key !== null) headers.set("Idempotency-Key", key);
  return headers;
}

async function readJson<T>(response: Response): Promise<Answer<T>> {
  try {
    return { ok: true, data: (await response.json()) as T };
  } catch (error) {
    if (!(error instanceof SyntaxError)) return failed(error);
    // The request was answered, but the answer cannot be read. So it is not known what the request did.
    return { ok: false, problem: localProblem("not_understood", error.message) };
  }
}

function failed(error: unknown): { ok: false; problem: Problem } {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return { ok: false, problem: localProblem(name === "TimeoutError" ? "timed_out" : "not_reached", message) };
}
