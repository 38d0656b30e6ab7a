// POST /runs: checks the request in the order in which errors are reported, then admits the run with one call.
// Never calls a run's object, because only the registry may create one.
import type { RunStatus } from "../contract/views.ts";
import { actorOf } from "./actor.ts";
import { readJson } from "./body.ts";
import { answer, type Context } from "./context.ts";
import { pointerTo } from "./field-errors.ts";
import { idempotencyOf } from "./idempotency.ts";
import { refuseParameters } from "./list-query.ts";
import { problem } from "./problems.ts";
import { readRunRequest } from "./run-request.ts";

export async function startRun(request: Request, context: Context): Promise<Response> {
  const { config, registry, now } = context;
  const parameters = refuseParameters(new URL(request.url).searchParams);
  if (parameters) return problem(parameters);
  const who = await actorOf(request.headers, context);
  if (!who.ok) return problem(who.refusal);
  const body = await readJson(request);
  if (!body.ok) return problem(body.refusal);
  const keyed = await idempotencyOf(request.headers, body.json);
  if (!keyed.ok) return problem({ code: "invalid_header", errors: [keyed.error] });

  const { idempotency } = keyed;
  if (idempotency) {
    // This check comes before every other check. A repeated request gets the first answer, whatever has changed
    // since.
    const first = await registry.recall(idempotency);
    if (first.ok) return created(first.runId, first.status, true);
    if (first.code === "idempotency_mismatch") return problem({ code: first.code });
  }

  const asked = readRunRequest(body.json, config, who.actor, now);
  if (!asked.ok) return problem(asked.refusal);
  if (!config.enabled) return problem({ code: "disabled" });
  // A dry run sends nothing, so it needs no receiver.
  if (!config.receiver && !asked.wanted.dryRun)
    return problem({ code: "receiver_not_configured", missing: config.missingSecrets });

  const admitted = await registry.admit(asked.wanted, idempotency);
  if (admitted.ok) return created(admitted.runId, admitted.status, admitted.replayed);
  switch (admitted.code) {
    case "slot_taken":
      return problem({ code: "slot_taken", run: admitted.holder });
    case "overlap":
      return problem({
        code: "overlap",
        overlaps: admitted.overlaps,
        detail: `${admitted.detail}; "replay": true sends them again`,
      });
    case "not_continuable":
      return problem({ code: "not_continuable", detail: admitted.detail });
    case "dry_run_under_way":
      return problem({ code: "dry_run_under_way", run: admitted.holder });
    case "plan_not_usable":
    case "plan_outdated": {
      const pointer = pointerTo([admitted.field]);
      return problem({ code: admitted.code, pointer, detail: admitted.detail });
    }
    case "idempotency_mismatch":
      return problem({ code: "idempotency_mismatch" });
    case "unconfirmed":
      return problem({ code: "start_unconfirmed", run: admitted.runId });
  }
}

function created(runId: string, status: RunStatus, replayed: boolean): Response {
  const headers = { Location: `/runs/${runId}`, ...(replayed ? { "Idempotent-Replayed": "true" } : {}) };
  return answer(201, status, headers);
}
