// The routes about watching for holes: the proposals and events, and the change of the mode.
import * as v from "valibot";
import { AUTO_REPLAY_MODES } from "../../contract/auto-replay.ts";
import { coverageObject } from "../../platform/objects.ts";
import { answer, type Context, type HttpContext } from "../context.ts";
import { Note, oneOf } from "../requests/fields.ts";
import { refuseParameters } from "../requests/list-query.ts";
import { problem } from "../problems/problems.ts";
import { readFields } from "../requests/read-fields.ts";
import type { RunRoute } from "../runs/run-route.ts";
import { readRequest } from "../requests/read-request.ts";

export const SWITCH_FIELDS = { mode: oneOf(...AUTO_REPLAY_MODES), note: v.optional(Note) };

export async function showAutoReplay({ url }: RunRoute, { env }: Context): Promise<Response> {
  const parameters = refuseParameters(new URL(url).searchParams);
  if (parameters) return problem(parameters);
  return answer(200, await coverageObject(env).autoReplay());
}

export async function switchAutoReplay(request: Request & RunRoute, context: HttpContext): Promise<Response> {
  const command = await readRequest(request, context);
  if (!command.ok) return problem(command.refusal);
  const read = readFields(SWITCH_FIELDS, command.json);
  if (!read.ok) return problem({ code: "invalid_body", errors: read.errors });
  const { mode, note } = read.fields;
  const by = { actor: command.actor, note: note?.trim() || null };
  return answer(200, await coverageObject(context.env).switchAutoReplay(mode, by));
}
