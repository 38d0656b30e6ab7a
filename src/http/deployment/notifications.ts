// The routes about notifications: what the channels did, and a test message.
import * as v from "valibot";
import { notifierObject } from "../../platform/objects.ts";
import { answer, type Context, type HttpContext } from "../context.ts";
import { refuseParameters } from "../requests/list-query.ts";
import { problem } from "../problems/problems.ts";
import { readFields } from "../requests/read-fields.ts";
import type { RunRoute } from "../runs/run-route.ts";
import { readRequest } from "../requests/read-request.ts";

export const TEST_FIELDS = { channel: v.optional(v.string("expected the name of a channel")) };

export async function showNotifications({ url }: RunRoute, { env }: Context): Promise<Response> {
  const parameters = refuseParameters(new URL(url).searchParams);
  if (parameters) return problem(parameters);
  return answer(200, await notifierObject(env).view());
}

/** Answers when every channel has answered or timed out. */
export async function testNotifications(
  request: Request & RunRoute,
  context: HttpContext,
): Promise<Response> {
  const command = await readRequest(request, context, { empty: {} });
  if (!command.ok) return problem(command.refusal);
  const read = readFields(TEST_FIELDS, command.json);
  if (!read.ok) return problem({ code: "invalid_body", errors: read.errors });
  const tested = await notifierObject(context.env).sendTest(read.fields.channel ?? null, command.actor);
  if (tested.ok) return answer(200, { outcomes: tested.outcomes });
  const known = tested.channels.length > 0 ? tested.channels.join(", ") : "none is configured";
  const detail = `expected the name of a channel: ${known}`;
  return problem({ code: "invalid_body", errors: [{ pointer: "#/channel", detail }] });
}
