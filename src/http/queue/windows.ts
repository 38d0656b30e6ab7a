// The routes of the window queue: queue windows, list, show, cancel, move, pause, resume.
import * as v from "valibot";
import { WINDOW_STATES, type ChangedBy, type MovedTo, type RegistryApi, type WindowAnswer, type WindowOutcome } from "../../contract/windows.ts"; // prettier-ignore
import { runObject } from "../../platform/objects.ts";
import { actorOf } from "../access/actor.ts";
import { readJson } from "../requests/body.ts";
import { answer, type Context, type HttpContext } from "../context.ts";
import { Note, wholeNumber } from "../requests/fields.ts";
import { idempotencyOf } from "../requests/idempotency.ts";
import { MAX_WINDOWS_BODY_BYTES } from "../requests/limits.ts";
import { readListQuery } from "../requests/list-query.ts";
import { problem, type Refusal } from "../problems/problems.ts";
import { queueWindows } from "./queue-windows.ts";
import { readFields } from "../requests/read-fields.ts";
import { RECEIVER, onlyReceiver, receiverContext } from "../requests/receiver-query.ts";
import { withReceiver } from "../registries.ts";
import { badCursorProblem, type RunRoute } from "../runs/run-route.ts";
import { readRequest } from "../requests/read-request.ts";

export async function postWindows(request: Request, context: HttpContext): Promise<Response> {
  const command = await readRequest(request, context, { maxBytes: MAX_WINDOWS_BODY_BYTES });
  if (!command.ok) return problem(command.refusal);
  const keyed = await idempotencyOf(request.headers, command.json);
  if (!keyed.ok) return problem({ code: "invalid_header", errors: [keyed.error] });
  const queued = await queueWindows(command.json, command.actor, keyed.idempotency, context);
  if (!queued.ok) return problem(queued.refusal);
  const { outcomes, queue, receiver, replayed } = queued;
  const isChanged = outcomes.some(({ outcome }) => outcome === "queued" || outcome === "coalesced");
  const headers = { ...retryAfter(outcomes), ...(replayed ? { "Idempotent-Replayed": "true" } : {}) };
  return answer(isChanged ? 202 : 200, { receiver, outcomes, queue }, headers);
}

function retryAfter(outcomes: readonly WindowOutcome[]): Record<string, string> {
  const waits = outcomes.flatMap((one) => ("retry_after_seconds" in one ? [one.retry_after_seconds] : []));
  return waits.length === 0 ? {} : { "Retry-After": String(Math.max(...waits)) };
}

/** The queue of one receiver. The numbers of windows are those of the queue. */
export async function listWindows({ url }: RunRoute, context: Context): Promise<Response> {
  const search = new URL(url).searchParams;
  const read = readListQuery(search, WINDOW_STATES, [RECEIVER]);
  if (!read.ok) return problem(read.refusal);
  const asked = await receiverContext(search, context);
  if (!asked.ok) return problem(asked.refusal);
  const { receiver, context: own } = asked.chosen;
  const listed = await own.registry.listWindows(read.query);
  return listed.ok
    ? answer(200, withReceiver({ ...listed.page, queue: listed.queue }, receiver))
    : badCursorProblem();
}

export async function showWindow({ url, params }: RunRoute, context: Context): Promise<Response> {
  const asked = await onlyReceiver(new URL(url).searchParams, context);
  if (!asked.ok) return problem(asked.refusal);
  const { receiver, context: own } = asked.chosen;
  const id = windowId(params["id"]);
  if (id === null) return unknown(params["id"]);
  return windowAnswer(await own.registry.showWindow(id), id, receiver);
}

export async function cancelWindow(request: Request & RunRoute, context: HttpContext): Promise<Response> {
  const read = await readChange(request, context, {});
  if (!read.ok) return problem(read.refusal);
  const id = windowId(request.params["id"]);
  if (id === null) return unknown(request.params["id"]);
  const done = await read.registry.cancelWindow(id, read.by);
  if (!done.ok) return problem(refusalOf(done, id));
  if (done.abort === null) return answer(200, withReceiver(done.window, read.receiver));
  // A run that was delivered meanwhile refuses the abort. The window is then delivered.
  await runObject(context.env, done.abort).abort({ ...read.by, force: false });
  return answer(202, withReceiver(done.window, read.receiver));
}

const ANY_WINDOW = wholeNumber(1, Number.MAX_SAFE_INTEGER);
/** The fields of a move of a window. Exactly one of `before` and `after` must be given. */
export const MOVE_FIELDS = { before: v.optional(ANY_WINDOW), after: v.optional(ANY_WINDOW) };

export async function moveWindow(request: Request & RunRoute, context: HttpContext): Promise<Response> {
  const read = await readChange(request, context, MOVE_FIELDS);
  if (!read.ok) return problem(read.refusal);
  const to = movedTo(read.fields);
  if (!to) {
    const detail = "expected exactly one of before, after";
    return problem({ code: "invalid_body", errors: [{ pointer: "#", detail }] });
  }
  const id = windowId(request.params["id"]);
  if (id === null) return unknown(request.params["id"]);
  return windowAnswer(await read.registry.moveWindow(id, to, read.by), id, read.receiver);
}

function movedTo({
  before,
  after,
}: {
  before?: number | undefined;
  after?: number | undefined;
}): MovedTo | null {
  if ((before === undefined) === (after === undefined)) return null;
  return before === undefined ? { after: after ?? 0 } : { before };
}

export async function pauseWindows(request: Request & RunRoute, context: HttpContext): Promise<Response> {
  const read = await readChange(request, context, {});
  if (!read.ok) return problem(read.refusal);
  return answer(200, withReceiver(await read.registry.pauseQueue(read.by), read.receiver));
}

export async function resumeWindows(request: Request & RunRoute, context: HttpContext): Promise<Response> {
  const read = await readChange(request, context, {});
  if (!read.ok) return problem(read.refusal);
  return answer(200, withReceiver(await read.registry.resumeQueue(read.by), read.receiver));
}

type Change<Entries extends v.ObjectEntries> =
  | {
      ok: true;
      receiver: string | null;
      registry: RegistryApi;
      by: ChangedBy;
      fields: v.InferOutput<v.ObjectSchema<Entries, undefined>>;
    }
  | { ok: false; refusal: Refusal };

async function readChange<const Entries extends v.ObjectEntries>(
  request: Request & RunRoute,
  context: HttpContext,
  entries: Entries,
): Promise<Change<Entries>> {
  const asked = await onlyReceiver(new URL(request.url).searchParams, context);
  if (!asked.ok) return asked;
  const who = actorOf(request.headers, context);
  if (!who.ok) return who;
  const body = await readJson(request, {});
  if (!body.ok) return body;
  const read = readFields({ ...entries, note: v.optional(Note) }, body.json);
  if (!read.ok) return { ok: false, refusal: { code: "invalid_body", errors: read.errors } };
  const { note } = read.fields as { note?: string };
  const { receiver, context: own } = asked.chosen;
  const by = { actor: who.actor, note: note?.trim() || null };
  return { ok: true, receiver, registry: own.registry, by, fields: read.fields };
}

/** The number of a window in a path. Null: the text is no such number. */
function windowId(text: string | undefined): number | null {
  return /^[1-9]\d{0,14}$/.test(text ?? "") ? Number(text) : null;
}

function unknown(text: string | undefined): Response {
  return problem({ code: "unknown_window", window: text ?? "" });
}

function windowAnswer(done: WindowAnswer, id: number, receiver: string | null): Response {
  return done.ok ? answer(200, withReceiver(done.window, receiver)) : problem(refusalOf(done, id));
}

function refusalOf(refused: Extract<WindowAnswer, { ok: false }>, id: number): Refusal {
  switch (refused.code) {
    case "unknown_window":
      return { code: "unknown_window", window: /\d+/.exec(refused.detail)?.[0] ?? String(id) };
    case "wrong_state":
      return { code: "window_wrong_state", detail: refused.detail };
  }
}
