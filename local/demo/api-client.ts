// A client of the backfill's HTTP API, as an operator uses the API. It uses only the API and the types of the
// contract.
import { setTimeout as wait } from "node:timers/promises";
import type { FileView, RunStatus } from "../../src/contract/views.ts";
import type { CoverageView } from "../../src/contract/coverage.ts";
import type { LiveMode, LiveWaitingMode } from "../../src/contract/live.ts";
import type { Page } from "../../src/contract/states.ts";

export type { RunStatus } from "../../src/contract/views.ts";

interface WindowRequest {
  /** ISO 8601 with whole seconds. */
  start: string;
  end: string;
  /** The name of a receiver. Absent: the first receiver. */
  receiver?: string;
  batch_size?: number;
  rate?: number | "auto";
  max_lines_per_second?: number;
  max_in_flight?: number;
  max_suspect_ratio?: number;
  live?: LiveMode;
  live_waiting?: LiveWaitingMode;
  dry_run?: boolean;
  /** Batches that are sent before the run pauses. */
  canary?: number;
  note?: string;
}

interface PlannedRequest {
  from_plan: string;
  plan_hash: string;
  note?: string;
}

export type RunRequest = WindowRequest | PlannedRequest;

/** The part of a plan that the demo reads. */
export interface Plan {
  complete: boolean;
  retry_after_ms: number | null;
  raw: { files: number; bytes: number };
  uncovered: { start: string; end: string }[];
  /** `files` counts files by the part of them that the live worker delivered. */
  live: {
    complete: boolean;
    retry_after_ms: number | null;
    files: { [state: string]: number } | null;
  } | null;
  lines: { low: number; high: number };
  warnings: { code: string; detail: string }[];
}

/** Stages that a run does not leave by itself, and the final stage `aborted`. */
const STUCK_STAGES = new Set<string>(["paused", "needs_attention", "aborted"]);
/** How often the status is polled. A status costs the run's Durable Object a few milliseconds, and a person notices
 * no delay. */
const POLL_MS = 250;

/** An answer as it arrived. */
export interface AnswerText {
  method: string;
  /** The path, with its query. */
  path: string;
  status: number;
  contentType: string | null;
  text: string;
}

class ApiError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export class ApiClient {
  readonly #url: string;
  readonly #token: string;
  readonly #onAnswer: (answer: AnswerText) => void;

  /** `onAnswer` sees each answer before the client does. */
  constructor(url: string, token: string, onAnswer: (answer: AnswerText) => void = () => {}) {
    this.#url = url;
    this.#token = token;
    this.#onAnswer = onAnswer;
  }

  /** POST /runs. Expects 201 and returns the run's status. */
  async startRun(request: RunRequest): Promise<RunStatus> {
    return this.#call<RunStatus>("POST", "/runs", 201, request);
  }

  async status(id: string): Promise<RunStatus> {
    return this.#call<RunStatus>("GET", `/runs/${id}`, 200);
  }

  /** The raw log objects that the run took as its input. */
  async fileKeys(id: string): Promise<string[]> {
    const keys: string[] = [];
    let query = "?limit=1000";
    for (;;) {
      const page = await this.#call<Page<FileView>>("GET", `/runs/${id}/files${query}`, 200);
      keys.push(...page.items.map((file) => file.key));
      if (page.next_cursor === null) return keys;
      query = `?limit=1000&cursor=${encodeURIComponent(page.next_cursor)}`;
    }
  }

  /** Polls until Coverage has listed the whole range. */
  async coverage(range: { start: string; end: string }, limitMs: number): Promise<CoverageView> {
    const query = new URLSearchParams({ ...range, detail: "exact" }).toString();
    const deadline = Date.now() + limitMs;
    for (;;) {
      const view = await this.#call<CoverageView>("GET", `/coverage?${query}`, 200);
      if (view.complete) return view;
      if (Date.now() > deadline)
        throw new Error(`coverage is not complete: ${JSON.stringify(view.progress)}`);
      await wait(view.retry_after_ms ?? POLL_MS);
    }
  }

  /** Repeats POST /runs/plan until the answer shows the files and the part of them that was delivered. */
  async plan(request: RunRequest, limitMs: number): Promise<Plan> {
    const deadline = Date.now() + limitMs;
    for (;;) {
      const plan = await this.#call<Plan>("POST", "/runs/plan", 200, request);
      if (plan.complete && plan.live?.complete) return plan;
      if (Date.now() > deadline) throw new Error(`the plan is not complete: ${JSON.stringify(plan)}`);
      await wait(plan.retry_after_ms ?? plan.live?.retry_after_ms ?? POLL_MS);
    }
  }

  async abort(id: string): Promise<RunStatus> {
    return this.#call<RunStatus>("DELETE", `/runs/${id}`, 202);
  }

  /** Polls until `until` returns true. Throws the run's problems when the run can no longer reach this state by
   * itself, or after `limitMs`. */
  async waitFor(
    id: string,
    until: (status: RunStatus) => boolean,
    limitMs: number,
    onStatus?: (status: RunStatus) => void,
  ): Promise<RunStatus> {
    const deadline = Date.now() + limitMs;
    for (;;) {
      const status = await this.status(id);
      onStatus?.(status);
      if (until(status)) return status;
      if (STUCK_STAGES.has(status.stage_code)) throw new Error(`the run is stuck\n${described(status)}`);
      if (Date.now() > deadline)
        throw new Error(
          `not there after ${limitMs / 1_000} s\n${described(status)}\n${JSON.stringify(status)}`,
        );
      await wait(POLL_MS);
    }
  }

  async waitUntilDelivered(
    id: string,
    limitMs: number,
    onStatus?: (status: RunStatus) => void,
  ): Promise<RunStatus> {
    return this.waitFor(id, (status) => status.delivery_completed, limitMs, onStatus);
  }

  async #call<T>(method: string, path: string, expected: number, body?: unknown): Promise<T> {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: { Authorization: `Bearer ${this.#token}`, "Content-Type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const { status, headers } = response;
    const text = await response.text();
    this.#onAnswer({ method, path, status, contentType: headers.get("Content-Type"), text });
    if (status !== expected) throw new ApiError(status, `${method} ${path}: ${status} ${text}`);
    return JSON.parse(text) as T;
  }
}

/** What an operator needs to know about a run that did not finish. */
export function described(status: RunStatus): string {
  const reason =
    status.state_reason === null ? "" : ` (${status.state_reason.code}: ${status.state_reason.detail})`;
  const problems = status.problems.map(
    (problem) =>
      `  ${problem.kind} ${problem.key ?? problem.batch ?? ""} ${problem.state}: ${problem.reason}`,
  );
  return [`${status.id}: ${status.stage_code}${reason}`, status.summary, ...problems].join("\n");
}
