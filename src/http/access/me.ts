// GET /me: the name and the role that the API found for the caller.
import type { MeAnswer } from "../../contract/api/api-types.ts";
import { actorOf } from "./actor.ts";
import { answer, type HttpContext } from "../context.ts";
import { refuseParameters } from "../requests/list-query.ts";
import { problem } from "../problems/problems.ts";
import type { RunRoute } from "../runs/run-route.ts";

export async function showMe({ url, headers }: RunRoute, context: HttpContext): Promise<Response> {
  const parameters = refuseParameters(new URL(url).searchParams);
  if (parameters) return problem(parameters);
  const who = actorOf(headers, context);
  if (!who.ok) return problem(who.refusal);
  const { role, token } = context.caller;
  const me: MeAnswer = {
    actor: who.actor,
    role,
    signed_in_by: token === null ? "access" : "token",
    token: typeof token === "object" ? (token?.name ?? null) : token,
  };
  return answer(200, me);
}
