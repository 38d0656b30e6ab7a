// Calls the HTTP API for commands. A GET is repeated when its answer is lost. A change is repeated only if it has an
// Idempotency-Key. Without the key, a repeat could make a change twice.
import pRetry from "p-retry";
import { FailedFault, NotReachedFault, RefusedFault, type ProblemBody } from "../faults.ts";
import { safe } from "../text/safe-text.ts";
import { remedyFor } from "./remedies.ts";

/** How long to wait for the beginning of an answer. The longest answer, the search for a RayID, takes 20 s. */
const ANSWER_LIMIT_MS = 60_000;
const RETRIES = 4;
const LONGEST_WAIT_MS = 15_000;

export type Query = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface ApiOptions {
  url: string;
  headers: Readonly<Record<string, string>>;
  /** Is aborted by Ctrl-C, and when the time of --timeout has passed. */
  signal: AbortSignal;
  notice: (text: string) => void;
  /** The wait before a request is repeated for the first time. */
  retryMs: number;
}

export interface Answer<T> {
  status: number;
  body: T;
  isReplayed: boolean;
}

export interface Change {
  body?: object;
  query?: Query;
  /** The Idempotency-Key. With a key, the request is repeated when its answer is lost. */
  key?: string;
}

export class Api {
  readonly url: string;
  readonly signal: AbortSignal;
  readonly #options: ApiOptions;

  constructor(options: ApiOptions) {
    this.url = options.url;
    this.signal = options.signal;
    this.#options = options;
  }

  async get<T>(path: string, query: Query = {}): Promise<T> {
    const read = async () => (await readJson(await this.fetch("GET", path + queryText(query)))) as T;
    return this.#repeated(read, RETRIES);
  }

  /** Like `get`, but repeats without end while the connection fails, or the answer is 5xx or 429. */
  async getPatiently<T>(path: string): Promise<T> {
    return this.#repeated(
      async () => (await readJson(await this.fetch("GET", path))) as T,
      Number.POSITIVE_INFINITY,
    );
  }

  async change<T>(
    method: "POST" | "PATCH" | "DELETE",
    path: string,
    change: Change = {},
  ): Promise<Answer<T>> {
    const { body, query = {}, key } = change;
    const headers = {
      ...(body !== undefined && { "Content-Type": "application/json" }),
      ...(key !== undefined && { "Idempotency-Key": key }),
    };
    const ask = async (): Promise<Answer<T>> => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const response = await this.fetch(method, path + queryText(query), text, headers);
      const isReplayed = response.headers.has("Idempotent-Replayed");
      return { status: response.status, body: (await readJson(response)) as T, isReplayed };
    };
    if (key !== undefined) return this.#repeated(ask, RETRIES);
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof NotReachedFault)) throw error;
      throw new NotReachedFault(
        `${error.message}. It is unknown whether the change was made`,
        "look before you repeat it",
      );
    }
  }

  /** Returns the answer. The caller reads its body.
   * @throws RefusedFault for any status but 2xx. */
  async fetch(
    method: string,
    path: string,
    body?: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const response = await this.fetchAny(method, path, body, headers);
    if (!response.ok) throw await refusalOf(response, this.url);
    return response;
  }

  /** Like `fetch`, but returns an answer of any status. */
  async fetchAny(
    method: string,
    path: string,
    body?: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const { signal } = this;
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), ANSWER_LIMIT_MS);
    try {
      return await fetch(this.url + path, {
        method,
        headers: { ...this.#options.headers, ...headers },
        // The API itself never redirects. A redirect leads to a sign-in page, and that page must not get the token.
        redirect: "manual",
        signal: AbortSignal.any([signal, late.signal]),
        ...(body !== undefined && { body }),
      });
    } catch (error) {
      signal.throwIfAborted();
      const why = late.signal.aborted ? `no answer within ${ANSWER_LIMIT_MS / 1_000} s` : causeOf(error);
      throw new NotReachedFault(`${this.url} was not reached: ${why}`, "check the address and the network");
    } finally {
      clearTimeout(timer);
    }
  }

  async #repeated<T>(work: () => Promise<T>, retries: number): Promise<T> {
    const isPatient = !Number.isFinite(retries);
    let waits = false;
    const answer = await pRetry(work, {
      retries,
      minTimeout: this.#options.retryMs,
      maxTimeout: LONGEST_WAIT_MS,
      randomize: true,
      signal: this.signal,
      shouldRetry: ({ error }) => isWorthRepeating(error, isPatient),
      onFailedAttempt: ({ error, retriesLeft }) => {
        if (retriesLeft === 0 || !isWorthRepeating(error, isPatient) || (isPatient && waits)) return;
        waits = true;
        this.#options.notice(`${error.message}; trying again`);
      },
    });
    if (waits && isPatient) this.#options.notice("reached again");
    return answer;
  }
}

/** Codes of 5xx answers that go on until a person acts. Only `getPatiently` repeats its request after them. */
const NEEDS_A_PERSON = new Set<string | null>(["bad_configuration", "disabled", "receiver_not_configured"]);

function isWorthRepeating(error: unknown, isPatient: boolean): boolean {
  if (error instanceof NotReachedFault) return true;
  if (!(error instanceof RefusedFault)) return false;
  if (error.status < 500) return isPatient && error.status === 429;
  return isPatient || !NEEDS_A_PERSON.has(error.code);
}

export function queryText(query: Query): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text === "" ? "" : `?${text}`;
}

async function readJson(response: Response): Promise<unknown> {
  const text = await bodyText(response);
  try {
    return JSON.parse(text);
  } catch {
    throw new FailedFault(
      `the answer of ${response.url} is no JSON: ${safe(text.slice(0, 100))}`,
      "check the address: is it the API of this Worker?",
    );
  }
}

/** @throws NotReachedFault when the connection breaks in the middle of the answer. */
async function bodyText(response: Response): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new NotReachedFault(`the answer of ${response.url} broke off: ${causeOf(error)}`);
  }
}

async function refusalOf(response: Response, url: string): Promise<RefusedFault> {
  const { status } = response;
  const text = await bodyText(response);
  const problem = problemIn(text);
  if (problem !== null) {
    return new RefusedFault(status, problem, problemText(problem), remedyFor({ ...problem, status }));
  }
  if (status >= 300 && status < 400) {
    const next = "set CF_ACCESS_CLIENT_ID and CF_ACCESS_CLIENT_SECRET, or check the address";
    return new RefusedFault(
      status,
      null,
      `${url} answers with a redirect (${status}), as a sign-in page does`,
      next,
    );
  }
  const next = status >= 500 ? "repeat the command" : "check the address: is it the API of this Worker?";
  return new RefusedFault(status, null, `${url} answers ${status} without a reason`, next);
}

/** Reads the body of a refusal. Null: the text is not problem+json of this API. */
export function problemIn(text: string): ProblemBody | null {
  try {
    const json = JSON.parse(text) as Partial<ProblemBody> | null;
    return typeof json?.code === "string" ? { status: 0, ...json, code: json.code } : null;
  } catch {
    return null;
  }
}

/** The code of the problem, its reason, and each part of the request that the caller must correct. */
export function problemText({ code, detail, title, errors = [] }: ProblemBody): string {
  const places = errors.map(
    ({ pointer, parameter, header, detail: why }) => `  ${pointer ?? parameter ?? header ?? ""}: ${why}`,
  );
  // With a list of places, `detail` would only repeat the places.
  const reason = places.length > 0 ? (title ?? code) : (detail ?? title ?? "");
  return [`${code}: ${reason}`, ...places].map(safe).join("\n");
}

/** The message of a failed fetch is always "fetch failed". The reason is in its cause. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof AggregateError && cause.errors.length > 0) return causeOf(cause.errors[0]);
  return cause instanceof Error ? cause.message || error.message : error.message;
}
