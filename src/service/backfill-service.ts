// The entrypoint that other Workers of the account bind to. Each method does the same as a route of the HTTP API,
// with the same functions. This file converts arguments and refusals to plain values, and catches every error.
import { WorkerEntrypoint } from "cloudflare:workers";
import type {
  BackfillServiceApi, CallOptions, CoverageAnswer, CoverageBody, HealthAnswer, QueueWindowsAnswer, RunBody, RunStatusAnswer,
  ServiceProps, ServiceRefusal, ServiceRole, StartRunAnswer, WindowsBody,
} from "../contract/service.ts"; // prettier-ignore
import { checkConfig, logLevelOf } from "../platform/config.ts";
import type { Env } from "../platform/env.ts";
import { createLog } from "../platform/log.ts";
import { warnOfMisspeltVars } from "../platform/misspelt-vars.ts";
import { isObjectUnavailable } from "../platform/object-errors.ts";
import { contextOf, type Context } from "../http/context.ts";
import { coverageWithRuns } from "../http/bucket/coverage.ts";
import { readCoverageBody } from "../http/bucket/coverage-query.ts";
import { keyedBy } from "../http/requests/idempotency.ts";
import { MAX_BODY_BYTES, MAX_WINDOWS_BODY_BYTES } from "../http/requests/limits.ts";
import { queueWindows } from "../http/queue/queue-windows.ts";
import { expectedReceivers } from "../http/requests/receiver-query.ts";
import { isKnownReceiver } from "../http/registries.ts";
import { refusalValue } from "../http/problems/refusal-value.ts";
import { statusOf } from "../http/runs/run-route.ts";
import { admitRun } from "../http/runs/start-run.ts";
import type { Idempotency } from "../contract/registry.ts";
import { callerOf } from "./caller.ts";
import { plainValue } from "./plain-value.ts";

/** What a method gets after the checks that all methods share. */
interface Call {
  context: Context;
  actor: string;
  /** The first argument of the call, as plain JSON. */
  json: unknown;
}

/** The answer while a var cannot be used. No role of a caller is known then, so no caller may learn which var is
 * wrong. */
const BAD_CONFIGURATION: ServiceRefusal = {
  ok: false,
  code: "bad_configuration",
  detail: "a var or a secret of the backfill Worker cannot be used; its log names it",
};

export class BackfillService extends WorkerEntrypoint<Env, ServiceProps> implements BackfillServiceApi {
  async queueWindows(body: WindowsBody, options?: CallOptions): Promise<QueueWindowsAnswer> {
    return this.#call("operator", body, MAX_WINDOWS_BODY_BYTES, async ({ context, actor, json }) => {
      const keyed = await idempotencyIn(options, json);
      if (!keyed.ok) return keyed;
      const queued = await queueWindows(withSource(json, actor), actor, keyed.idempotency, context);
      return queued.ok ? queued : refusalValue(queued.refusal);
    });
  }

  async startRun(body: RunBody, options?: CallOptions): Promise<StartRunAnswer> {
    return this.#call("operator", body, MAX_BODY_BYTES, async ({ context, actor, json }) => {
      const keyed = await idempotencyIn(options, json);
      if (!keyed.ok) return keyed;
      const started = await admitRun(json, keyed.idempotency, actor, context);
      if (!started.ok) return refusalValue(started.refusal);
      return { ok: true, replayed: started.replayed, id: started.runId, run: started.status };
    });
  }

  async status(run: string): Promise<RunStatusAnswer> {
    return this.#call("viewer", run, MAX_BODY_BYTES, async ({ context, json }) => {
      const found = await statusOf(typeof json === "string" ? json : "", context);
      return found.ok ? { ok: true, run: found.status } : refusalValue(found.refusal);
    });
  }

  async coverage(range: CoverageBody): Promise<CoverageAnswer> {
    return this.#call("viewer", range, MAX_BODY_BYTES, async ({ context, json }) => {
      const read = readCoverageBody(json, context.now);
      if (!read.ok) return refusalValue(read.refusal);
      const { receiver } = read.query;
      if (!(await isKnownReceiver(context, receiver))) {
        const errors = [{ pointer: "#/receiver", detail: await expectedReceivers(context) }];
        return refusalValue({ code: "invalid_body", errors });
      }
      return { ok: true, coverage: await coverageWithRuns(read.query, context, receiver) };
    });
  }

  async health(): Promise<HealthAnswer> {
    return this.#safely(async () => {
      return this.#open().ok ? { ok: true } : BAD_CONFIGURATION;
    });
  }

  async #call<Answer>(
    needed: ServiceRole,
    argument: unknown,
    maxBytes: number,
    work: (call: Call) => Promise<Answer | ServiceRefusal>,
  ): Promise<Answer | ServiceRefusal> {
    return this.#safely(async () => {
      const opened = this.#open();
      if (!opened.ok) return BAD_CONFIGURATION;
      const { context } = opened;
      const caller = callerOf(this.ctx.props, context.config.bindingRoles, needed);
      if (!caller.ok) return caller;
      const plain = plainValue(argument, maxBytes);
      if (!plain.ok) return refusalValue(plain.refusal);
      return work({ context, actor: caller.actor, json: plain.json });
    });
  }

  #open(): { ok: true; context: Context } | { ok: false } {
    const log = createLog(logLevelOf(this.env));
    warnOfMisspeltVars(this.env, log);
    const checked = checkConfig(this.env);
    if (checked.ok) return { ok: true, context: contextOf(this.env, checked.config, this.ctx, log) };
    log("error", "service.bad_configuration", { faults: checked.faults });
    return { ok: false };
  }

  async #safely<Answer>(work: () => Promise<Answer | ServiceRefusal>): Promise<Answer | ServiceRefusal> {
    try {
      return await work();
    } catch (error) {
      const log = createLog(logLevelOf(this.env));
      if (isObjectUnavailable(error)) {
        log("warn", "service.object_unavailable", { error });
        return refusalValue({ code: "object_unavailable" });
      }
      log("error", "service.unexpected", { error });
      return refusalValue({ code: "internal_error" });
    }
  }
}

/** A caller in an endless loop must not fill the queue. So if the body has no `source`, the caller's name is the
 * source for the cap. */
function withSource(json: unknown, actor: string): unknown {
  const isObject = typeof json === "object" && json !== null && !Array.isArray(json);
  return isObject && !Object.hasOwn(json, "source") ? { ...json, source: actor } : json;
}

type KeyAnswer = { ok: true; idempotency: Idempotency | null } | ServiceRefusal;

/** Reads the idempotency key from the second argument. */
async function idempotencyIn(options: unknown, json: unknown): Promise<KeyAnswer> {
  const plain = options === undefined ? { ok: true as const, json: {} } : plainValue(options, MAX_BODY_BYTES);
  const given = plain.ok ? plain.json : null;
  if (given === null || typeof given !== "object" || Array.isArray(given)) return badOptions("options", "expected an object"); // prettier-ignore
  const { idempotencyKey: key, ...others } = given as { idempotencyKey?: unknown };
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) return badOptions(unknown.slice(0, 200), "unknown option");
  if (key === undefined) return { ok: true, idempotency: null };
  const keyed = await keyedBy(key, json);
  return keyed.ok ? keyed : badOptions("idempotencyKey", keyed.detail);
}

function badOptions(parameter: string, detail: string): ServiceRefusal {
  return {
    ok: false,
    code: "invalid_options",
    detail: `${parameter}: ${detail}`,
    errors: [{ parameter, detail }],
  };
}
