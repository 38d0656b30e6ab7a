// Reads a request with a body, in the order in which errors are reported: no query parameter, a usable actor, JSON.
import { actorOf } from "../access/actor.ts";
import { readJson } from "./body.ts";
import type { HttpContext } from "../context.ts";
import { refuseParameters } from "./list-query.ts";
import type { Refusal } from "../problems/problems.ts";

export type RequestRead = { ok: true; actor: string; json: unknown } | { ok: false; refusal: Refusal };

/** `empty`: the value of an empty body. Without it, an empty body is refused. */
export async function readRequest(
  request: Request,
  context: HttpContext,
  { empty, maxBytes }: { empty?: unknown; maxBytes?: number } = {},
): Promise<RequestRead> {
  const parameters = refuseParameters(new URL(request.url).searchParams);
  if (parameters) return { ok: false, refusal: parameters };
  const who = actorOf(request.headers, context);
  if (!who.ok) return who;
  const body = await readJson(request, empty, maxBytes);
  return body.ok ? { ok: true, actor: who.actor, json: body.json } : body;
}
