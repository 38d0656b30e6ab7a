// The HTTP API for the chaos driver and its oracle: requests and plain JSON. The types contain only the members that
// are read. Imports nothing from the product, so that tests and product cannot share a mistake.
import { setTimeout as wait } from "node:timers/promises";

export interface Status {
  id: string;
  stage_code: string;
  state_reason: { code: string; detail: string } | null;
  summary: string;
  delivery_completed: boolean;
  exceptions: number;
  files: Record<string, number>;
  batches: Record<string, number>;
  lines: { read: number; kept: number; malformed: number; dropped: Record<string, number> };
  leases_out: number;
  log_lines_sent: number;
  duplicate_lines: number;
  possible_duplicate_lines: number;
  answers: { check: string; unusual: number };
  verification: { under_way: boolean; last: { as_of: string; differences: unknown[] } | null };
  report: { complete: boolean };
  rate: Record<string, unknown>;
  problems: { kind: string; batch: number | null; state: string; reason: string }[];
}

export interface LedgerFile {
  kind: "file";
  file: number;
  key: string;
  state: string;
  reason: string | null;
  lines: { read: number; kept: number; malformed: number; dropped: Record<string, number> } | null;
  batches: { first: number | null; count: number; unsettled: number };
}
export interface LedgerBatch {
  kind: "batch";
  batch: number;
  file: number;
  ordinal: number;
  parent: number | null;
  state: string;
  reason: string | null;
  lines: number;
  first_ray_id: string;
  last_ray_id: string;
  attempts: number;
  done_attempt: number | null;
  exceptional_attempts: { attempt: number; state: string; cause: string; followed_by: number | null }[];
}
export interface Ledger {
  files: LedgerFile[];
  batches: LedgerBatch[];
}

/** How long an answer may take. A stack that is alive answers far sooner, even on a busy machine. */
const ANSWER_LIMIT_MS = 20_000;
const TRIES = 3;

export interface Answer<T> {
  status: number;
  body: T;
}

/** An answer as it arrived. */
export interface AnswerText {
  method: string;
  path: string;
  status: number;
  contentType: string | null;
  text: string;
}

export class ChaosApi {
  readonly #url: string;
  readonly #token: string;
  readonly #onAnswer: (answer: AnswerText) => void;

  /** `onAnswer` sees each answer that is text. */
  constructor(url: string, token: string, onAnswer: (answer: AnswerText) => void = () => {}) {
    this.#url = url;
    this.#token = token;
    this.#onAnswer = onAnswer;
  }

  async fetch(
    method: string,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    return fetch(`${this.#url}${path}`, {
      method,
      headers: { Authorization: `Bearer ${this.#token}`, "X-Actor": "chaos", ...headers },
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  async call<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: object,
    headers?: Record<string, string>,
  ): Promise<Answer<T>> {
    const response = await this.fetch(method, path, body, headers);
    const text = await response.text();
    this.#seen(method, path, response, text);
    return { status: response.status, body: (text === "" ? {} : JSON.parse(text)) as T };
  }

  /** Reads, and repeats a failed read. Throws when the last answer is not a 200. */
  async read<T>(path: string, parse: (text: string) => T = (text) => JSON.parse(text) as T): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        const response = await this.fetch("GET", path);
        const text = await response.text();
        this.#seen("GET", path, response, text);
        if (response.status !== 200) throw new Error(`GET ${path}: ${response.status} ${text}`);
        return parse(text);
      } catch (error) {
        if (tries === TRIES) throw error;
        await wait(300);
      }
    }
  }

  #seen(method: string, path: string, { status, headers }: Response, text: string): void {
    this.#onAnswer({ method, path, status, contentType: headers.get("Content-Type"), text });
  }

  async status(id: string): Promise<Status> {
    return this.read<Status>(`/runs/${id}`);
  }

  async ledger(id: string): Promise<Ledger> {
    return this.read(`/runs/${id}/ledger`, readLedger);
  }
}

function readLedger(text: string): Ledger {
  const ledger: Ledger = { files: [], batches: [] };
  let end: { files: number; batches: number } | null = null;
  for (const line of text.trimEnd().split("\n")) {
    const row = JSON.parse(line) as
      LedgerFile | LedgerBatch | { kind: "end"; files: number; batches: number };
    if (row.kind === "file") ledger.files.push(row);
    else if (row.kind === "batch") ledger.batches.push(row);
    else end = row;
  }
  if (end?.files !== ledger.files.length || end.batches !== ledger.batches.length) {
    throw new Error(`the ledger was cut off: ${JSON.stringify(end)}`);
  }
  return ledger;
}
