// The Worker's HTTP side with a new registry for each test, and a stand-in for the Durable Objects of runs. The
// clock is set to 2030, so that no alarm fires by itself.
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { vi } from "vitest";
import { BackfillRun } from "../../durable-objects/backfill-run/backfill-run.ts";
import { Coverage } from "../../durable-objects/coverage/coverage.ts";
import type { AbortRequest, ListQuery } from "../../src/contract/run.ts";
import type { OperatorAnswer, OperatorCommand } from "../../src/contract/operator.ts";
import type { Env, Secrets, Vars } from "../../src/platform/env.ts";
import { handleRequest } from "../../src/http/router.ts";
import { COVERAGE } from "./a-scrape.ts";
import { checkAnswer } from "./answer-check.ts";
import { aStatus } from "./registry-fixtures.ts";
import { RegistryUnderTest } from "./registry-under-test.ts";

export const TOKEN = "test-token";
/** The run of which the stand-in shows a status. */
const A_RUN_ID = "20300422T140000Z_20300422T150000Z_20300423T010203Z";

const RAW = {
  run: {},
  totals: {},
  receiver: { breaker: null, answers: null, pace: null },
  send_leases: null,
  foreign_keys: [],
  events: [],
  pace_log: [],
};

export interface Ask {
  method?: string;
  /** A string and bytes are sent as they are. Anything else is sent as JSON. */
  body?: unknown;
  headers?: Record<string, string>;
  /** The bearer token. Null: the request has no Authorization header. */
  token?: string | null;
  /** Vars and secrets that differ from the defaults of the tests. The value `undefined` removes a var. */
  env?: { [Name in keyof (Vars & Secrets)]?: string | undefined };
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever the API answered; tests look into it
  json: any;
}

export class ApiUnderTest extends RegistryUnderTest {
  aborts: AbortRequest[] = [];
  queries: ListQuery[] = [];
  commands: OperatorCommand[] = [];
  /** The run's answers to the next commands. */
  operated: OperatorAnswer = done();

  /** The verbs of the stand-in record the commands that they get. */
  override setUp(): void {
    super.setUp();
    this.aborts = [];
    this.queries = [];
    this.commands = [];
    this.operated = done();
    vi.spyOn(BackfillRun.prototype, "operate").mockImplementation(async (command) => {
      this.commands.push(command);
      return this.operated;
    });
    // After a scrape, the Coverage Durable Object works for an hour. All tests share this object, so it would
    // disturb later tests.
    vi.spyOn(Coverage.prototype, "metrics").mockResolvedValue(COVERAGE);
    vi.spyOn(BackfillRun.prototype, "raw").mockResolvedValue({ ok: true, raw: RAW });
    vi.spyOn(BackfillRun.prototype, "abort").mockImplementation(async (request) => {
      this.aborts.push(request);
      return { ok: true, status: { ...aStatus(A_RUN_ID), stage_code: "aborting" } };
    });
    for (const verb of ["listFiles", "listBatches", "listSamples", "listEvents"] as const) {
      vi.spyOn(BackfillRun.prototype, verb).mockImplementation(async (query) => {
        this.queries.push(query);
        return { ok: true, page: { items: [], next_cursor: "more" } };
      });
    }
  }

  async ask(path: string, ask: Ask = {}): Promise<Answer> {
    const { method = "GET", body, token = TOKEN } = ask;
    const headers = {
      // An address of its own for each request, so that no test reaches the limit of another.
      "CF-Connecting-IP": crypto.randomUUID(),
      ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
      ...ask.headers,
    };
    const isRaw = body === undefined || typeof body === "string" || body instanceof Uint8Array;
    const sent: BodyInit | undefined = isRaw ? body : JSON.stringify(body);
    const request = new Request(`http://api.test${path}`, {
      method,
      headers,
      ...(sent === undefined ? {} : { body: sent }),
    });
    const ctx = createExecutionContext();
    const response = await handleRequest(request, this.#env(ask.env ?? {}), ctx);
    const answered = await response.text();
    await waitOnExecutionContext(ctx);
    const { status, headers: given } = response;
    checkAnswer({ method, path, status, contentType: given.get("Content-Type"), text: answered });
    const isJson = /[/+]json\b/.test(response.headers.get("Content-Type") ?? "") && answered !== "";
    const json: unknown = isJson ? JSON.parse(answered) : undefined;
    return { status: response.status, headers: response.headers, text: answered, json };
  }

  post(body: unknown, ask: Ask = {}): Promise<Answer> {
    return this.ask("/runs", { method: "POST", body, ...ask });
  }

  #env(changes: NonNullable<Ask["env"]>): Env {
    return { ...env, BACKFILL_ENABLED: "true", RECEIVER_ID: this.name, ...changes } as Env;
  }
}

function done(): OperatorAnswer {
  return { ok: true, status: aStatus(A_RUN_ID), leasesOut: 2, changed: 3, skipped: 0, underWay: false };
}
