// POST /runs: checks the request in the order in which errors are reported, then admits the run with one call.
// Never calls a run's Durable Object, because a call creates the Durable Object, and only the registry may create it.
import type { AdmitAnswer, Idempotency } from "../../contract/registry.ts";
import type { RunStatus } from "../../contract/views.ts";
import { answer, type Context, type HttpContext } from "../context.ts";
import { pointerTo } from "../problems/field-errors.ts";
import { idempotencyOf } from "../requests/idempotency.ts";
import { problem, type Refusal } from "../problems/problems.ts";
import { forReceiver, recalled, useReceiver } from "../registries.ts";
import { readRunRequest } from "./run-request.ts";
import { readRequest } from "../requests/read-request.ts";

export async function startRun(request: Request, context: HttpContext): Promise<Response> {
  const command = await readRequest(request, context);
  if (!command.ok) return problem(command.refusal);
  const keyed = await idempotencyOf(request.headers, command.json);
  if (!keyed.ok) return problem({ code: "invalid_header", errors: [keyed.error] });

  const started = await admitRun(command.json, keyed.idempotency, command.actor, context);
  return started.ok ? created(started) : problem(started.refusal);
}

interface StartedRun {
  ok: true;
  runId: string;
  status: RunStatus;
  /** True: an earlier request with this key started the run. */
  replayed: boolean;
}
type StartAnswer = StartedRun | { ok: false; refusal: Refusal };

/** The checks and the admission that POST /runs and the service share. */
export async function admitRun(
  json: unknown,
  idempotency: Idempotency | null,
  actor: string,
  context: Context,
): Promise<StartAnswer> {
  if (idempotency) {
    // This check comes before every other check. A repeated request gets the first answer, whatever has changed
    // since. Every registry is asked, so that a key never starts two runs for two receivers.
    const first = await recalled(context, (registry) => registry.recall(idempotency));
    const known = first?.answer;
    if (known?.ok) return known;
    if (known && known.code !== "unknown_key") return no(refusalOf(known));
  }

  const asked = readRunRequest(json, context.config, actor, context.now);
  if (!asked.ok) return asked;
  const { wanted } = asked;
  const { config, registry } = forReceiver(context, wanted.receiver ?? null);
  if (!config.enabled) return no({ code: "disabled" });
  // A dry run sends nothing, so it needs no receiver.
  if (!config.receiver && !wanted.dryRun)
    return no({ code: "receiver_not_configured", missing: config.missingSecrets });

  await useReceiver(context, wanted.receiver ?? null);
  const admitted =
    wanted.receiver === undefined
      ? await registry.admit(wanted, idempotency)
      : await registry.admitNamed(wanted, idempotency);
  return admitted.ok ? admitted : no(refusalOf(admitted));
}

function refusalOf(refused: Extract<AdmitAnswer, { ok: false }>): Refusal {
  switch (refused.code) {
    case "slot_taken":
    case "dry_run_under_way":
      return { code: refused.code, run: refused.holder };
    case "overlap": {
      const detail = `${refused.detail}; "replay": true sends them again`;
      return { code: "overlap", overlaps: refused.overlaps, detail };
    }
    case "not_continuable":
      return { code: "not_continuable", detail: refused.detail };
    case "plan_not_usable":
    case "plan_outdated":
      return { code: refused.code, pointer: pointerTo([refused.field]), detail: refused.detail };
    case "idempotency_mismatch":
      return { code: "idempotency_mismatch" };
    case "unconfirmed":
      return { code: "start_unconfirmed", run: refused.runId };
  }
}

function no(refusal: Refusal): StartAnswer {
  return { ok: false, refusal };
}

function created({ runId, status, replayed }: StartedRun): Response {
  const headers = { Location: `/runs/${runId}`, ...(replayed ? { "Idempotent-Replayed": "true" } : {}) };
  return answer(201, status, headers);
}
