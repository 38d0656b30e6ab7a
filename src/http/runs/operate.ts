// The routes for an operator's decisions: settle, retry, pause, resume, change limits. Each request is one command
// with one answer. All rules are in the run. If the run refuses a command, nothing changes.
import type { OperatorAnswer } from "../../contract/operator.ts";
import { limitPointer, readCommand, takesTime, type Verb } from "./commands.ts";
import { answer, type HttpContext } from "../context.ts";
import { problem, type Refusal } from "../problems/problems.ts";
import { type RunRoute, withRun } from "./run-route.ts";
import { readRequest } from "../requests/read-request.ts";

type Handler = (request: Request & RunRoute, context: HttpContext) => Promise<Response>;

/** `target`: whether the path contains the number of a file or of a batch. */
export function operator(verb: Verb, target: "file" | "batch" | null = null): Handler {
  return async (request, context) => {
    const command = await readRequest(request, context, { empty: {} });
    if (!command.ok) return problem(command.refusal);
    return withRun(request, context, async (run, id, { config }) => {
      const number = target === null ? 0 : numberOf(request.params[target]);
      if (target !== null && number === 0) return problem(unknownNumber(target, id, request.params[target]));
      const asked = { json: command.json, actor: command.actor, target: number };
      const read = readCommand(verb, asked, config);
      if (!read.ok) return problem({ code: "invalid_body", errors: read.errors });
      const done = await run.operate(read.command);
      if (!done.ok) return problem(refusalOf(done, id));
      const { status, leasesOut, changed, skipped, underWay } = done;
      const outcome = { leases_out: leasesOut, changed, skipped, under_way: underWay };
      return answer(takesTime(read.command) ? 202 : 200, { ...status, ...outcome });
    });
  };
}

/** The number of a file or batch in the path. 0: the text is no such number. */
function numberOf(text: string | undefined): number {
  return /^[1-9]\d{0,14}$/.test(text ?? "") ? Number(text) : 0;
}

function unknownNumber(target: "file" | "batch", run: string, text: string | undefined): Refusal {
  return { code: `unknown_${target}`, run, detail: `no ${target} ${text?.slice(0, 100) ?? ""}` };
}

function refusalOf(refused: Extract<OperatorAnswer, { ok: false }>, run: string): Refusal {
  const { detail } = refused;
  switch (refused.code) {
    case "unknown_run":
      // The registry lists the run, but the run has not confirmed its start yet.
      return { code: "start_unconfirmed", run };
    case "run_ended":
    case "unknown_file":
    case "unknown_batch":
    case "wrong_state":
    case "nothing_to_accept":
      return { code: refused.code, run, detail };
    case "note_needed":
      return { code: "note_needed", pointer: "#/note", detail };
    case "send_needed":
      return { code: "send_needed", pointer: "#/send", detail };
    case "invalid_value":
      return { code: "invalid_value", pointer: limitPointer(refused.limit), detail };
    case "overlap":
      return { code: "overlap", overlaps: refused.overlaps, detail };
    case "slot_taken":
      return { code: "slot_taken", run: refused.holder };
  }
}
